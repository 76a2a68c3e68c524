// Scores by hand.
#include "recipes/qdam.h"

#include <gtest/gtest.h>

namespace r1v {
namespace {

Json answer(const Json& correct, const std::string& extracted = "") {
  return {{"correct", correct}, {"extracted", extracted}};
}

TEST(Clarity, IsHalfwayAtTheMiddleOfBothScales) {
  EXPECT_DOUBLE_EQ(clarity(100, 448 * 448), 5);
  // variance 300: 10 * 300 / 400 = 7.5; no pixels: 0; their mean is 3.75
  EXPECT_DOUBLE_EQ(clarity(300, 0), 3.75);
  EXPECT_DOUBLE_EQ(clarity(0, 0), 0);
}

TEST(Clarity, AFlatPictureHasOnlyItsSize) {
  // 2 x 1 pixels: 10 * 2 / (2 + 200704) = 9.96e-5, half of it
  const Picture flat{.width = 2, .height = 1, .rgb = std::vector<uint8_t>(6, 9)};
  EXPECT_NEAR(clarity(flat), 4.982e-5, 1e-8);
}

TEST(Necessity, APictureIsNeededWhereOnlyTheSeeingAnswerIsRight) {
  EXPECT_EQ(necessity(answer(true), answer(false)), 10);
  EXPECT_EQ(necessity(answer(true), answer(true)), 0);
  EXPECT_EQ(necessity(answer(false), answer(true)), 0);
  EXPECT_EQ(necessity(answer(false), answer(false)), 5);
}

TEST(Necessity, WhatCannotBeJudgedIsCompared) {
  EXPECT_EQ(necessity(answer(nullptr, "12"), answer(nullptr, "12.0")), 0);
  EXPECT_EQ(necessity(answer(nullptr, "12"), answer(nullptr, "13")), 10);
  EXPECT_EQ(necessity(answer(nullptr, ""), answer(nullptr, "")), 0);
}

TEST(QueryScores, AreMeans) {
  const QueryScores scores{.clarity = 4, .necessity = 10, .quality = 9, .difficulty = 2, .reasoning = 4};
  EXPECT_DOUBLE_EQ(scores.visual(), 7);
  EXPECT_DOUBLE_EQ(scores.textual(), 5);
}

}  // namespace
}  // namespace r1v
