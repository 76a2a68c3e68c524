// Spellings of values, and what is not an expression. Each expected value can be computed by hand.
#include "verify/expression.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "verify/clean.h"

namespace r1v {
namespace {

Expression read(std::string_view text) { return parse_expression(lex(clean_math(text))); }

bool is_value(std::string_view text, std::string_view value) {
  WorkBudget budget(1 << 22);
  const Arithmetic arithmetic(1024, budget, Domain::complex);
  const std::map<std::string, Number> values = {{"x", Number(3)}, {"y", Number(5)}, {"x_1", Number(7)}};
  const Number found = evaluate(read(text), arithmetic, values);
  const Number difference = arithmetic.subtract(found, evaluate(read(value), arithmetic, values));
  return difference.is_zero();
}

TEST(Expression, ReadsTheSpellingsOfOneValue) {
  const std::pair<const char*, const char*> kCases[] = {
      {"1,234", "1234"},
      {"1{,}234.5", "1234.5"},
      {"1 234 567", "1234567"},
      {"1\\,000", "1000"},
      {"\\frac{3}{4}", "0.75"},
      {"\\dfrac34", "0.75"},
      {"\\frac 3{4}", "0.75"},
      {"3/4", "0.75"},
      {"1\\frac{3}{4}", "1.75"},
      {"1 3/4", "1.75"},
      {"\u00BD", "0.5"},
      {"-\\frac{3}{8}", "-0.375"},
      {"2^{10}", "1024"},
      {"2^10", "1024"},
      {"2**10", "1024"},
      {"-2^2", "-4"},
      {"(-2)^2", "4"},
      {"2^3^2", "512"},
      {"2^{-1}", "0.5"},
      {"3\u00B2", "9"},
      {"\\sqrt{16}", "4"},
      {"\\sqrt[3]{27}", "3"},
      {"sqrt(16)", "4"},
      {"\u221A16", "4"},
      {"3 \\times 10^4", "30000"},
      {"3\u00D710^4", "30000"},
      {"6 \\div 4", "1.5"},
      {"3:4", "0.75"},
      {"5!", "120"},
      {"3!!", "720"},
      {"\\binom{6}{2}", "15"},
      {"25\\%", "0.25"},
      {"25 percent", "0.25"},
      {"|{-3}|", "3"},
      {"|2-5|+1", "4"},
      {"\\lfloor 3.7 \\rfloor", "3"},
      {"\\lceil 3.2 \\rceil", "4"},
      {"2x+y", "11"},
      {"3x^2", "27"},
      {"x_1+x_{1}", "14"},
      {"xy", "15"},
      {"2(x+1)(y-1)", "32"},
      {"X", "3"},
      {"\\left(\\frac{x}{y}\\right)^2", "0.36"},
      {"\\log 100", "2"},
      {"\\log_2 8", "3"},
      {"\\log_{2}{8}", "3"},
      {"\\ln e^3", "3"},
      {"\\sin^2 x + \\cos^2 x", "1"},
      {"\\sin(\\pi/6)", "0.5"},
      {"\\sin^{-1}(1)", "\\pi/2"},
      {"2\\pi x", "6\\pi"},
      {"12^\\circ", "12"},
      {"\\sin 30^\\circ", "0.5"},
      {"\\cos(60\u00B0)", "0.5"},
      {"0.1\\overline{6}", "1/6"},
      {"0.\\overline{142857}", "1/7"},
      {"i^2", "-1"},
      {"(2+I)(2-I)", "5"},
      {"\\sqrt{-4}", "2i"},
      {"|3+4i|", "5"},
      {"e^{i\\pi}", "-1"},
      {"\\sum_{k=1}^{4} k^2 + 1", "31"},
      {"\\sum_{i=1}^{4} i", "10"},
      {"\\prod_{n=1}^5 n", "120"},
      {"\\sum_{k=1}^{x} y", "15"},
      {"\\gcd(12, 18)", "6"},
      {"\\operatorname{lcm}(4, 6, 10)", "60"},
      {"\\max\\{2, \\sqrt{5}\\}", "\\sqrt{5}"},
      {"\\min(2, 3) + 17 \\bmod 5", "4"},
      {"-7 \\bmod 5", "3"},
      {"(-7) \\bmod 5", "3"},
      {"\\begin{vmatrix}1&2\\\\3&4\\end{vmatrix}", "-2"},
      {"2\\det\\begin{pmatrix}2&0&1\\\\1&3&2\\\\0&1&1\\end{pmatrix}", "6"},
      {"\\arcsinh 0", "0"},
      {"\\lg 1000", "3"},
      {"\\$40", "40"},
      {"3e4", "30000"},
      {"\\text{2} + \\mathrm{e}^0", "3"},
      {"8^{1/3}", "2"},
      {"2 \\cdot 3 \\cdot 4", "24"},
      {"\\\\frac{1}{2}", "0.5"},
      {"7 - -2", "9"},
  };
  for (const auto& [text, value] : kCases) {
    try {
      EXPECT_TRUE(is_value(text, value)) << text << " is not " << value;
    } catch (const Undecidable& problem) {
      ADD_FAILURE() << text << ": " << problem.reason;
    }
  }
}

TEST(Expression, KnowsSymbolsDecimalsAndPercent) {
  EXPECT_EQ(read("2ab + \\alpha").symbols, (std::set<std::string>{"a", "b", "alpha"}));
  EXPECT_TRUE(read("0.5x").has_decimal);
  EXPECT_FALSE(read("5x").has_decimal);
  EXPECT_TRUE(read("50\\%").has_percent);
}

TEST(Expression, RefusesWhatIsNone) {
  for (const char* text : {"", "2+", "(2", "2)", "3 4", "\\frac{1}", "2^", "apples", "the 3", "\\int x", "x < 3",
                           "1..2", "\\sqrt", "|3", "\x01", "*3", "a & b", "\\lfloor 2 \\rceil"}) {
    EXPECT_THROW(read(text), Undecidable) << text;
  }
  EXPECT_THROW(read(std::string(500, '(') + "1" + std::string(500, ')')), Undecidable);
  EXPECT_THROW(read(std::string(500, '-') + "1"), Undecidable);
  EXPECT_THROW(read(std::string(5000, '1')), Undecidable);
}

}  // namespace
}  // namespace r1v
