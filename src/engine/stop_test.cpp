#include "engine/stop.h"

#include <gtest/gtest.h>

namespace r1v {
namespace {

TEST(PartialSuffix, IsTheLongestEndThatBeginsThePattern) {
  EXPECT_EQ(partial_suffix("abcab", "abd"), 2U);
  EXPECT_EQ(partial_suffix("aaa", "aab"), 2U);  // not 1: the longest
  EXPECT_EQ(partial_suffix("xyz", "abc"), 0U);
  EXPECT_EQ(partial_suffix("abc", "abc"), 0U);  // the whole pattern is no beginning of it
  EXPECT_EQ(partial_suffix("", "abc"), 0U);
}

TEST(StopMatcher, PassesTextThroughWithoutStopStrings) {
  StopMatcher matcher({});
  EXPECT_EQ(matcher.push("hello"), "hello");
  EXPECT_EQ(matcher.finish(), "");
}

TEST(StopMatcher, HoldsBackWhatMayBecomeAStopString) {
  StopMatcher matcher({"###"});
  EXPECT_EQ(matcher.push("one #"), "one ");
  EXPECT_EQ(matcher.push("#"), "");
  EXPECT_EQ(matcher.push(" two"), "## two");  // it did not
  EXPECT_FALSE(matcher.is_found());
}

TEST(StopMatcher, EndsTheTextBeforeAStopStringThatCameInParts) {
  StopMatcher matcher({"END"});
  EXPECT_EQ(matcher.push("a E"), "a ");
  EXPECT_EQ(matcher.push("N"), "");
  EXPECT_EQ(matcher.push("D and more"), "");
  EXPECT_TRUE(matcher.is_found());
  EXPECT_EQ(matcher.push("later"), "");
  EXPECT_EQ(matcher.finish(), "");
}

TEST(StopMatcher, OfTwoStopStringsTheOneThatBeginsFirstWins) {
  StopMatcher matcher({"cd", "bcx"});
  // "abcd" holds "cd" at 2; "bcx" would begin at 1 but is not there.
  EXPECT_EQ(matcher.push("abc"), "a");
  EXPECT_EQ(matcher.push("d"), "b");
  EXPECT_TRUE(matcher.is_found());
}

TEST(StopMatcher, GivesBackWhatWasHeldWhenTheTextEnds) {
  StopMatcher matcher({"\n\n"});
  EXPECT_EQ(matcher.push("x\n"), "x");
  EXPECT_EQ(matcher.finish(), "\n");
}

TEST(StopMatcher, NeverShowsMoreThanOneShotSearchWouldHoweverTheTextIsCut) {
  const std::string text = "aabaaabab!aab";
  for (const std::string stop : {"ab!", "aaab", "b!a", "zz"}) {
    const size_t at = text.find(stop);
    const std::string expected = text.substr(0, at);
    for (size_t first = 0; first <= text.size(); ++first) {
      for (size_t second = first; second <= text.size(); ++second) {
        StopMatcher matcher({stop});
        std::string shown = matcher.push(text.substr(0, first));
        shown += matcher.push(text.substr(first, second - first));
        shown += matcher.push(text.substr(second));
        shown += matcher.finish();
        EXPECT_EQ(shown, expected) << stop << " cut at " << first << " and " << second;
      }
    }
  }
}

}  // namespace
}  // namespace r1v
