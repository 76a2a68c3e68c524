// Advantages against arithmetic by hand; the frameworks' variants are judged in loss_grpo_test.cpp.
#include "train/advantage.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"

namespace r1v {
namespace {

TEST(GroupAdvantages, DivideByTheDeviationOfTheGroup) {
  // Rewards 1, 0, 0, 1: mean 1/2, squares 4 * 1/4 = 1, deviation sqrt(1 / 3) = 0.57735.
  const auto found = group_advantages({{1.0, 0.0, 0.0, 1.0}}, {.epsilon = 1e-4});
  const double expected = 0.5 / (std::sqrt(1.0 / 3.0) + 1e-4);
  EXPECT_NEAR(found[0][0], expected, 1e-12);
  EXPECT_NEAR(found[0][1], -expected, 1e-12);
}

TEST(GroupAdvantages, CanDivideByTheDeviationOfTheBatchOrByNothing) {
  // All rewards 1, 0, 3, 1, 1: mean 1.2, squares 0.04 + 1.44 + 3.24 + 0.04 + 0.04 = 4.8, deviation sqrt(4.8 / 4).
  const GroupRewards rewards = {{1.0, 0.0}, {3.0, 1.0, 1.0}};
  const auto batch = group_advantages(rewards, {.scale = AdvantageScale::batch, .epsilon = 0});
  EXPECT_NEAR(batch[0][0], 0.5 / std::sqrt(1.2), 1e-12);
  const auto none = group_advantages(rewards, {.scale = AdvantageScale::none});
  EXPECT_NEAR(none[1][0], 3.0 - 5.0 / 3.0, 1e-12);
}

TEST(GroupAdvantages, AreExactlyZeroWhereRewardsOnlyDifferByRounding) {
  const auto found = group_advantages({{0.1 + 0.2, 0.3, 0.3}, {2.0}}, {});
  for (const double advantage : found[0]) EXPECT_EQ(advantage, 0.0);
  EXPECT_EQ(found[1][0], 0.0);  // alone: nothing to compare with
}

TEST(GroupAdvantages, LeaveTheUndecidedOut) {
  // 1, ?, 0: mean 1/2, squares 1/2, deviation sqrt(1/2).
  const auto found = group_advantages({{1.0, std::nullopt, 0.0}}, {.epsilon = 0});
  EXPECT_NEAR(found[0][0], 0.5 / std::sqrt(0.5), 1e-12);
  EXPECT_EQ(found[0][1], 0.0);
}

TEST(GroupAdvantages, RefuseOtherNames) { EXPECT_THROW(parse_advantage_scale("std"), InputError); }

TEST(OverlongPenalty, GrowsInTheLastTokens) {
  // 100 tokens, the last 20 of them punished up to 1: 90 tokens are half way.
  EXPECT_EQ(overlong_penalty(80, 100, 20, 1.0), 0.0);
  EXPECT_NEAR(overlong_penalty(90, 100, 20, 1.0), -0.5, 1e-12);
  EXPECT_NEAR(overlong_penalty(100, 100, 20, 3.0), -3.0, 1e-12);
  EXPECT_EQ(overlong_penalty(10, 100, 20, 1.0), 0.0);
  EXPECT_EQ(overlong_penalty(100, 100, 0, 1.0), 0.0);  // no buffer, no punishment
}

}  // namespace
}  // namespace r1v
