// Patterns against std::regex on short texts, and what is refused.
#include "constrain/pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/error.h"
#include "constrain/regex_testing.h"
#include "constrain/text_automaton.h"

namespace r1v {
namespace {

using ::testing::HasSubstr;

TextAutomaton text_of(const std::string& pattern) {
  Budget budget{GrammarLimits{}};
  return text_with_pattern(parse_pattern(pattern, budget), budget);
}

std::string refusal_of(const std::string& pattern) {
  try {
    text_of(pattern);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

// Every text of up to four characters of "ab1 .".
std::vector<std::string> short_texts() {
  std::vector<std::string> texts{""};
  for (size_t begin = 0, length = 0; length < 4; ++length) {
    const size_t end = texts.size();
    for (; begin < end; ++begin) {
      for (const char c : std::string("ab1 .")) texts.push_back(texts[begin] + c);
    }
  }
  return texts;
}

TEST(Pattern, FindsWhatStdRegexFinds) {
  for (const char* pattern : {"a",
                              "^a",
                              "a$",
                              "^a$",
                              "",
                              "^$",
                              "^",
                              "$",
                              "a|b",
                              "^a|b$",
                              "^(a|b)$",
                              "(^a|b)1",
                              "a(1$|b)",
                              "ab*",
                              "^(ab)*$",
                              "^(?:a|ab)(?:1|b1)$",
                              "a+?b",
                              "^a{2}$",
                              "^a{1,3}$",
                              "^a{0,2}b{2,}$",
                              "[ab]1",
                              "^[^a]+$",
                              "^[a-b1]*$",
                              "\\d",
                              "^\\w+$",
                              "\\s",
                              "^\\S*$",
                              "\\.",
                              "^.b.$",
                              "(a|b)*1(a|b)",
                              "^((a|b)(1| ))*$",
                              "a{0}b",
                              "^(a*)*$",
                              "^(a|)+b$",
                              "(?<name>a)b",
                              "^[.]$",
                              "^[\\d\\s]+$",
                              "(a$)|(^b)",
                              "^(?:a?){3}$",
                              "x|y",
                              "^a*?$"}) {
    const std::regex expected(std::string(pattern) == "(?<name>a)b" ? "(a)b" : pattern, std::regex::ECMAScript);
    const TextAutomaton text = text_of(pattern);
    for (const std::string& candidate : short_texts()) {
      EXPECT_EQ(text.matches(candidate), std::regex_search(candidate, expected))
          << pattern << " in \"" << candidate << "\"";
    }
  }
}

TEST(Pattern, CharactersAreCodePoints) {
  EXPECT_TRUE(text_of("^.$").matches("\U0001F600"));
  EXPECT_FALSE(text_of("^..$").matches("\U0001F600"));
  EXPECT_TRUE(text_of("^[\\u00e0-\\u00ff]$").matches("\u00e9"));
  EXPECT_TRUE(text_of("^\\ud83d\\ude00\\u{1F600}\\x41$").matches("\U0001F600\U0001F600A"));
  EXPECT_TRUE(text_of("^[\u00e9\U0001F600]$").matches("\U0001F600"));
  EXPECT_FALSE(text_of("^.$").matches("\n"));
  EXPECT_FALSE(text_of("^.$").matches("\u2028"));
  EXPECT_TRUE(text_of("^[^a]$").matches("\n"));
  EXPECT_TRUE(text_of("^\\cJ\\t\\0$").matches(std::string("\n\t\0", 3)));
}

TEST(Pattern, OneEndOfATextIsNoOther) {
  // $ is the end of the text, not also the place before a last new line as in Python.
  EXPECT_FALSE(text_of("^a$").matches("a\n"));
  EXPECT_FALSE(text_of("^a^b").matches("ab"));
  EXPECT_FALSE(text_of("a$b").matches("ab"));
  EXPECT_TRUE(text_of("^^a$$").matches("a"));
  EXPECT_TRUE(text_of("$^").matches(""));
  EXPECT_FALSE(text_of("$^").matches("a"));
}

TEST(Pattern, WhatIsNotSupportedIsNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {"(?=a)", "look-around"},
      {"(?!a)b", "look-around"},
      {"(?<=a)b", "look-around"},
      {"(?<!a)b", "look-around"},
      {"(a)\\1", "back-refer"},
      {"(?<n>a)\\k<n>", "back-refer"},
      {"\\bx", "word boundaries"},
      {"\\p{L}", "\\p{...}"},
      {"(?i)a", "(?:...)"},
      {"(?:", "not closed"},
      {"(?", "(?:...)"},
      {"(", "not closed"},
      {")", "without its ("},
      {"a**", "after a quantifier"},
      {"*a", "nothing to repeat"},
      {"^*", "nothing to repeat"},
      {"a{2,1}", "n larger"},
      {"a{", "quantifier is"},
      {"a{,3}", "quantifier is"},
      {"{1}", "nothing to repeat"},
      {"a{99999999999999999999}", "more than"},
      {"[a", "not closed"},
      {"[]", "empty class"},
      {"[^]", "empty class"},
      {"[b-a]", "ends before"},
      {"[\\d-z]", "one character"},
      {"[\\", "lone \\"},
      {"\\", "lone \\"},
      {"\\q", "not known"},
      {"\\x1", "hexadecimal"},
      {"\\ud800", "no character"},
      {"\\u{110000}", "no character"},
      {"]", "lone } or ]"},
      {"\\u12", "hexadecimal"},
      {"a{1", "quantifier is"},
      {"(?<a", "ends too early"},
      {"\\ud83dx", "no character"},
      {"[a-", "not closed"},
      {"(?:|", "not closed"},
      {"\\c", "ends too early"},
  };
  for (const auto& [pattern, reason] : cases) EXPECT_THAT(refusal_of(pattern), HasSubstr(reason)) << pattern;
}

TEST(Pattern, HostileOnesAreRefusedInTime) {
  const double begin_s = monotonic_s();
  EXPECT_THAT(refusal_of(std::string(60'000, '(') + std::string(60'000, ')')), HasSubstr("nested deeper than 64"));
  EXPECT_THAT(refusal_of(std::string(60'000, '(')), HasSubstr("nested deeper than 64"));
  std::string groups;
  for (int i = 0; i < 20'000; ++i) groups += "(?:";
  EXPECT_THAT(refusal_of(groups), HasSubstr("nested deeper than 64"));
  for (const char* pattern : {"(a|b)*a(a|b){18}", "((((a{100}){100}){100}){100})", "(){1000000}{0}", "((){1000}){1000}",
                              "(a{0,1000}){0,1000}", "a{1000000}", "(((()*)*)*){1000000}",
                              "^(.*a.*b.*c.*d.*e.*f.*g.*h.*i.*j.*k.*l.*m.*n.*o.*p.*q.*r.*s.*t)+{0}",
                              "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)[^a]{1,5000}[b-y]{1,5000}(x|y){1,5000}$"}) {
    EXPECT_NE(refusal_of(pattern), "") << pattern;
  }
  std::string alternatives = "^(";
  for (int i = 0; i < 8000; ++i) alternatives += "a{1,9}b|";
  refusal_of(alternatives + "c)*(d|e){1,100}f$");
  std::string points = "[";
  for (int i = 0; i < 10'000; ++i) points += "\\u" + std::to_string(1000 + i % 9000);
  refusal_of(points + "]{1,50}");
  const double taken_s = monotonic_s() - begin_s;
  EXPECT_LT(taken_s, 12 * 1.5);  // each of twelve within its second
}

TEST(Pattern, ALeapYearDateIsSmall) {
  // The pattern that stopped other servers: days of months and leap years.
  const std::string date =
      "^(?:(?:(?:(?:(?:[13579][26]|[2468][048])00)|(?:[0-9]{2}(?:(?:[13579][26])|(?:[2468][048]|0[48]))))-(?:(?:(?:09|"
      "04|"
      "06|11)-(?:0[1-9]|1[0-9]|2[0-9]|30))|(?:(?:01|03|05|07|08|10|12)-(?:0[1-9]|1[0-9]|2[0-9]|3[01]))|(?:02-(?:0[1-9]|"
      "1[0-9]|2[0-9]))))|(?:[0-9]{4}-(?:(?:(?:09|04|06|11)-(?:0[1-9]|1[0-9]|2[0-9]|30))|(?:(?:01|03|05|07|08|10|12)-(?:"
      "0[1-"
      "9]|1[0-9]|2[0-9]|3[01]))|(?:02-(?:[01][0-9]|2[0-8])))))$";
  const TextAutomaton text = text_of(date);
  EXPECT_LT(text.num_states(), 100u);
  EXPECT_TRUE(text.matches("2024-02-29"));
  EXPECT_FALSE(text.matches("2023-02-29"));
  EXPECT_FALSE(text.matches("1900-02-29"));
}

TEST(Pattern, LanguagesThatRunOutAreTold) {
  EXPECT_TRUE(text_of("^x-").never_runs_out());
  EXPECT_TRUE(text_of("^[a-z]+$").never_runs_out());
  EXPECT_FALSE(text_of("^[a-z]{2}$").never_runs_out());
  EXPECT_FALSE(text_of("^(a|b[0-9]*)$").never_runs_out());
}

}  // namespace
}  // namespace r1v
