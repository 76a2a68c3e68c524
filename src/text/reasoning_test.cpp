// The splitter gives the same parts wherever the stream is cut.
#include "text/reasoning.h"

#include <gtest/gtest.h>

namespace r1v {
namespace {

struct Whole {
  std::string thinking, answer;
  bool operator==(const Whole&) const = default;
};

void PrintTo(const Whole& whole, std::ostream* out) { *out << "{" << whole.thinking << " | " << whole.answer << "}"; }

Whole split_in_steps(std::string_view text, bool starts_thinking, size_t step) {
  ReasoningSplitter splitter(starts_thinking);
  Whole whole;
  const auto take = [&](const ReasoningSplitter::Piece& piece) {
    whole.thinking += piece.thinking;
    whole.answer += piece.answer;
  };
  for (size_t at = 0; at < text.size(); at += step) take(splitter.push(text.substr(at, step)));
  take(splitter.finish());
  return whole;
}

struct Case {
  const char* text;
  bool starts_thinking;
  Whole expected;
};

TEST(ReasoningSplitter, GivesTheSamePartsForEveryCut) {
  const Case cases[] = {
      {"<think>\nfirst\n\nthen\n</think>\n\nThe answer.\n", false, {"first\n\nthen", "The answer.\n"}},
      {"first\n</think>\n\nThe answer.", true, {"first", "The answer."}},
      {"<think>again opened</think>done", true, {"again opened", "done"}},
      {"\n<think>a</think>b", false, {"a", "b"}},
      {"no tags, 1 < 2", false, {"", "no tags, 1 < 2"}},
      {"  \n plain", false, {"", "  \n plain"}},
      {"the word <think> inside</think>", false, {"", "the word <think> inside</think>"}},
      {"<thinking hard", false, {"", "<thinking hard"}},
      {"cut off in thought\n\n", true, {"cut off in thought\n\n", ""}},
      {"a </thin b <</think>c</think>d", true, {"a </thin b <", "c</think>d"}},
      {"half a tag </thi", true, {"half a tag </thi", ""}},
      {"\n\n\n</think>\n\nx", true, {"", "x"}},
      {"</think>x", true, {"", "x"}},
      {"</think>\n\nx", false, {"", "x"}},
      {"</thinner", false, {"", "</thinner"}},
      {"<think></think>\n\n<think>", false, {"", "<think>"}},
      {"<thi", false, {"", "<thi"}},
      {"", true, {"", ""}},
  };
  for (const Case& one : cases) {
    const size_t size = std::string_view(one.text).size();
    for (size_t step = 1; step <= size + 1; ++step) {
      EXPECT_EQ(split_in_steps(one.text, one.starts_thinking, step), one.expected) << one.text << " step " << step;
    }
  }
}

TEST(ReasoningSplitter, HoldsBackOnlyWhatMayBecomeATag) {
  ReasoningSplitter splitter(true);
  EXPECT_EQ(splitter.push("so 2 <").thinking, "so 2 ");
  EXPECT_EQ(splitter.push(" 3").thinking, "< 3");
  EXPECT_TRUE(splitter.is_thinking());
  EXPECT_EQ(splitter.push(".\n</th").thinking, ".");
  EXPECT_EQ(splitter.push("ink>\n").thinking, "");
  EXPECT_FALSE(splitter.is_thinking());
  EXPECT_EQ(splitter.push("yes").answer, "yes");
}

}  // namespace
}  // namespace r1v
