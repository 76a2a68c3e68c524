// Who wins an election, by hand.
#include "verify/elect.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace r1v {
namespace {

const std::vector<Candidate> kCandidates = {
    {.text = "\\boxed{3}", .score = 0.1},
    {.text = "so \\boxed{1/2}", .score = 0.3},
    {.text = "\\boxed{0.5}", .score = 0.2},
    {.text = "\\boxed{7}", .score = 2.0},
    {.text = "no answer at all, only words about it that never come to an end", .score = 5.0}};

TEST(Elect, TheJudgeTakesTheHighestScore) { EXPECT_EQ(elect(kCandidates, ElectionRule::judge), 4u); }

TEST(Elect, EqualAnswersVoteTogether) {
  // 1/2 and 0.5 are two voices for one answer; of the two the one with 0.3 is taken
  EXPECT_EQ(elect(kCandidates, ElectionRule::vote, AnswerKind::number), 1u);
}

TEST(Elect, WeightsAreExponentialsOfScores) {
  // exp(0.3) + exp(0.2) = 2.57 for one half against exp(2.0) = 7.39 for 7
  const auto four = std::span(kCandidates).first(4);
  EXPECT_EQ(elect(four, ElectionRule::weighted, AnswerKind::number), 3u);
}

TEST(Elect, WhatSaysNothingIsNotJudgedAndComesLast) {
  std::vector<Candidate> candidates = {{.text = "four"}, {.text = " \r\n\t"}, {.text = ""}, {.text = "five"}};
  const std::vector<size_t> places = places_to_judge(candidates);
  EXPECT_EQ(places, (std::vector<size_t>{0, 3}));
  put_scores(places, {2.5, 2.0}, candidates);
  EXPECT_EQ(candidates[0].score, 2.5);
  EXPECT_EQ(candidates[1].score, 1.0);  // one less than 2.0
  EXPECT_EQ(candidates[2].score, 1.0);
  EXPECT_EQ(candidates[3].score, 2.0);
  std::vector<Candidate> silent = {{.text = ""}};
  put_scores({}, {}, silent);
  EXPECT_EQ(silent[0].score, -1.0);
}

TEST(Elect, RulesKeepTheirNames) {
  for (const char* name : {"judge", "vote", "weighted"}) EXPECT_STREQ(election_rule_name(election_rule(name)), name);
}

TEST(Elect, ATieGoesToTheFirst) {
  const std::vector<Candidate> two = {{.text = "\\boxed{4}"}, {.text = "\\boxed{5}"}};
  EXPECT_EQ(elect(two, ElectionRule::vote), 0u);
}

TEST(Elect, WithoutAnyAnswerTheFirstIsTaken) {
  const std::vector<Candidate> none = {{.text = "<think> and then"}, {.text = "<think> or else"}};
  EXPECT_EQ(elect(none, ElectionRule::vote), 0u);
}

TEST(Elect, ScoresAreNeededToJudge) {
  const std::vector<Candidate> none = {{.text = "\\boxed{4}"}};
  EXPECT_ANY_THROW(elect(none, ElectionRule::judge));
  EXPECT_THROW(election_rule("luck"), InputError);
}

}  // namespace
}  // namespace r1v
