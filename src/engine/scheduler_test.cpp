#include "engine/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/rng.h"

namespace r1v {
namespace {

using Kind = StepPlan::Kind;

TEST(Scheduler, ReadsPromptsTogetherUpToTheChunkAndSplitsTheRest) {
  Scheduler scheduler({.max_batch = 8, .prefill_chunk = 100});
  scheduler.add(70, 1);
  scheduler.add(70, 1);
  const StepPlan first = scheduler.plan();
  ASSERT_EQ(first.kind, Kind::prefill);
  ASSERT_EQ(first.chunks.size(), 2U);
  EXPECT_TRUE(first.chunks[0].is_last);
  EXPECT_EQ(first.chunks[1].count, 30);  // 100 - 70
  EXPECT_FALSE(first.chunks[1].is_last);
  scheduler.commit(first);
  const StepPlan second = scheduler.plan();
  ASSERT_EQ(second.chunks.size(), 1U);
  EXPECT_EQ(second.chunks[0].past, 30);
  EXPECT_EQ(second.chunks[0].count, 40);
  EXPECT_TRUE(second.chunks[0].is_last);
}

TEST(Scheduler, SamplesOfOneRequestShareOnePromptAndFillTheBatch) {
  Scheduler scheduler({.max_batch = 2, .prefill_chunk = 100});
  scheduler.add(10, 3);
  scheduler.add(10, 1);
  const StepPlan plan = scheduler.plan();
  ASSERT_EQ(plan.chunks.size(), 1U);  // three samples leave no place for the second request
  scheduler.commit(plan);
  const auto first = scheduler.start_next();
  const auto second = scheduler.start_next();
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(second->is_last_of_request);
  EXPECT_FALSE(scheduler.start_next());  // the batch is full
  EXPECT_EQ(scheduler.plan().kind, Kind::decode);
  scheduler.finish(first->name);
  const auto third = scheduler.start_next();
  ASSERT_TRUE(third);
  EXPECT_EQ(third->name, (SampleName{.request = 0, .sample = 2}));
  EXPECT_TRUE(third->is_last_of_request);
}

TEST(Scheduler, DroppedRequestsLeaveNothingBehind) {
  Scheduler scheduler({.max_batch = 2, .prefill_chunk = 5});
  scheduler.add(10, 1);
  scheduler.add(10, 1);
  scheduler.commit(scheduler.plan());
  scheduler.drop(0);  // half read
  EXPECT_EQ(scheduler.plan().chunks.at(0).request, 1U);
  scheduler.drop(1);
  EXPECT_FALSE(scheduler.has_work());
  EXPECT_EQ(scheduler.plan().kind, Kind::idle);
}

// What a storm has seen of one request.
struct Seen {
  int64_t prompt_tokens = 0;
  int64_t samples = 0;
  int64_t read = 0;
  int64_t started = 0;
  int64_t finished = 0;
  bool is_dropped = false;
};

void check_plan(const StepPlan& plan, const SchedulerLimits& limits, const std::map<size_t, Seen>& seen) {
  int64_t tokens = 0;
  for (const StepPlan::Chunk& chunk : plan.chunks) {
    const Seen& request = seen.at(chunk.request);
    EXPECT_FALSE(request.is_dropped);
    EXPECT_EQ(chunk.past, request.read);
    EXPECT_GT(chunk.count, 0);
    EXPECT_EQ(chunk.is_last, chunk.past + chunk.count == request.prompt_tokens);
    tokens += chunk.count;
  }
  EXPECT_LE(tokens, limits.prefill_chunk);
  EXPECT_LE(plan.samples.size(), static_cast<size_t>(limits.max_batch));
}

void storm(uint64_t seed) {
  Rng rng(seed);
  const SchedulerLimits limits{.max_batch = rng.integer(1, 6), .prefill_chunk = rng.integer(1, 50)};
  Scheduler scheduler(limits);
  std::map<size_t, Seen> seen;
  int to_add = 30;
  for (int step = 0; to_add > 0 || scheduler.has_work(); ++step) {
    ASSERT_LT(step, 20000) << "the storm does not end";
    if (to_add > 0 && rng.chance(0.3)) {
      const Seen request{.prompt_tokens = rng.integer(1, 120), .samples = rng.integer(1, 9)};
      seen[scheduler.add(request.prompt_tokens, request.samples)] = request;
      --to_add;
    }
    if (!seen.empty() && rng.chance(0.02)) {
      const size_t request = static_cast<size_t>(rng.integer(0, static_cast<int64_t>(seen.size()) - 1));
      scheduler.drop(request);
      seen[request].is_dropped = true;
    }
    while (const auto start = scheduler.start_next()) {
      Seen& request = seen.at(start->name.request);
      EXPECT_FALSE(request.is_dropped);
      EXPECT_EQ(request.read, request.prompt_tokens);
      EXPECT_EQ(start->name.sample, request.started++);
      EXPECT_EQ(start->is_last_of_request, request.started == request.samples);
    }
    const StepPlan plan = scheduler.plan();
    check_plan(plan, limits, seen);
    scheduler.commit(plan);
    for (const StepPlan::Chunk& chunk : plan.chunks) seen.at(chunk.request).read += chunk.count;
    for (const SampleName& name : plan.samples) {
      if (!rng.chance(0.1)) continue;
      scheduler.finish(name);
      ++seen.at(name.request).finished;
    }
    EXPECT_THAT(scheduler.violations(), testing::IsEmpty());
  }
  for (const auto& [number, request] : seen) {
    EXPECT_EQ(request.finished, request.started) << number;
    if (request.is_dropped) continue;
    EXPECT_EQ(request.finished, request.samples) << number;
  }
}

TEST(Scheduler, StormsEndWithEverySampleStartedAndFinishedOnce) {
  for (uint64_t seed = 0; seed < 50; ++seed) storm(seed);
}

}  // namespace
}  // namespace r1v
