// Questions: what is refused, what is left out, and an order that can be taken up anywhere.
#include "data/read_questions.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "prompt/tiny_checkpoint_test.h"

namespace r1v {
namespace {

std::string line_of(const std::string& id, const std::string& rest) {
  return cat(R"({"id":")", id, R"(","messages":[{"role":"user","content":"q )", id, R"("}])", rest, "}\n");
}

class Questions : public testing::Test {
 protected:
  QuestionData data(const std::string& lines, BadLines bad = BadLines::stop, int64_t max_length = 0) {
    folder_.write("questions.jsonl", lines);
    return {renderer_,
            {.lines = {.files = {folder_.path() / "questions.jsonl"}, .max_length = max_length, .bad_lines = bad},
             .check = [](const std::string&, const std::string& kind) {
               if (kind == "odd") throw InputError("an odd kind");
             }}};
  }
  std::string refusal(const std::string& lines) {
    try {
      data(lines);
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  }
  static std::vector<std::string> ids(const std::vector<Question>& questions) {
    std::vector<std::string> found;
    for (const Question& question : questions) found.push_back(question.id.get<std::string>());
    return found;
  }

  tiny::Checkpoint folder_;
  Renderer renderer_{folder_.path()};
};

TEST_F(Questions, AreRenderedAsTheModelIsAsked) {
  QuestionData questions = data(line_of("a", R"(,"answer":7,"kind":"number","source":"here")"));
  const auto question = questions.read(0);
  ASSERT_TRUE(question);
  EXPECT_EQ(question->answer, "7");  // a number as text
  EXPECT_EQ(question->kind, "number");
  EXPECT_EQ(question->source, "here");
  EXPECT_TRUE(question->prompt.text.ends_with("q a<|im_end|>\n<|im_start|>assistant\n<think>\n"))
      << question->prompt.text;
  EXPECT_TRUE(question->prompt.starts_thinking);
}

TEST_F(Questions, WithoutAnAnswerOrWithAStrangeKindAreRefusedWithTheirPlace) {
  EXPECT_NE(refusal(line_of("a", "")).find("questions.jsonl line 1: no \"answer\""), std::string::npos);
  EXPECT_NE(refusal(line_of("a", R"(,"answer":" ")")).find("is empty"), std::string::npos);
  EXPECT_NE(refusal(line_of("a", R"(,"answer":["1"])")).find("expected a string or a number"), std::string::npos);
  EXPECT_NE(refusal(line_of("a", R"(,"answer":"1","kind":"odd")")).find("line 1: an odd kind"), std::string::npos);
  EXPECT_NE(refusal(R"({"messages":[{"role":"assistant","content":"x"}],"answer":"1"})").find("the user's question"),
            std::string::npos);
}

TEST_F(Questions, AreCheckedToTheLastLineBeforeTheFirstIsAsked) {
  const std::string good = line_of("a", R"(,"answer":"1")");
  EXPECT_NE(refusal(good + good + line_of("b", "")).find("questions.jsonl line 3: no \"answer\""), std::string::npos);
  EXPECT_EQ(data(good + line_of("b", ""), BadLines::skip).num_bad(), 1);
}

TEST_F(Questions, ThatAreBadOrTooLongAreCountedOnce) {
  QuestionData questions = data(line_of("a", "") + line_of("long " + std::string(200, 'x'), R"(,"answer":"1")") +
                                    line_of("c", R"(,"answer":"1")"),
                                BadLines::skip, 100);
  for (int round = 0; round < 2; ++round) {
    EXPECT_FALSE(questions.read(0));
    EXPECT_FALSE(questions.read(1));
    EXPECT_TRUE(questions.read(2));
  }
  EXPECT_EQ(questions.num_bad(), 1);
  EXPECT_EQ(questions.num_too_long(), 1);
}

TEST_F(Questions, ComeInAnotherOrderEveryEpochEachOnce) {
  std::string lines;
  for (const char id : std::string("abcdefgh")) lines += line_of(std::string(1, id), R"(,"answer":"1")");
  QuestionData questions = data(lines);
  QuestionOrder order(questions, Order::shuffled, 3);
  std::vector<std::string> first = ids(order.next(8)), second = ids(order.next(8));
  EXPECT_NE(first, second);
  std::ranges::sort(first);
  std::ranges::sort(second);
  EXPECT_EQ(first, second);
  EXPECT_EQ(order.epoch(), 2);
}

TEST_F(Questions, GoOnFromACheckpointAcrossTheEndOfAnEpoch) {
  std::string lines;
  for (const char id : std::string("abcde")) lines += line_of(std::string(1, id), R"(,"answer":"1")");
  QuestionData questions = data(lines);
  QuestionOrder order(questions, Order::shuffled, 3);
  order.next(4);
  const Json position = parse_json(dump_json(order.position()), "state");
  const auto expected = ids(order.next(7));
  QuestionOrder again(questions, Order::shuffled, 3);
  again.restore(position);
  EXPECT_EQ(ids(again.next(7)), expected);
  QuestionOrder other(questions, Order::shuffled, 4);
  EXPECT_THROW(other.restore(position), InputError);
}

TEST_F(Questions, AreNotGoneOnWithWhereTheyAreOthersAsMany) {
  const std::string first = line_of("a", R"(,"answer":"1")"), second = line_of("b", R"(,"answer":"1")");
  QuestionData questions = data(first + second);
  Json position = QuestionOrder(questions, Order::shuffled, 3).position();
  QuestionData swapped = data(second + first);
  QuestionOrder order(swapped, Order::shuffled, 3);
  EXPECT_THROW(order.restore(position), InputError);
  position.erase("lines");
  order.restore(position);  // as older checkpoints have it
}

TEST_F(Questions, AreMissedWhenAWholeEpochHoldsNone) {
  QuestionData questions = data(line_of("a", "") + line_of("b", ""), BadLines::skip);
  QuestionOrder order(questions, Order::as_written, 0);
  EXPECT_THROW(order.next(1), InputError);
}

}  // namespace
}  // namespace r1v
