// Words, numbers in words, times, units.
#include "verify/word.h"

#include <gtest/gtest.h>

#include "verify/clean.h"

namespace r1v {
namespace {

TEST(SameWords, LooksThroughMarkup) {
  EXPECT_TRUE(same_words("blue", "Blue."));
  EXPECT_TRUE(same_words("blue", "**blue**"));
  EXPECT_TRUE(same_words("blue", "\\text{Blue}"));
  EXPECT_TRUE(same_words("the red circle", "red circle"));
  EXPECT_TRUE(same_words("light-blue", "light blue"));
  EXPECT_TRUE(same_words("03:45", "3:45"));
  EXPECT_FALSE(same_words("blue", "blues"));
  EXPECT_FALSE(same_words("blue", "not blue"));
  EXPECT_FALSE(same_words("1:15", "3:45"));
  EXPECT_FALSE(same_words("", ""));
}

TEST(NumberFromWords, ReadsCardinals) {
  EXPECT_EQ(number_from_words("zero"), 0);
  EXPECT_EQ(number_from_words("Seventeen"), 17);
  EXPECT_EQ(number_from_words("twenty-one"), 21);
  EXPECT_EQ(number_from_words("one hundred and five"), 105);
  EXPECT_EQ(number_from_words("two thousand three hundred forty"), 2340);
  EXPECT_EQ(number_from_words("minus four"), -4);
  for (const char* text : {"", "one two", "ten three", "twenty ten", "and", "three apples", "3", "minus"}) {
    EXPECT_EQ(number_from_words(text), std::nullopt) << text;
  }
}

TEST(WithoutUnit, CutsUnitsAndNounsButNothingThatCounts) {
  const auto cut = [](std::string_view text) { return without_unit(clean_math(text)).value_or("-"); };
  EXPECT_EQ(cut("12 cm"), "12");
  EXPECT_EQ(cut("12cm"), "12");
  EXPECT_EQ(cut("12 \\text{ cm}^2"), "12");
  EXPECT_EQ(cut("5 m/s"), "5");
  EXPECT_EQ(cut("9 red apples"), "9");
  EXPECT_EQ(cut("\\frac{1}{2} hour"), "\\frac {1}{2}");
  EXPECT_EQ(cut("12m"), "12");
  EXPECT_EQ(cut("8\\pi \\text{ cm}^2"), "8\\pi");
  EXPECT_EQ(cut("30^\\circ C"), "30");
  EXPECT_EQ(cut("10 m s^{-1}"), "10");
  EXPECT_EQ(cut("2\\alpha"), "-");
  EXPECT_EQ(cut("3x"), "-");
  EXPECT_EQ(cut("2 dozen"), "-");
  EXPECT_EQ(cut("2 or three"), "-");
  EXPECT_EQ(cut("apples"), "-");
  EXPECT_EQ(cut("12"), "-");
}

}  // namespace
}  // namespace r1v
