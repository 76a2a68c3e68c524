#include "engine/storm_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <thread>

#include "base/error.h"

namespace r1v::testing_storm {

constexpr size_t kEnough = 5;  // complaints

uint64_t row_behind(uint64_t before, const TokenKey& token) {
  return mix_seed(mix_seed(before, token.picture), static_cast<uint64_t>(token.value));
}

int64_t draw(uint64_t row, int64_t sample) {
  return static_cast<int64_t>(mix_seed(row, static_cast<uint64_t>(sample / 2)) % 20);  // pairs answer alike
}

StormLimits random_limits(Rng& rng, int64_t steps) {
  StormLimits limits{.steps = steps, .requests_at_once = rng.integer(1, 12)};
  limits.scheduler = {.max_batch = rng.integer(1, 7),
                      .pass_tokens = rng.integer(1, 40),
                      .num_blocks = rng.integer(4, 40),
                      .block_tokens = rng.integer(1, 6),
                      .caches_prefixes = rng.chance(0.8),
                      .max_idle_blocks = rng.chance(0.5) ? rng.integer(0, 20) : INT64_MAX};
  return limits;
}

Storm::Storm(uint64_t seed, const StormLimits& limits)
    : rng_(seed),
      limits_(limits),
      scheduler_(limits.scheduler),
      memory_(static_cast<size_t>(limits.scheduler.num_blocks),
              std::vector<uint64_t>(static_cast<size_t>(limits.scheduler.block_tokens))) {}

void Storm::expect(const std::vector<std::string>& violations) {
  for (const std::string& one : violations) {
    if (wrong_.size() < kEnough) wrong_.push_back(cat("step ", counts_.steps, ": ", one));
  }
}

void Storm::add() {
  // Beginnings of a few documents, one of them a picture, with an end of their
  // own.
  ScheduledRequest request{.samples = rng_.integer(1, 5), .max_tokens = rng_.integer(1, 20)};
  const uint64_t document = static_cast<uint64_t>(rng_.integer(0, 2));
  const int64_t shared = rng_.integer(0, 50), own = rng_.integer(shared == 0 ? 1 : 0, 12);
  for (int64_t i = 0; i < shared; ++i) request.prompt.push_back({.picture = document, .value = i % 7});
  for (int64_t i = 0; i < own; ++i) request.prompt.push_back({.value = rng_.integer(0, 3)});
  const auto needed = static_cast<int64_t>(request.prompt.size()) + request.max_tokens - 1;
  const bool fits = needed <= limits_.scheduler.num_blocks * limits_.scheduler.block_tokens;
  try {
    const size_t number = scheduler_.add(request);
    jobs_[number].request = request;
    ++counts_.requests;
    if (!fits) expect({"a request that does not fit was taken"});
  } catch (const InputError& error) {
    if (fits) expect({cat("refused: ", error.what())});
  }
}

void Storm::cancel() {
  auto job = jobs_.begin();
  std::advance(job, rng_.integer(0, static_cast<int64_t>(jobs_.size()) - 1));
  const size_t number = job->first;
  ++counts_.cancelled;
  scheduler_.drop(number);
  for (const int64_t sample : std::set(job->second.live)) {
    scheduler_.finish({.request = number, .sample = sample});
  }
  jobs_.erase(number);
}

std::vector<int64_t> Storm::alone(const ScheduledRequest& request, int64_t sample) const {
  uint64_t row = 0;
  for (const TokenKey& key : request.prompt) row = row_behind(row, key);
  std::vector<int64_t> ids;
  while (static_cast<int64_t>(ids.size()) < request.max_tokens && (ids.empty() || ids.back() != 0)) {
    ids.push_back(draw(row, sample));
    row = row_behind(row, {.value = ids.back()});
  }
  return ids;
}

bool Storm::give(const SampleName& name, uint64_t row, std::vector<int64_t>& ids) {
  Job& job = jobs_.at(name.request);
  std::vector<int64_t>& answer = job.answers[name.sample];
  ids.push_back(draw(row, name.sample));
  answer.push_back(ids.back());
  return ids.back() == 0 || static_cast<int64_t>(answer.size()) == job.request.max_tokens;
}

void Storm::end_if_over(const SampleName& name) {
  Job& job = jobs_.at(name.request);
  const std::vector<int64_t>& answer = job.answers.at(name.sample);
  if (answer.back() != 0 && static_cast<int64_t>(answer.size()) < job.request.max_tokens) return;
  if (answer != alone(job.request, name.sample)) expect({cat("request ", name.request, " answers otherwise alone")});
  scheduler_.finish(name);
  job.live.erase(name.sample);
  if (static_cast<int64_t>(job.answers.size()) == job.request.samples && job.live.empty()) jobs_.erase(name.request);
}

void Storm::start() {
  while (const auto name = scheduler_.start_next()) {
    Job& job = jobs_.at(name->request);
    uint64_t row = 0;
    for (const TokenKey& key : job.request.prompt) row = row_behind(row, key);
    std::vector<int64_t> ids;
    give(*name, row, ids);
    job.live.insert(name->sample);
    scheduler_.accept(*name, ids);
    end_if_over(*name);
  }
}

void Storm::propose() {
  guesses_.clear();
  for (const auto& [number, job] : jobs_) {
    for (const int64_t sample : job.live) {
      const SampleName name{.request = number, .sample = sample};
      std::vector<int64_t> guess;
      const std::vector<int64_t> truth = alone(job.request, sample);
      for (int64_t wish = rng_.integer(-3, 5); wish > 0; --wish) {
        const size_t next = job.answers.at(sample).size() + guess.size();
        guess.push_back(next < truth.size() && rng_.chance(0.7) ? truth[next] : rng_.integer(1, 19));
      }
      scheduler_.propose(name, static_cast<int64_t>(guess.size()));
      guesses_[{number, sample}] = guess;
    }
  }
}

TokenKey Storm::token(const StepPart& part, int64_t index) const {
  const Job& job = jobs_.at(part.request);
  const auto at = static_cast<size_t>(index), prompt = job.request.prompt.size();
  if (at < prompt) return job.request.prompt[at];
  const std::vector<int64_t>& answer = job.answers.at(*part.sample);
  if (at - prompt < answer.size()) return {.value = answer[at - prompt]};
  return {.value = guesses_.at({part.request, *part.sample}).at(at - prompt - answer.size())};
}

std::vector<uint64_t> Storm::rows_of(const StepPart& part) const {
  std::vector<uint64_t> rows;
  for (int64_t i = 0; i < part.first + part.count; ++i) {
    rows.push_back(row_behind(rows.empty() ? 0 : rows.back(), token(part, i)));
  }
  return rows;
}

void Storm::store_part(const StepPart& part) {
  const std::vector<uint64_t> rows = rows_of(part);
  const std::span<const int32_t> table = scheduler_.table(part.kv);
  for (int64_t i = 0; i < part.first + part.count; ++i) {
    const int64_t width = limits_.scheduler.block_tokens;
    uint64_t& held =
        memory_[static_cast<size_t>(table[static_cast<size_t>(i / width)])][static_cast<size_t>(i % width)];
    if (i >= part.first) held = rows[static_cast<size_t>(i)];
    if (held != rows[static_cast<size_t>(i)]) {
      expect({cat("token ", i, " of request ", part.request, " stands wrong in the memory")});
      return;
    }
  }
}

void Storm::answer(const StepPart& part) {
  if (!part.wants_logits || !part.sample) return;
  const SampleName name{.request = part.request, .sample = *part.sample};
  const std::vector<uint64_t> rows = rows_of(part);
  std::vector<int64_t> ids;
  for (int64_t i = part.count - part.drafts - 1; i < part.count; ++i) {
    const bool is_over = give(name, rows[static_cast<size_t>(part.first + i)], ids);
    if (is_over || i + 1 == part.count) break;
    if (guesses_.at({part.request, *part.sample}).at(ids.size() - 1) != ids.back()) break;
    ++counts_.accepted;
  }
  scheduler_.accept(name, ids);
  end_if_over(name);
}

void Storm::carry_out(const StepPlan& plan) {
  for (const BlockCopy& copy : plan.copies) {
    memory_[static_cast<size_t>(copy.to)] = memory_[static_cast<size_t>(copy.from)];
  }
  for (const StepPart& part : plan.parts) store_part(part);
  for (const StepPart& part : plan.parts) {
    counts_.drafts += part.drafts;
    Job& job = jobs_.at(part.request);
    if (!part.sample && !job.is_begun && part.first > 0) ++counts_.adopted;
    job.is_begun = true;
  }
  counts_.preempted += static_cast<int64_t>(plan.preempted.size());
  counts_.copies += static_cast<int64_t>(plan.copies.size());
  scheduler_.commit(plan);
  for (const StepPart& part : plan.parts) answer(part);
}

std::vector<std::string> Storm::run() {
  for (; counts_.steps < limits_.steps || scheduler_.has_work(); ++counts_.steps) {
    const bool is_over = counts_.steps >= limits_.steps;
    if (!is_over && static_cast<int64_t>(jobs_.size()) < limits_.requests_at_once && rng_.chance(0.4)) add();
    if (!jobs_.empty() && rng_.chance(0.02)) cancel();
    start();
    propose();
    const StepPlan plan = scheduler_.plan();
    const Scheduler::Snapshot planned = scheduler_.snapshot();
    expect(plan_violations(plan, planned));
    expect(violations(planned));
    carry_out(plan);
    if (!wrong_.empty()) return wrong_;
    if (counts_.steps > limits_.steps + 100000) return {"the storm does not end"};
  }
  const Scheduler::Snapshot calm = scheduler_.snapshot();
  expect(violations(calm));
  if (!calm.blocks.tables.empty() || !jobs_.empty()) expect({"something is left of the storm"});
  return wrong_;
}

namespace {

/// One storm of 1,000 steps for each seed; what happened in all of them
/// together.
Storm::Counts storms(uint64_t first_seed, uint64_t count) {
  Storm::Counts sum;
  for (uint64_t seed = first_seed; seed < first_seed + count; ++seed) {
    Rng rng(seed);
    Storm storm(seed, random_limits(rng, 1000));
    EXPECT_THAT(storm.run(), testing::IsEmpty()) << "seed " << seed;
    const Storm::Counts& one = storm.counts();
    sum.steps += one.steps;
    sum.requests += one.requests;
    sum.preempted += one.preempted;
    sum.adopted += one.adopted;
    sum.accepted += one.accepted;
    sum.copies += one.copies;
    sum.cancelled += one.cancelled;
    if (testing::Test::HasFailure()) break;
  }
  std::cout << "seeds " << first_seed << " to " << first_seed + count - 1 << ": " << sum.steps << " steps, "
            << sum.requests << " requests, " << sum.cancelled << " cancelled, " << sum.preempted << " preemptions, "
            << sum.adopted << " prompts with a cached beginning, " << sum.accepted << " drafts accepted, " << sum.copies
            << " blocks copied\n";
  return sum;
}

TEST(Storm, AHundredThousandStepsBreakNoRuleAndEveryAnswerIsTheOneGivenAlone) {
  const Storm::Counts sum = storms(0, 100);
  EXPECT_GE(sum.steps, 100000);
  // The storms do contain what they are about.
  EXPECT_GT(sum.preempted, 1000);
  EXPECT_GT(sum.adopted, 1000);
  EXPECT_GT(sum.accepted, 1000);
  EXPECT_GT(sum.copies, 1000);
  EXPECT_GT(sum.cancelled, 1000);
}

TEST(Storm, StormsOnSeveralThreadsShareNothing) {
  std::vector<std::thread> threads;
  for (uint64_t first = 100; first < 120; first += 5) threads.emplace_back([first] { storms(first, 5); });
  for (std::thread& thread : threads) thread.join();
}

// Minutes: engine_test --gtest_also_run_disabled_tests
// --gtest_filter=*AnHourOf*
TEST(Storm, DISABLED_AnHourOfBadWeather) { storms(1000, 5000); }

}  // namespace
}  // namespace r1v::testing_storm
