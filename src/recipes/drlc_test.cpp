// The penalty by hand.
#include "recipes/drlc.h"

#include <gtest/gtest.h>

#include <cmath>

namespace r1v {
namespace {

TEST(MinMax, LeastBecomesZeroAndMostOne) {
  EXPECT_EQ(min_max(std::vector<double>{2, 6, 4}), (std::vector<double>{0, 1, 0.5}));
  EXPECT_EQ(min_max(std::vector<double>{-1, 3}), (std::vector<double>{0, 1}));
}

TEST(MinMax, EqualValuesSayNothing) {
  EXPECT_EQ(min_max(std::vector<double>{7, 7, 7}), (std::vector<double>{0.5, 0.5, 0.5}));
  EXPECT_EQ(min_max(std::vector<double>{7}), (std::vector<double>{0.5}));
  EXPECT_EQ(min_max({}), std::vector<double>{});
}

TEST(LengthPenalty, RunsFromOneToTwo) {
  // The hardest: all scores 1, exp(0) = 1. The easiest: all 0, exp(ln 2) = 2.
  EXPECT_DOUBLE_EQ(length_penalty(1, 1, 1, {}), 1);
  EXPECT_DOUBLE_EQ(length_penalty(0, 0, 0, {}), 2);
  // (0.5 + 0.25 + 0) / 3 = 0.25: 2^0.75 = 1.681793
  EXPECT_NEAR(length_penalty(0.5, 0.25, 0, {}), 1.681793, 1e-6);
}

TEST(LengthPenalty, WeightsAndCap) {
  // alpha 1, beta 2, gamma 1: (0.4 + 2 * 0.8 + 0) / 4 = 0.5, exp(0.5) = 1.648721
  EXPECT_NEAR(length_penalty(0.4, 0.8, 0, {.alpha = 1, .beta = 2, .gamma = 1}), 1.648721, 1e-6);
  // alpha 3: exp(3 * 0.5) = 4.48, capped
  EXPECT_EQ(length_penalty(0.5, 0.5, 0.5, {.alpha = 3}), 2);
}

}  // namespace
}  // namespace r1v
