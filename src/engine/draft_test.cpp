#include "engine/draft.h"

#include <gtest/gtest.h>

namespace r1v {
namespace {

using Ids = std::vector<int64_t>;

TEST(Draft, WhatFollowedOnTheSameTokensIsGuessed) {
  EXPECT_EQ(look_up_draft(Ids{1, 2, 3, 4, 5, 9, 1, 2}, {.max_tokens = 3}), (Ids{3, 4, 5}));
  EXPECT_EQ(look_up_draft(Ids{1, 2, 3, 4, 5, 9, 1, 2}, {.max_tokens = 1}), (Ids{3}));
}

TEST(Draft, TheLongestMatchWinsAndOfEqualOnesTheLast) {
  EXPECT_EQ(look_up_draft(Ids{7, 1, 2, 50, 8, 1, 2, 60, 7, 1, 2}, {.max_tokens = 1}), (Ids{50}));
  EXPECT_EQ(look_up_draft(Ids{1, 2, 50, 1, 2, 60, 1, 2}, {.max_tokens = 1}), (Ids{60}));
}

TEST(Draft, ATextThatRepeatsItselfIsContinued) {
  EXPECT_EQ(look_up_draft(Ids{5, 5, 5, 5}, {.max_tokens = 3}), (Ids{5, 5, 5}));
  EXPECT_EQ(look_up_draft(Ids{1, 2, 3, 9, 1, 2}, {.max_tokens = 6}), (Ids{3, 9, 1, 2, 3, 9}));
}

TEST(Draft, NothingIsGuessedWithoutAMatchOrWhenNoneIsWanted) {
  EXPECT_TRUE(look_up_draft(Ids{1, 2, 3, 4}, {.max_tokens = 3}).empty());
  EXPECT_TRUE(look_up_draft(Ids{9, 1, 2, 1}, {.max_tokens = 3}).empty());  // one token alone
  EXPECT_TRUE(look_up_draft(Ids{1, 2, 3, 1, 2}, {}).empty());
  EXPECT_TRUE(look_up_draft(Ids{}, {.max_tokens = 3}).empty());
  EXPECT_TRUE(look_up_draft(Ids{1}, {.max_tokens = 3}).empty());
}

}  // namespace
}  // namespace r1v
