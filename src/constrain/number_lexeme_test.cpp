// Numbers within bounds: every short text is tried, and judged by arithmetic.
#include "constrain/number_lexeme.h"

#include <gtest/gtest.h>

#include "constrain/regex_testing.h"

namespace r1v {
namespace {

bool accepts(const ByteAutomaton& automaton, const std::string& text) {
  int32_t state = 0;
  for (const char c : text) {
    int32_t next = -1;
    for (const auto& edge : automaton.states[static_cast<size_t>(state)].edges) {
      if (edge.first <= static_cast<uint8_t>(c) && static_cast<uint8_t>(c) <= edge.last) next = edge.to;
    }
    if (next < 0) return false;
    state = next;
  }
  return automaton.states[static_cast<size_t>(state)].accepts;
}

ByteAutomaton lexeme_of(const NumberRule& rule) {
  Budget budget{GrammarLimits{}};
  return number_lexeme(rule, budget);
}

NumberBound bound(double value, bool is_exclusive = false) { return {decimal_of(Json(value)), is_exclusive}; }

// All strings of up to `length` characters that look like a number without an exponent.
std::vector<std::string> texts_of(const std::string& characters, size_t length) {
  static const std::regex kNumber("-?(0|[1-9][0-9]*)(\\.[0-9]+)?");
  std::vector<std::string> texts{""}, numbers;
  for (size_t begin = 0, round = 0; round < length; ++round) {
    const size_t end = texts.size();
    for (; begin < end; ++begin) {
      for (const char c : characters) texts.push_back(texts[begin] + c);
    }
  }
  for (const std::string& text : texts) {
    if (std::regex_match(text, kNumber)) numbers.push_back(text);
  }
  return numbers;
}

TEST(NumberLexeme, WholeNumbersAreExactlyThoseInTheRange) {
  const std::pair<int, int> ranges[] = {{0, 0},      {-12, 345}, {7, 7},  {95, 1005},
                                        {-100, -10}, {-7, -7},   {-1, 1}, {100, 199}};
  for (const auto& [least, most] : ranges) {
    const ByteAutomaton lexeme = lexeme_of({.is_whole = true, .least = bound(least), .most = bound(most)});
    for (int value = -1500; value <= 1500; ++value) {
      EXPECT_EQ(accepts(lexeme, std::to_string(value)), value >= least && value <= most) << value << " in " << least;
    }
    for (const char* text : {"", "-", "-0", "00", "01", "1.0", "1e1", "+1", "1 "}) EXPECT_FALSE(accepts(lexeme, text));
  }
}

TEST(NumberLexeme, MultiplesAndHalfOpenRanges) {
  const ByteAutomaton sevens = lexeme_of({.is_whole = true, .least = bound(-50, true), .multiple = 7});
  const ByteAutomaton small = lexeme_of({.is_whole = true, .most = bound(3.5)});
  for (int value = -300; value <= 300; ++value) {
    EXPECT_EQ(accepts(sevens, std::to_string(value)), value > -50 && value % 7 == 0) << value;
    EXPECT_EQ(accepts(small, std::to_string(value)), value <= 3) << value;
  }
}

TEST(NumberLexeme, FractionsAreComparedExactly) {
  const NumberRule rules[] = {{.least = bound(-1.5), .most = bound(2.25, true)},
                              {.least = bound(0.1, true)},
                              {.most = bound(0)},
                              {.least = bound(0, true), .most = bound(0.05)},
                              {.least = bound(1.05), .most = bound(1.05)},
                              {.least = bound(-0.2, true), .most = bound(-0.02)}};
  for (const NumberRule& rule : rules) {
    const ByteAutomaton lexeme = lexeme_of(rule);
    for (const std::string& text : texts_of("-.01259", 5)) {
      const double value = std::stod(text);
      const auto edge = [](const std::optional<NumberBound>& limit) {
        return std::stod((limit->value.is_negative ? "-" : "") + limit->value.whole + "." + limit->value.fraction +
                         "0");
      };
      const bool is_above =
          !rule.least || value > edge(rule.least) || (value == edge(rule.least) && !rule.least->is_exclusive);
      const bool is_below =
          !rule.most || value < edge(rule.most) || (value == edge(rule.most) && !rule.most->is_exclusive);
      const bool is_negative_zero = text[0] == '-' && value == 0;
      EXPECT_EQ(accepts(lexeme, text), is_above && is_below && !is_negative_zero) << text;
    }
  }
}

TEST(NumberLexeme, NothingIsLeftWhereBoundsCross) {
  const ByteAutomaton none = lexeme_of({.is_whole = true, .least = bound(3.2), .most = bound(3.8)});
  EXPECT_TRUE(none.states[0].edges.empty());
}

TEST(NumberLexeme, DigitsAreBounded) {
  const ByteAutomaton whole = lexeme_of({.is_whole = true});
  EXPECT_TRUE(accepts(whole, std::string(18, '9')));
  EXPECT_FALSE(accepts(whole, std::string(19, '9')));
  const ByteAutomaton any = lexeme_of({});
  EXPECT_TRUE(accepts(any, "-" + std::string(15, '9') + "." + std::string(15, '1') + "E-99"));
  EXPECT_FALSE(accepts(any, "1e100"));
  EXPECT_FALSE(accepts(any, "1e"));
  EXPECT_FALSE(accepts(any, "1."));
  const ByteAutomaton large = lexeme_of({.is_whole = true, .least = bound(1e20)});
  EXPECT_TRUE(accepts(large, "100000000000000000000"));
  EXPECT_FALSE(accepts(large, "99999999999999999999"));
}

}  // namespace
}  // namespace r1v
