// Sums by hand, and outputs that try to be paid without answering.
#include "verify/answer_reward.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.h"

namespace r1v {
namespace {

AnswerReward judged(std::string_view gold, std::string_view output, AnswerKind kind = AnswerKind::any) {
  return answer_reward(gold, output, kind, reward_weights("r1v1"));
}

TEST(AnswerReward, AddsItsPartsByThePresetsWeights) {
  const std::string_view good = "7 * 6</think>So it is \\boxed{42}.", bare = "7 * 6</think>So it is 42.";
  EXPECT_DOUBLE_EQ(answer_reward("42", good, AnswerKind::any, reward_weights("r1v1")).total, 2);    // 1 + 1
  EXPECT_DOUBLE_EQ(answer_reward("42", bare, AnswerKind::any, reward_weights("r1v1")).total, 1);    // 1 + 0
  EXPECT_DOUBLE_EQ(answer_reward("41", good, AnswerKind::any, reward_weights("r1v1")).total, 1);    // 0 + 1
  EXPECT_DOUBLE_EQ(answer_reward("42", good, AnswerKind::any, reward_weights("r1v3")).total, 1);    // 0.8 + 0.2
  EXPECT_DOUBLE_EQ(answer_reward("42", bare, AnswerKind::any, reward_weights("r1v3")).total, 0.8);  // 0.8 + 0
  EXPECT_DOUBLE_EQ(answer_reward("41", good, AnswerKind::any, reward_weights("r1v3")).total, 0.2);  // 0 + 0.2
  const AnswerReward reward = answer_reward("42", good, AnswerKind::any, reward_weights("r1v2"), 5.0);
  EXPECT_DOUBLE_EQ(reward.total, 2 + 1 / (1 + std::exp(-1.0)));  // sigmoid(5 / 5) = 0.731
  EXPECT_EQ(reward.model_raw, 5.0);
  EXPECT_NEAR(*reward.model, 0.7310585786, 1e-9);
  for (const std::string& reason : {reward.accuracy_reason, reward.format_reason, reward.model_reason}) {
    EXPECT_FALSE(reason.empty());
  }
}

TEST(AnswerReward, ScalesTheModelsScore) {
  const auto model_part = [](ModelScale scale, double score) {
    const RewardWeights weights = {.accuracy = 0, .format = 0, .model = 2, .scale = scale, .scale_width = 4};
    return answer_reward("1", "2", AnswerKind::any, weights, score).total;
  };
  EXPECT_DOUBLE_EQ(model_part(ModelScale::raw, -7), -14);
  EXPECT_DOUBLE_EQ(model_part(ModelScale::clip, 3), 1.5);   // 2 * 3 / 4
  EXPECT_DOUBLE_EQ(model_part(ModelScale::clip, -15), -2);  // 2 * -1
  EXPECT_DOUBLE_EQ(model_part(ModelScale::sigmoid, 0), 1);  // 2 * 0.5
  EXPECT_EQ(model_scale("clip"), ModelScale::clip);
}

TEST(AnswerReward, RefusesWhatWouldBeASilentZero) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(answer_reward("1", "1", AnswerKind::any, reward_weights("r1v2")), InputError);
  EXPECT_THROW(answer_reward("1", "1", AnswerKind::any, reward_weights("r1v2"), nan), InputError);
  EXPECT_THROW(answer_reward("1", "1", AnswerKind::any, {.model = 1, .scale_width = 0}, 1.0), InputError);
  EXPECT_THROW(reward_weights("r1v9"), InputError);
  EXPECT_THROW(model_scale("tanh"), InputError);
  const AnswerReward open = judged("", "</think>\\boxed{1}");
  EXPECT_FALSE(open.is_decided());
  EXPECT_FALSE(open.accuracy_reason.empty());
}

TEST(CheckFormat, WantsOneThoughtThenOneBox) {
  for (const char* good : {"why</think>\\boxed{1}", "<think>why</think>\n\nIt is $\\boxed{\\frac{1}{2}}$.",
                           "\n<think>\nwhy</think> \\boxed {x}", "</think>\\boxed{1}",
                           "first \\boxed{8}, then \\boxed{9}</think>Answer: \\boxed{9}"}) {
    EXPECT_TRUE(check_format(good).is_good) << good << ": " << check_format(good).reason;
  }
  for (const char* bad : {"",
                          "\\boxed{1}",
                          "why</think>",
                          "why</think>It is 1.",
                          "it is \\boxed{1}</think>It is 1.",
                          "why</think>\\boxed{1} or \\boxed{2}",
                          "why</think>\\boxed{\\boxed{1}}",
                          "why</think>\\boxed{}",
                          "why</think>\\boxed{ }",
                          "why</think>\\boxed{$$}",
                          "why</think>\\boxed{1",
                          "why</think>\\boxed 1",
                          "why</think>\\boxed{1}</think>",
                          "why</think>hm</think>\\boxed{1}",
                          "a<think>why</think>\\boxed{1}",
                          "<think>a</think><think>b</think>\\boxed{1}",
                          "<think><think>a</think>\\boxed{1}",
                          "why</think><think>\\boxed{1}",
                          "why</think>Answer: \\boxed{$LETTER}",
                          "why</think>Answer: \\boxed{$FINAL_ANSWER}"}) {
    EXPECT_FALSE(check_format(bad).is_good) << bad;
    EXPECT_FALSE(check_format(bad).reason.empty());
  }
  EXPECT_FALSE(check_format("why</think>\\boxed{1}", false).is_good);
  EXPECT_TRUE(check_format("<think>why</think>\\boxed{1}", false).is_good);
}

struct Attempt {
  const char* gold;
  const char* output;
  double format;
};

TEST(AnswerReward, PaysNoAccuracyForTricks) {
  const Attempt kAttempts[] = {
      // several answers in one box
      {"3", "</think>\\boxed{3, 4}", 1},
      {"3", "</think>\\boxed{3 or 4}", 1},
      {"3", "</think>\\boxed{3 \\text{ or } 4}", 1},
      {"3", "</think>\\boxed{3 (or 4)}", 1},
      {"3", "</think>\\boxed{3/4/5}", 1},
      {"3", "</think>\\boxed{x=3, x=4}", 1},
      {"3", "</think>\\boxed{3 \\neq 4}", 1},
      {"3", "</think>\\boxed{\\{3, 4\\}}", 1},
      {"3", "</think>\\boxed{1,2,3,4,5,6,7,8,9}", 1},
      {"B", "</think>\\boxed{A, B, C, D}", 1},
      {"B", "</think>\\boxed{A or B}", 1},
      {"B", "</think>\\boxed{ABCD}", 1},
      {"yes", "</think>\\boxed{yes or no}", 1},
      {"red", "</think>\\boxed{red, green, blue}", 1},
      // empty
      {"3", "", 0},
      {"3", "</think>", 0},
      {"3", "</think>\\boxed{}", 0},
      {"3", "3</think>\\boxed{ }", 0},
      // nested boxes
      {"3", "</think>\\boxed{4 \\boxed{3}}", 0},
      {"3", "</think>\\boxed{\\boxed{3} \\boxed{4}}", 0},
      // the prompt copied
      {"B", "</think>The last line should be 'Answer: \\boxed{$LETTER}', where LETTER is one of A, B, C.", 0},
      {"3", "</think>The last line should be 'Answer: \\boxed{$FINAL_ANSWER}'", 0},
      // the box stands only inside the thought
      {"3", "so \\boxed{3}</think>I am done.", 0},
      {"3", "so \\boxed{3}", 0},
      {"3", "<think>so \\boxed{3}", 0},
      // two boxes, two ends of thinking
      {"3", "</think>\\boxed{3} \\boxed{4}", 0},
      {"3", "</think>\\boxed{4}. After a long while: \\boxed{3} and \\boxed{5}", 0},
      {"3", "</think>\\boxed{3}</think>\\boxed{4}", 0},
      {"3", "</think>\\boxed{3}</think>", 0},
      // the last box is broken
      {"3", "</think>\\boxed{3} so \\boxed{3", 0},
  };
  for (const Attempt& attempt : kAttempts) {
    const AnswerReward reward = judged(attempt.gold, attempt.output);
    EXPECT_NE(reward.accuracy, 1.0) << attempt.output << ": " << reward.accuracy_reason;
    EXPECT_EQ(reward.format, attempt.format) << attempt.output << ": " << reward.format_reason;
    EXPECT_EQ(reward.total, reward.format) << attempt.output;
  }
}

TEST(AnswerReward, PaysForPlainAnswersInOddClothes) {
  for (const auto& [gold, output] :
       {std::pair{"3", "is it 4?</think>No: $\\boxed{3}$."}, std::pair{"3", "<think>\\boxed{4}?</think>\\boxed{3}"},
        std::pair{"2, 3", "</think>\\boxed{3, 2}"}, std::pair{"B", "A? C?</think>Answer: \\boxed{\\text{(B)}}"}}) {
    EXPECT_EQ(judged(gold, output).total, 2) << output << ": " << judged(gold, output).accuracy_reason;
  }
}

}  // namespace
}  // namespace r1v
