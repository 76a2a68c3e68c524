// A run of honest samples with one of each trick among them.
#include "report/suspicion.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace r1v {
namespace {

SampleLine honest(int i) {
  SampleLine sample;
  sample.step = i;
  sample.question = "How many more apples than pears were sold?";
  sample.text = "4 apples, 1 pear.</think>\\boxed{3}";
  sample.gold = "3";
  sample.is_judged = true;
  sample.accuracy = i % 2;
  sample.format = 1;
  sample.reward = 1 + i % 2;
  sample.advantage = i % 2 == 1 ? 1 : -1;
  sample.length = 50 + i % 5;
  return sample;
}

std::vector<SampleLine> honest_run() {
  std::vector<SampleLine> samples;
  for (int i = 0; i < 40; ++i) samples.push_back(honest(i));
  return samples;
}

Suspicion suspicion_of(const SampleLine& sample) {
  std::vector<SampleLine> samples = honest_run();
  samples.push_back(sample);
  return find_suspicious(samples).back();
}

bool has(const Suspicion& suspicion, SignKind kind) {
  return std::ranges::any_of(suspicion.signs, [&](const Sign& sign) { return sign.kind == kind; });
}

TEST(Suspicion, HonestSamplesHaveNone) {
  for (const Suspicion& suspicion : find_suspicious(honest_run())) {
    EXPECT_EQ(suspicion.score, 0);
    EXPECT_TRUE(suspicion.signs.empty());
  }
}

TEST(Suspicion, TheRankPutsEqualsInTheMiddle) {
  const auto found = find_suspicious(honest_run());
  EXPECT_DOUBLE_EQ(found[0].reward_rank, 0.25);  // 20 of 40 are equal: (0 + 10) / 40
  EXPECT_DOUBLE_EQ(found[1].reward_rank, 0.75);  // (20 + 10) / 40
}

TEST(Suspicion, AWrongAnswerWithAHighRewardLeads) {
  SampleLine sample = honest(1);
  sample.accuracy = 0;
  sample.reward = 2.5;
  const Suspicion suspicion = suspicion_of(sample);
  ASSERT_TRUE(has(suspicion, SignKind::wrong));
  EXPECT_EQ(suspicion.signs[0].why, "wrong, yet its reward is at percentile 99 of the run, and its advantage is +1");
  EXPECT_DOUBLE_EQ(suspicion.score, 3 * 40.5 / 41);
}

TEST(Suspicion, EverySignIsFound) {
  SampleLine undecided = honest(1), malformed = honest(1), brief = honest(1), letters = honest(1), copy = honest(1);
  undecided.accuracy = undecided.reward = std::nullopt;
  undecided.reasons = {{"accuracy", "work limit"}};
  malformed.format = 0;
  malformed.reasons = {{"format", "no box"}};
  brief.length = 5;
  letters.gold = "B";
  letters.text = "</think>\\boxed{A, B}";
  copy.text = "How many more apples than pears were sold? 3</think>\\boxed{3}";
  EXPECT_EQ(suspicion_of(undecided).signs.at(0).why, "nobody could decide whether it is right: work limit");
  EXPECT_EQ(suspicion_of(undecided).score, 1);  // 0.5 x 2
  EXPECT_EQ(suspicion_of(malformed).signs.at(0).why, "bad form: no box");
  EXPECT_EQ(suspicion_of(brief).signs.at(0).why, "very short: 5 tokens, where 52 are usual");
  EXPECT_TRUE(has(suspicion_of(letters), SignKind::boxes));
  EXPECT_TRUE(has(suspicion_of(copy), SignKind::repeat));
}

TEST(Suspicion, TheSameSignWeighsMoreWithAHigherReward) {
  SampleLine low = honest(0), high = honest(1);
  low.format = high.format = 0;
  EXPECT_LT(suspicion_of(low).score, suspicion_of(high).score);
}

TEST(Suspicion, LengthsAreComparedWithTheSamplesAround) {
  std::vector<SampleLine> samples;  // answers grow from 50 to 5000 tokens without any of them being odd
  for (int i = 0; i < 400; ++i) {
    samples.push_back(honest(i));
    samples.back().length = 50 + 12 * i;
  }
  const auto found = find_suspicious(samples);
  EXPECT_FALSE(has(found[399], SignKind::length));
  EXPECT_FALSE(has(found[60], SignKind::length));
}

TEST(Suspicion, WhatNobodyJudgedIsInnocent) {
  SampleLine sample;
  sample.text = "\\boxed{1}\\boxed{2}";
  const auto found = find_suspicious({sample});
  EXPECT_EQ(found[0].score, 0);
  EXPECT_TRUE(found[0].signs.empty());
  EXPECT_TRUE(find_suspicious({}).empty());
}

}  // namespace
}  // namespace r1v
