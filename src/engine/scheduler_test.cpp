#include "engine/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/invariants.h"

namespace r1v {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A prompt of `count` tokens; equal salts begin alike.
ScheduledRequest asked(int64_t count, int64_t salt, int64_t samples = 1, int64_t max_tokens = 100) {
  ScheduledRequest request{.samples = samples, .max_tokens = max_tokens};
  for (int64_t i = 0; i < count; ++i) request.prompt.push_back({.value = 1000 * salt + i});
  return request;
}

SchedulerLimits limits(int64_t max_batch, int64_t pass_tokens, int64_t num_blocks = 1000) {
  return {.max_batch = max_batch, .pass_tokens = pass_tokens, .num_blocks = num_blocks, .block_tokens = 4};
}

/// Starts what can start, makes one pass and gives every sample token 1
/// (drafts, if any, all fit).
StepPlan pass(Scheduler& scheduler) {
  while (const auto name = scheduler.start_next()) scheduler.accept(*name, std::vector<int64_t>{1});
  const StepPlan plan = scheduler.plan();
  EXPECT_THAT(plan_violations(plan, scheduler.snapshot()), IsEmpty());
  scheduler.commit(plan);
  for (const StepPart& part : plan.parts) {
    if (!part.sample || !part.wants_logits) continue;
    scheduler.accept({.request = part.request, .sample = *part.sample},
                     std::vector<int64_t>(static_cast<size_t>(part.drafts + 1), 1));
  }
  EXPECT_THAT(violations(scheduler.snapshot()), IsEmpty());
  return plan;
}

TEST(Scheduler, ReadsPromptsTogetherUpToThePassAndSplitsTheRest) {
  Scheduler scheduler(limits(8, 100));
  scheduler.add(asked(70, 1));
  scheduler.add(asked(70, 2));
  const StepPlan first = pass(scheduler);
  ASSERT_EQ(first.parts.size(), 2U);
  EXPECT_TRUE(first.parts[0].wants_logits);
  EXPECT_EQ(first.parts[1].count, 30);  // 100 - 70
  EXPECT_FALSE(first.parts[1].wants_logits);
  const StepPlan second = pass(scheduler);
  ASSERT_EQ(second.parts.size(), 2U);
  EXPECT_EQ(second.parts[0].sample,
            0);  // the first prompt's sample does not wait for the second prompt
  EXPECT_EQ(second.parts[0].first, 70);
  EXPECT_EQ(second.parts[1].first, 30);
  EXPECT_EQ(second.parts[1].count, 40);
  EXPECT_TRUE(second.parts[1].wants_logits);
}

TEST(Scheduler, SamplesOfOneRequestShareOnePromptAndFillTheBatch) {
  Scheduler scheduler(limits(2, 100));
  scheduler.add(asked(10, 1, 3));
  scheduler.add(asked(10, 2));
  EXPECT_EQ(pass(scheduler).parts.size(),
            1U);  // three samples leave no place for the second request
  const StepPlan both = pass(scheduler);
  ASSERT_EQ(both.parts.size(), 2U);
  EXPECT_EQ(both.copies.size(), 2U);  // of the block with tokens 8 and 9: the
                                      // third sample needs it as it is
  EXPECT_EQ(scheduler.table(both.parts[0].kv)[1], scheduler.table(both.parts[1].kv)[1]);
  scheduler.finish({.request = 0, .sample = 0});
  const StepPlan third = pass(scheduler);
  EXPECT_EQ(third.parts.back().sample, 2);
  EXPECT_THAT(third.copies, IsEmpty());  // the last to start
}

TEST(Scheduler, ASecondPromptWithTheSameBeginningReadsOnlyItsEnd) {
  Scheduler scheduler(limits(4, 100));
  scheduler.add(asked(21, 1));
  scheduler.add(asked(22, 1));
  const StepPlan together = pass(scheduler);
  ASSERT_EQ(together.parts.size(), 2U);
  EXPECT_EQ(together.parts[0].first, 0);
  EXPECT_EQ(together.parts[1].first,
            20);  // five full blocks, stored in this very pass
  scheduler.add(asked(20, 1));
  const StepPlan later = pass(scheduler);
  EXPECT_EQ(later.parts.back().first,
            16);  // the last token is computed, so its block is not taken over
  EXPECT_EQ(later.parts.back().count, 4);
}

TEST(Scheduler, WithoutTheCacheNothingIsShared) {
  SchedulerLimits all_alone = limits(4, 100);
  all_alone.caches_prefixes = false;
  Scheduler scheduler(all_alone);
  scheduler.add(asked(21, 1));
  scheduler.add(asked(21, 1));
  for (const StepPart& part : pass(scheduler).parts) EXPECT_EQ(part.first, 0);
}

TEST(Scheduler, WhenBlocksRunOutTheYoungestIsReadAgainLater) {
  Scheduler scheduler(limits(4, 100, 8));  // 32 tokens
  scheduler.add(asked(11, 1, 1, 12));
  scheduler.add(asked(11, 2, 1, 12));
  std::vector<SampleName> preempted;
  for (int i = 0; i < 7; ++i) {
    const StepPlan plan = pass(scheduler);
    preempted.insert(preempted.end(), plan.preempted.begin(), plan.preempted.end());
  }
  EXPECT_THAT(preempted, ElementsAre(SampleName{.request = 1, .sample = 0}));
  const StepPlan alone = pass(scheduler);
  ASSERT_EQ(alone.parts.size(), 1U);
  EXPECT_EQ(alone.parts[0].request, 0U);
  scheduler.finish({.request = 0, .sample = 0});
  const StepPlan again = pass(scheduler);
  ASSERT_EQ(again.parts.size(), 1U);
  EXPECT_EQ(again.parts[0].sample, 0);
  EXPECT_GT(again.parts[0].count, 1);
  // Its 11 + 6 tokens, of which the cache still has some blocks.
  EXPECT_EQ(again.parts[0].first + again.parts[0].count, 17);
}

TEST(Scheduler, DraftsGetWhatPromptsLeaveAndNeverMoreThanTheAnswerHolds) {
  Scheduler scheduler(limits(2, 10));
  scheduler.add(asked(5, 1, 1, 7));
  pass(scheduler);
  while (const auto name = scheduler.start_next()) scheduler.accept(*name, std::vector<int64_t>{1});
  scheduler.propose({.request = 0, .sample = 0}, 3);
  const StepPlan three = pass(scheduler);
  EXPECT_EQ(three.parts[0].count, 4);
  EXPECT_EQ(three.parts[0].drafts, 3);
  scheduler.propose({.request = 0, .sample = 0}, 9);
  EXPECT_EQ(pass(scheduler).parts[0].drafts,
            1);  // 5 of 7 tokens are there: one guess, and one to draw behind it
}

TEST(Scheduler, WhatCanNeverFitIsRefused) {
  Scheduler scheduler(limits(4, 100, 8));              // 32 tokens
  EXPECT_NO_THROW(scheduler.add(asked(30, 1, 5, 3)));  // the last token is never stored
  try {
    scheduler.add(asked(30, 1, 1, 4));
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("33 tokens, but there is memory for 32"), std::string::npos);
  }
}

TEST(Scheduler, DroppedRequestsLeaveNothingBehind) {
  Scheduler scheduler(limits(2, 5));
  scheduler.add(asked(10, 1));
  scheduler.add(asked(10, 2));
  pass(scheduler);
  scheduler.drop(0);  // half read
  EXPECT_EQ(pass(scheduler).parts.at(0).request, 1U);
  scheduler.drop(1);
  EXPECT_FALSE(scheduler.has_work());
  EXPECT_TRUE(pass(scheduler).is_idle());
  EXPECT_THAT(scheduler.snapshot().blocks.tables, IsEmpty());
}

}  // namespace
}  // namespace r1v
