// TOML as the program writes it, and what differs.
#include "report/option_lines.h"

#include <gtest/gtest.h>

namespace r1v {
namespace {

using Lines = OptionLines;

TEST(OptionLines, ReadStringsListsAndNumbers) {
  const Lines lines = read_options(
      "# comment\nmodel = \"a \\\"b\\\"\\\\c\"\ndata = [\"x, y\", \"z\"]\nlearning-rate = 4.0000000000000003e-05\n"
      "resume = false\nseed = 18446744073709551615\nadam-beta1 = 0.90000000000000002\nnonsense\n");
  EXPECT_EQ(lines, (Lines{{"model", "a \"b\"\\c"},
                          {"data", "x, y, z"},
                          {"learning-rate", "4e-05"},
                          {"resume", "false"},
                          {"seed", "18446744073709551615"},
                          {"adam-beta1", "0.9"}}));
}

TEST(OptionLines, BrokenQuotesEndWithTheLine) {
  EXPECT_EQ(read_options("model = \"abc\nseed = 1"), (Lines{{"model", "abc"}, {"seed", "1"}}));
  EXPECT_EQ(read_options("model = \"abc\\"), (Lines{{"model", "abc\\"}}));
  EXPECT_TRUE(read_options("").empty());
}

TEST(OptionLines, ADifferenceIsAnotherValueOrNone) {
  const auto rows = compare_options({Lines{{"seed", "1"}, {"lr", "2"}}, Lines{{"seed", "1"}, {"lr", "3"}, {"k", "5"}}});
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_FALSE(rows[0].differs);
  EXPECT_TRUE(rows[1].differs);
  EXPECT_TRUE(rows[2].differs);
  EXPECT_FALSE(rows[2].values[0].has_value());
}

TEST(OptionLines, ARunWithoutOptionsDiffersFromNone) {
  const auto rows = compare_options({Lines{}, Lines{{"seed", "1"}}, Lines{{"seed", "1"}}});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_FALSE(rows[0].differs);
}

}  // namespace
}  // namespace r1v
