// Lines of samples.jsonl as runs write them, and as they should not be.
#include "report/sample.h"

#include <gtest/gtest.h>

namespace r1v {
namespace {

TEST(Samples, ARolloutsFieldsFindTheirPlaces) {
  const SampleLine sample = read_sample(Json::parse(
      R"({"step":3,"id":"q7","question":"<|im_start|>user\n<img><A><A><A></img>\nHow many?<|im_end|>\n<|im_start|>assistant\n",
          "text":"So 4.</think>\\boxed{4}","answer":"4","extracted":"4","reward":1.5,"accuracy":1.0,"accuracy_reason":"equal",
          "format":0.0,"format_reason":"no box","model":0.25,"model_raw":null,"overlong":0.0,"advantage":-0.5,"length":12,
          "truncated":false,"images":["a.png",{"path":"b.png"},7]})"));
  EXPECT_EQ(sample.step, 3);
  EXPECT_EQ(sample.id, "q7");
  EXPECT_EQ(sample.question, "<img><A> x3 </img>\nHow many?");
  EXPECT_EQ(sample.gold, "4");
  EXPECT_TRUE(sample.is_judged);
  EXPECT_EQ(sample.reward, 1.5);
  EXPECT_EQ(sample.format, 0.0);
  EXPECT_EQ(sample.length, 12);
  EXPECT_EQ(sample.pictures, (std::vector<std::string>{"a.png", "b.png"}));
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(sample.reasons, (Pairs{{"accuracy", "equal"}, {"format", "no box"}}));
  EXPECT_EQ(sample.others, (Pairs{{"model", "0.25"}, {"overlong", "0"}, {"truncated", "false"}}));
}

TEST(Samples, ASupervisedSampleIsNotJudged) {
  const SampleLine sample =
      read_sample(Json::parse(R"({"sample":2,"tokens":80,"pictures":1,"text":"<A><A>x","scored":"x"})"));
  EXPECT_FALSE(sample.is_judged);
  EXPECT_EQ(sample.id, "2");
  EXPECT_EQ(sample.length, 80);
  EXPECT_EQ(sample.text, "<A> x2 x");
  EXPECT_TRUE(sample.pictures.empty());
}

TEST(Samples, WrongTypesAreTakenAsNothingOrAsText) {
  const SampleLine sample = read_sample(Json::parse(
      R"({"step":"three","id":{"a":1},"question":5,"text":["x"],"reward":"much","accuracy":null,"answer":4})"));
  EXPECT_FALSE(sample.step.has_value());
  EXPECT_EQ(sample.id, R"({"a":1})");
  EXPECT_EQ(sample.text, R"(["x"])");
  EXPECT_EQ(sample.gold, "4");
  EXPECT_TRUE(sample.is_judged);
  EXPECT_FALSE(sample.reward.has_value());
  EXPECT_TRUE(read_sample(Json::object()).text.empty());
}

TEST(Samples, ThePromptsLastTurnIsShown) {
  EXPECT_EQ(shown_prompt(
                "<|im_start|>user\none<|im_end|>\n<|im_start|>assistant\nA<|im_end|>\n<|im_start|>user\ntwo<|im_end|>"),
            "two");
  EXPECT_EQ(shown_prompt("plain < text > x"), "plain < text > x");
  EXPECT_EQ(shown_prompt("<|im_start|>user\ncut"), "cut");
  EXPECT_EQ(shown_prompt("<\uff5cUser\uff5c>Why?<\uff5cAssistant\uff5c><think>"), "Why?");
}

}  // namespace
}  // namespace r1v
