// Lines that other programs, crashes and half-done writes leave behind.
#include "report/loose_lines.h"

#include <gtest/gtest.h>

namespace r1v {
namespace {

TEST(LooseLines, ReadObjectsAndSkipBlankLines) {
  const LooseLines lines = read_loose_lines("{\"step\":1}\n\n  \r\n{\"step\":2}");
  ASSERT_EQ(lines.objects.size(), 2u);
  EXPECT_EQ(lines.objects[1].at("step"), 2);
  EXPECT_EQ(lines.num_unreadable, 0);
  EXPECT_FALSE(lines.ends_in_a_part);
}

TEST(LooseLines, AHalfWrittenLastLineIsNoError) {
  const LooseLines lines = read_loose_lines("{\"step\":1}\n{\"step\":2,\"lo");
  EXPECT_EQ(lines.objects.size(), 1u);
  EXPECT_EQ(lines.num_unreadable, 0);
  EXPECT_TRUE(lines.ends_in_a_part);
}

TEST(LooseLines, UnreadableLinesAreCountedAndTheFirstIsNamed) {
  const LooseLines lines = read_loose_lines("{\"step\":1}\nnonsense\n[1]\n\"\xff\"\n{\"step\":2}\n");
  EXPECT_EQ(lines.objects.size(), 2u);
  EXPECT_EQ(lines.num_unreadable, 3);
  EXPECT_TRUE(lines.first_problem.starts_with("line 2: not valid JSON")) << lines.first_problem;
  EXPECT_EQ(read_loose_lines("[1]\n").first_problem, "line 1: found array, expected an object");
}

TEST(LooseLines, NanAndInfinityBecomeNullButNotInStrings) {
  const LooseLines lines = read_loose_lines(R"({"a":NaN,"b":-Infinity,"c":"NaN \" Infinity","d":[inf,1],"nan":2})"
                                            "\n");
  ASSERT_EQ(lines.objects.size(), 1u);
  EXPECT_EQ(lines.objects[0], Json::parse(R"({"a":null,"b":null,"c":"NaN \" Infinity","d":[null,1],"nan":2})"));
}

TEST(LooseLines, NothingGivesNothing) { EXPECT_TRUE(read_loose_lines("").objects.empty()); }

}  // namespace
}  // namespace r1v
