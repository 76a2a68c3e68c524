// Questions and the patterns that a reader finds in them.
#include "recipes/vtia.h"

#include <gtest/gtest.h>

namespace r1v {
namespace {

double score(const std::string& question) { return integration_score(find_patterns(question)); }

TEST(IntegrationPatterns, WhyAndHowWithAPresuppositionAreDeep) {
  EXPECT_TRUE(find_patterns("Why does the current still flow?").asks_why);
  EXPECT_TRUE(find_patterns("How does the pressure change after the valve opens?").asks_why);
  EXPECT_FALSE(find_patterns("Why?").asks_why);
  EXPECT_FALSE(find_patterns("How many of the balls are red?").asks_why);  // a quantity, not a manner
}

TEST(IntegrationPatterns, SeveralThingsAndTheirPlaceAreDeep) {
  EXPECT_TRUE(find_patterns("What lies between the cross and the triangle?").relates_things);
  EXPECT_FALSE(find_patterns("Is it on the left?").relates_things);
}

TEST(IntegrationPatterns, TwoDifferentTechnicalTermsAreDeep) {
  EXPECT_TRUE(find_patterns("Find the radius if the two angles are equal.").is_technical);
  EXPECT_FALSE(find_patterns("Angle or angles?").is_technical);
}

TEST(IntegrationPatterns, WhatIsTheAndNamingAreShallow) {
  EXPECT_TRUE(find_patterns("Where is the cat?").asks_what);
  EXPECT_TRUE(find_patterns("Which car is the fastest?").asks_what);
  EXPECT_FALSE(find_patterns("What follows?").asks_what);
  EXPECT_TRUE(find_patterns("What is this?").names_things);
  EXPECT_TRUE(find_patterns("What colour has it?").names_things);
  EXPECT_TRUE(find_patterns("Read it aloud.").names_things);
}

TEST(IntegrationPatterns, AQuestionThatSpeaksOfNothingSeenNeedsNoPicture) {
  EXPECT_TRUE(find_patterns("How heavy is one moon?").needs_no_picture);
  EXPECT_FALSE(find_patterns("How heavy is one moon in the picture?").needs_no_picture);
}

TEST(IntegrationScore, FiveMoreAThirdForEveryPattern) {
  // why + the; left + two "the"; force and mass: 5 + 3 * 5/3 = 10
  EXPECT_DOUBLE_EQ(score("Why does the force on the mass left of the wall grow?"), 10);
  // what is the; what colour; nothing seen is spoken of: 5 - 3 * 5/3 = 0
  EXPECT_DOUBLE_EQ(score("What is the name of it?"), 0);
  EXPECT_DOUBLE_EQ(score("Do you see it?"), 5);
  EXPECT_DOUBLE_EQ(score(""), 5 - 5.0 / 3);
}

}  // namespace
}  // namespace r1v
