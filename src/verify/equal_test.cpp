// Every form of answer against right and wrong ones. What is right can be seen by eye.
#include "verify/equal.h"

#include <gtest/gtest.h>

namespace r1v {
namespace {

struct Pair {
  const char* gold;
  const char* given;
};

std::string compared(const char* gold, const char* given) {
  try {
    return same_answer(parse_answer(gold), parse_answer(given), 7) ? "same" : "other";
  } catch (const Undecidable& problem) {
    return problem.reason;
  }
}

void expect_both_ways(std::initializer_list<Pair> pairs, const char* verdict) {
  for (const auto& [gold, given] : pairs) {
    EXPECT_EQ(compared(gold, given), verdict) << gold << " | " << given;
    EXPECT_EQ(compared(given, gold), verdict) << given << " | " << gold;
  }
}

void expect(std::initializer_list<Pair> pairs, const char* verdict) {
  for (const auto& [gold, given] : pairs) EXPECT_EQ(compared(gold, given), verdict) << gold << " | " << given;
}

TEST(SameAnswer, ComparesNumbersExactly) {
  expect_both_ways({{"1\\frac{3}{4}", "7/4"},
                    {"0.1\\overline{6}", "\\frac{1}{6}"},
                    {"\\frac{1}{\\sqrt{2}}", "\\frac{\\sqrt{2}}{2}"},
                    {"\\sqrt[3]{2+\\sqrt{5}}+\\sqrt[3]{2-\\sqrt{5}}", "1"},  // real cube roots
                    {"\\sqrt{2}+\\sqrt{3}+\\sqrt{5}", "\\sqrt{5}+\\sqrt{5+2\\sqrt{6}}"},
                    {"\\arctan 1 + \\arctan 2 + \\arctan 3", "\\pi"},
                    {"\\ln 2 + \\ln 3", "\\ln 6"},
                    {"\\sin 18^\\circ", "\\frac{\\sqrt{5}-1}{4}"},
                    {"30^\\circ", "\\frac{\\pi}{6}"},
                    {"30^\\circ", "30"},
                    {"60\\%", "\\frac{3}{5}"},
                    {"-\\infty", "-\\infty"}},
                   "same");
  expect_both_ways({{"\\frac{1}{2004!}", "\\frac{1}{2006!}"},
                    {"1+\\frac{1}{2004!}", "1+\\frac{1}{2006!}"},
                    {"e^{-2000}", "e^{-2001}"},
                    {"\\sqrt{2}+10^{-300}", "\\sqrt{2}"},
                    {"e^{\\pi\\sqrt{163}}", "262537412640768744"},  // they differ by 7.5e-13
                    {"\\sqrt{10^{60}+1}", "10^{30}"},
                    {"\\pi", "\\frac{355}{113}"},
                    {"30^\\circ", "\\frac{\\pi}{5}"},
                    {"\\infty", "-\\infty"},
                    {"\\infty", "10"}},
                   "other");
}

TEST(SameAnswer, KnowsComplexNumbers) {
  expect_both_ways({{"3+4i", "4I+3"},
                    {"(1+i)^2", "2i"},
                    {"\\frac{1}{i}", "-i"},
                    {"\\sqrt{-9}", "3i"},
                    {"e^{i\\pi/3}", "\\frac{1+i\\sqrt{3}}{2}"},
                    {"\\cos\\theta+i\\sin\\theta", "e^{i\\theta}"},
                    {"1.41421356+2i", "\\sqrt{2}+2i"}},
                   "same");
  expect_both_ways({{"3+4i", "3-4i"}, {"i", "1"}, {"1.5+2i", "1.5+2.1i"}, {"2i", "2"}}, "other");
  expect({{"i=2", "2"}, {"I=2", "i=2"}}, "same");
}

TEST(SameAnswer, ComparesExpressions) {
  expect_both_ways({{"x^2-y^2", "(x+y)(x-y)"},
                    {"\\sqrt{x}\\sqrt{y}", "\\sqrt{xy}"},
                    {"\\sqrt[3]{x}", "x^{1/3}"},
                    {"\\tan x", "\\frac{\\sin x}{\\cos x}"},
                    {"n!", "n (n-1)!"},
                    {"\\binom{n}{2}", "\\frac{n(n-1)}{2}"},
                    {"\\sum_{k=1}^{n} k", "\\frac{n(n+1)}{2}"},
                    {"2^{n+1}", "2 \\cdot 2^n"},
                    {"\\ln(x^2 y^2)", "2\\ln|xy|"}},
                   "same");
  expect_both_ways({{"\\sqrt{x^2}", "x"}, {"x^2+1", "x^2"}, {"2x", "2y"}, {"\\sin 2x", "2\\sin x"}, {"x", "5"}},
                   "other");
}

TEST(SameAnswer, ComparesEquationsAndChains) {
  expect_both_ways({{"2x+3y=6", "4x+6y=12"},
                    {"y=2x+1", "2x-y+1=0"},
                    {"x^2+y^2=9", "y^2=9-x^2"},
                    {"x=2+2=4", "x=4"},
                    {"x=3, y=4", "y=4, x=3"},
                    {"(x,y)=(1,2)", "(1,2)"},
                    {"S = \\{1, 2\\}", "\\{2, 1\\}"}},
                   "same");
  expect({{"f(x)=3x+2", "3x+2"}, {"4", "x=4"}, {"x=4", "4"}}, "same");
  expect_both_ways({{"x=4", "y=4"}, {"3x-y+13=0", "3x+4y+14=0"}, {"y=x", "y=-x"}}, "other");
  expect({{"2x+3y=6", "6"}}, "other");
}

TEST(SameAnswer, ComparesInequalities) {
  expect_both_ways({{"x>3", "3<x"},
                    {"-2x<-6", "x>3"},
                    {"1<x<4", "4>x>1"},
                    {"x>1 \\text{ and } x<4", "1<x<4"},
                    {"x \\neq 5", "5 != x"},
                    {"x+y\\le 4", "2x+2y-8\\leq 0"},
                    {"x \\ge \\sqrt{8}", "x \\ge 2\\sqrt{2}"},
                    {"x<-1 \\text{ or } x>1", "x>1 \\text{ or } x<-1"}},
                   "same");
  expect_both_ways({{"x>3", "x \\ge 3"},
                    {"x>3", "x<3"},
                    {"x>3", "y>3"},
                    {"-2x<-6", "x<3"},
                    {"1<x<4", "1<x\\le 4"},
                    {"x>3", "3"},
                    {"x+y\\le 4", "x+y\\ge 4"},
                    {"x>1 \\text{ or } x<4", "x>1 \\text{ and } x<4"}},
                   "other");
}

TEST(SameAnswer, ComparesIntervalsAndTheirUnions) {
  expect_both_ways({{"(1,4)", "1<x<4"},
                    {"[1,4)", "4 > x \\geq 1"},
                    {"(-\\infty, 2)", "x<2"},
                    {"[\\frac{1}{2},\\infty)", "2x \\ge 1"},
                    {"x\\in(1,4)", "(1,4)"},
                    {"(-\\infty,2)\\cup(3,\\infty)", "(3,\\infty)\\cup(-\\infty,2)"},
                    {"(-\\infty,2)U(3,\\infty)", "x<2 \\text{ or } x>3"},
                    {"[1,2]\\cup[2,3]", "[1,3]"},
                    {"(0,2)\\cap(1,3)", "(1,2)"},
                    {"\\mathbb{R}\\setminus\\{0\\}", "(-\\infty,0)\\cup(0,\\infty)"},
                    {"\\mathbb{R}\\setminus\\{0\\}", "x \\ne 0"},
                    {"\\{x \\mid x>2\\}", "(2,\\infty)"},
                    {"\\{x \\in \\mathbb{R} : 1 \\le x < 2\\}", "[1,2)"},
                    {"\\mathbb{R}", "(-\\infty,\\infty)"},
                    {"[1,\\sqrt{2}]\\cup\\{3\\}", "\\{3\\}\\cup[1,2^{1/2}]"}},
                   "same");
  expect_both_ways({{"(1,2)", "[1,2]"},
                    {"[1,4)", "1<x<4"},
                    {"(-\\infty,2)\\cup(3,\\infty)", "(-\\infty,2)\\cup[3,\\infty)"},
                    {"[1,2)\\cup(2,3]", "[1,3]"},
                    {"(2,\\infty)", "(-2,\\infty)"},
                    {"(1,2)", "(1,3)"},
                    {"\\mathbb{R}", "\\mathbb{Z}"},
                    {"(-\\infty,2)", "2"}},
                   "other");
}

TEST(SameAnswer, ComparesSetsListsAndTuples) {
  expect_both_ways({{"\\{1,2,3\\}", "\\{3,2,1\\}"},
                    {"\\{1,2,3\\}", "1,2,3"},
                    {"\\pm 3", "3,-3"},
                    {"x=\\pm\\sqrt{2}", "-\\sqrt{2},\\sqrt{2}"},
                    {"2\\pm\\sqrt{3}", "2-\\sqrt{3}, 2+\\sqrt{3}"},
                    {"\\emptyset", "\\{\\}"},
                    {"\\{(1,2),(3,4)\\}", "(3,4),(1,2)"},
                    {"(1,2,3)", "(1, 2, \\frac{6}{2})"},
                    {"(x+1, y)", "(1+x, y)"},
                    {"\\{1,2\\}\\cup\\{3\\}", "\\{1,2,3\\}"},
                    {"\\langle 1,2,3\\rangle", "(1,2,3)"}},
                   "same");
  expect({{"\\{3,2,1\\}", "(1,2,3)"}, {"(1,2)", "1,2"}, {"1,2", "(1,2)"}}, "same");
  expect({{"(1,2,3)", "\\{3,2,1\\}"}, {"(1,2)", "2,1"}, {"2,1", "(1,2)"}}, "other");
  expect_both_ways({{"\\{1,2,3\\}", "\\{1,2\\}"},
                    {"(1,2,3)", "(3,2,1)"},
                    {"\\{1,1,2\\}", "\\{1,2,2\\}"},
                    {"1,2", "12"},
                    {"3", "3,4"},
                    {"(1,2)", "(1,2,3)"}},
                   "other");
}

TEST(SameAnswer, ComparesMatricesAndVectors) {
  expect_both_ways({{"\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "\\begin{bmatrix}1&2\\\\3&\\frac{8}{2}\\end{bmatrix}"},
                    {"\\frac{1}{2}\\begin{pmatrix}2\\\\4\\end{pmatrix}", "\\begin{pmatrix}1\\\\2\\end{pmatrix}"},
                    {"\\begin{array}{cc}1&2\\\\3&4\\\\\\end{array}", "\\begin{matrix}1&2\\\\3&4\\end{matrix}"},
                    {"A=\\begin{pmatrix}x&0\\end{pmatrix}", "\\begin{pmatrix}x&0\\end{pmatrix}"},
                    {"\\begin{pmatrix}1\\\\2\\end{pmatrix}", "(1,2)"},
                    {"\\begin{vmatrix}a&b\\\\c&d\\end{vmatrix}", "ad-bc"}},
                   "same");
  expect_both_ways({{"\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "\\begin{pmatrix}1&3\\\\2&4\\end{pmatrix}"},
                    {"\\begin{pmatrix}1&2\\end{pmatrix}", "\\begin{pmatrix}1\\\\2\\end{pmatrix}"},
                    {"\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "(1,2,3,4)"},
                    {"\\begin{pmatrix}1\\end{pmatrix}", "2"}},
                   "other");
}

TEST(SameAnswer, LeavesOpenWhatItCannotKnow) {
  for (const auto& [gold, given] : {Pair{"x^2<4", "(-2,2)"}, Pair{"1/0", "2"}, Pair{"\\int_0^1 x dx", "1/2"},
                                    Pair{"\\lfloor \\sqrt{2}^2 \\rfloor", "2"}, Pair{"10^{10^{10}}", "1"},
                                    Pair{"\\begin{pmatrix}1&2\\\\3\\end{pmatrix}", "1"}, Pair{"x=1<2", "1"}}) {
    const std::string verdict = compared(gold, given);
    EXPECT_TRUE(verdict != "same" && verdict != "other") << gold << " | " << given << ": " << verdict;
  }
}

}  // namespace
}  // namespace r1v
