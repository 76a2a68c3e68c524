// Verdicts on whole outputs, against Math-Verify where it is right, against hostile input, from many threads.
#include "verify/verify.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/error.h"
#include "base/json.h"
#include "base/rng.h"

namespace r1v {
namespace {

std::string text_of(const std::optional<bool>& verdict) { return !verdict ? "open" : *verdict ? "right" : "wrong"; }

struct Pair {
  const char* gold;
  const char* answer;
};

void expect_all(std::initializer_list<Pair> pairs, const char* verdict, AnswerKind kind = AnswerKind::any) {
  for (const Pair& pair : pairs) {
    const Verdict found = verify_answer(pair.gold, pair.answer, kind);
    EXPECT_EQ(text_of(found.correct), verdict) << pair.gold << " | " << pair.answer << " | " << found.reason;
    EXPECT_FALSE(found.reason.empty());
  }
}

TEST(Verify, AcceptsOtherSpellingsOfTheSameAnswer) {
  expect_all({{"42", "<think>41?</think> So it is \\boxed{42}."},
              {"1,234", "1234"},
              {"2/3", "\\boxed{\\dfrac{2}{3}}"},
              {"25\\pi", "\\boxed{78.539816}"},
              {"\\sqrt{8}", "2\\sqrt{2}"},
              {"2^{100}", "1267650600228229401496703205376"},
              {"\\sqrt{2}+\\sqrt{3}", "\\sqrt{5+2\\sqrt{6}}"},
              {"60\\%", "0.6"},
              {"60\\%", "60"},
              {"12 cm", "12"},
              {"5 km", "5000 m"},
              {"5 \\text{ km}", "\\boxed{5000\\text{ meters}}"},
              {"36 km/h", "10 m/s"},
              {"1.5 hours", "90 minutes"},
              {"12 cm^2", "0.0012 square meters"},
              {"5 minutes", "5 m"},
              {"30^\\circ", "\\boxed{\\frac{\\pi}{6}}"},
              {"30^\\circ C", "30"},
              {"12 in", "12 inches"},
              {"8\\pi \\text{ cm}^2", "8\\pi"},
              {"\\angle A = 30^\\circ", "30"},
              {"\\overline{AB}", "AB"},
              {"III", "\\boxed{\\text{III}}"},
              {"three", "3"},
              {"3", "three"},
              {"x=4", "4"},
              {"4", "x=4"},
              {"8", "3+5=8"},
              {"(3, 4)", "\\boxed{(3,4)}"},
              {"x=2 or x=3", "\\boxed{3} and \\boxed{2}"},
              {"2x+3y=6", "4x+6y=12"},
              {"\\frac{x^2-1}{x-1}", "x+1"},
              {"B", "The answer is (B)."},
              {"blue", "The circle is blue."},
              {"3:45", "\\boxed{03:45}"},
              {"Yes", "**yes**"}},
             "right");
}

TEST(Verify, RejectsWhatOnlyLooksAlike) {
  expect_all({{"4", "4\\sqrt{2}"},
              {"4\\sqrt{2}", "4"},
              {"$1-\\frac{1}{\\mathrm{e}}$", "$1+\\frac{1}{\\mathrm{e}}$"},
              {"3*x-1*y+13=0", "3x + 4y + 14=0"},
              {"\\frac{1}{2004!}", "\\frac{1}{2006!}"},
              {"0.0000001", "0.0000002"},
              {"1+e^{-10000}", "1+e^{-10001}"},
              {"1/3", "0.333"},
              {"2^{100}", "1267650600228229401496703205377"},
              {"3", "3x"},
              {"12 cm", "12 cm^2"},
              {"12 kg", "12 cm"},
              {"5 km", "500 m"},
              {"3", "3 dozen"},
              {"3", "-3"},
              {"1:15", "3:45"},
              {"(3, 4)", "(4, 3)"},
              {"\\sqrt{x^2}", "x"},
              {"x=4", "y=4"},
              {"II", "-1"},
              {"-1", "II"},
              {"B", "A bird"},
              {"B", "C"},
              {"blue", "red"},
              {"42", "\\boxed{42} or \\boxed{42"},
              {"42", "\\boxed{}"},
              {"42", "<think>42"},
              {"42", ""},
              {"8", "\\boxed{8}\nOr is it \\boxed{9}?"},
              {"7", "7 < 8"},
              {"1", "1, 2"}},
             "wrong");
}

TEST(Verify, SaysWhenItCannotDecide) {
  expect_all({{"\\int_0^1 x dx", "1/2"},
              {"10^{10^{10}}", "10^{10^{10}}+1"},
              {"1/0", "2/0"},
              {"x^2<4", "(-2, 2)"},
              {"1+e^{-20000}", "1+e^{-20001}"},  // 28,854 bits would be needed
              {"\\lim_{x \\to 0} x", "0"},
              {"1", "$\\sum_{n=1}^\\infty \\frac{1}{2^n} = \\lim 1$"},  // not its last number
              {"1", "\\int_0^1 1"}},
             "open");
}

TEST(Verify, FollowsTheKindWhenToldSo) {
  expect_all({{"A", "a"}, {"A", "\\boxed{\\text{(A)}}"}}, "right", AnswerKind::choice);
  expect_all({{"A", "A bar chart"}, {"A", "\\boxed{A or B}"}}, "wrong", AnswerKind::choice);
  expect_all({{"A", "\\boxed{a}"}, {"Mon", "mon."}}, "right", AnswerKind::word);
  expect_all({{"12", "There are 12 apples"}, {"12", "12 apples"}}, "right", AnswerKind::number);
  EXPECT_EQ(answer_kind("text"), AnswerKind::word);
  EXPECT_EQ(answer_kind(""), AnswerKind::any);
  EXPECT_THROW(answer_kind("poem"), InputError);
}

// Where our verdict differs from Math-Verify's, and why.
struct Difference {
  const char* gold;
  const char* answer;
  bool ours;
};
constexpr Difference kDifferences[] = {
    // e behind digits is an exponent, as every program writes it, not Euler's number.
    {"$3e4$", "30000", true},
    {"$1e-3$", "0.001", true},
    // i is the imaginary unit however it is written; a bound i ("\\sum_{i=1}") and "i = 2" are not.
    {"$e^{i\\pi}$", "$-1$", true},
    {"$i^2$", "$-1$", true},
    {"$(1+i)(1-i)$", "$2$", true},
    // An interval and its inequality say the same whichever is the gold one, and so do inequalities turned around or
    // multiplied; a column is the tuple of its entries.
    {"$(1,4)$", "$1<x<4$", true},
    {"$(-\\infty, 2)$", "$x<2$", true},
    {"$1<x<4$", "$4>x>1$", true},
    {"$-2x<-6$", "$x>3$", true},
    {"$\\begin{pmatrix}1\\\\2\\end{pmatrix}$", "$(1,2)$", true},
    // Units that measure the same convert: 12 m are 1200 cm.
    {"$12 \\text{ cm}$", "12 m", false},
    // Units, words, numbers in words and quotes do not make a right answer wrong.
    {"$12$", "$12m^2$", true},
    {"$9$", "\\boxed{\\text{9 apples}}", true},
    {"9", "nine", true},
    {"$10$", "ten", true},
    {"$9$", "(9)", true},
    {"$9$", "\"9\"", true},
    {"$9$", "3\u00B2", true},
    {"$9$", "\\fbox{9}", true},
    {"$\\frac12$", "\\boxed{\\dfrac{1}{2}.}", true},
    {"$C$", "The option is C", true},
    {"blue", "blue", true},
    {"$\\text{yes}$", "yes", true},
    {"$B$", "\\boxed{B) 12}", true},
    // Plain text is read as a whole, not only its last number.
    {"$1,2,3$", "3, 2 and 1", true},
    {"$0,5$", "$0.5$", true},
    {"$3:4$", "3:4", true},
    {"$x^2$", "x^2", true},
    {"$(1,2)$", "(1,2)", true},
    {"$9$", "9!", false},
    {"$9$", "answer 9 of 10", false},
    {"4", "4\\sqrt{2}", false},
    {"3*x-1*y+13=0", "3x + 4y + 14=0", false},
    {"$1-\\frac{1}{\\mathrm{e}}$", "$1+\\frac{1}{\\mathrm{e}}$", false},
    // The last box is the answer: no earlier box joins it across words, and no phrase overrules it.
    {"$9$", "I first got \\boxed{8}. After checking, the answer is \\boxed{9}.", true},
    {"$9$", "The final answer is $9$. I hope it is correct. \\boxed{8}", false},
    {"$9$", "\\boxed{8}\n\nThus final answer is $9$.", false},
    // Rounding to six decimals must not make two tiny values equal; an approximation is worth its last side.
    {"$0.0000001$", "$0.0000002$", false},
    {"$3.5\\approx 3.49$", "3.5", false},
};

TEST(Verify, AgreesWithMathVerifyButForTheListedDifferences) {
  const Json pairs = read_json_file(R1V_SOURCE_DIR "/tests/golden/verify_pairs.json");
  ASSERT_GE(pairs.size(), 500u);
  size_t num_differences = 0;
  for (const Json& pair : pairs) {
    const std::string gold = pair.at(0), answer = pair.at(1);
    std::optional<bool> expected = pair.at(2).get<bool>();
    for (const Difference& difference : kDifferences) {
      if (gold != difference.gold || answer != difference.answer) continue;
      EXPECT_NE(*expected, difference.ours) << "no difference any more: " << gold << " | " << answer;
      expected = difference.ours;
      ++num_differences;
    }
    const Verdict verdict = verify_answer(gold, answer);
    if (gold.find("\\int") != std::string::npos) expected.reset();  // an integral left standing is no answer to check
    EXPECT_EQ(text_of(verdict.correct), text_of(expected)) << gold << " | " << answer << " | " << verdict.reason;
  }
  EXPECT_EQ(num_differences, std::size(kDifferences));
}

TEST(Verify, HostileAnswersEndQuickly) {
  const auto repeat = [](std::string_view text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += text;
    return out;
  };
  const std::string answers[] = {repeat("9", 4000),
                                 repeat("(", 2000) + "1" + repeat(")", 2000),
                                 repeat("\\sqrt{", 500) + "2" + repeat("}", 500),
                                 "9^9^9^9",
                                 "100000!",
                                 repeat("9999!+", 300) + "1",
                                 repeat("\\frac{1}{9999!}", 200),
                                 repeat("1+", 2000) + "1",
                                 "\\sin(10^{3000})",
                                 repeat("\\text{", 600) + "a" + repeat("}", 600),
                                 "\\exp(\\exp(\\exp(\\exp(10))))",
                                 repeat("x^", 300) + "x",
                                 repeat("\\pm 1", 200),
                                 repeat("(1,", 600),
                                 repeat("\\sin(1)", 500),
                                 repeat("|", 3000),
                                 "(2x+1)^{5000}",
                                 "((x+1)^{99})^{99}",
                                 "1e999999",
                                 repeat("\\binom{9999}{5000}", 200),
                                 "\\sum_{i=1}^{9999} \\sum_{j=1}^{9999} (i - i)",
                                 "\\sum_{k=1}^{9999} \\sin k",
                                 repeat("\\sum_{k=1}^{2} ", 60) + "1",
                                 "\\sin(\\pi)+\\cos(\\pi/2)+10^{-300}",
                                 "e^{-100000}+e^{-100001}",
                                 repeat("\\sqrt{2+", 60) + "2" + repeat("}", 60),
                                 "\\begin{vmatrix}" + repeat("1&", 300) + "1\\end{vmatrix}",
                                 repeat("\\det\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", 100),
                                 repeat("(0,1)\\cup", 60) + "(0,1)",
                                 repeat("x<1 or ", 60) + "x<1",
                                 repeat("\\{", 100) + repeat("\\}", 100),
                                 repeat("\\boxed{", 1000) + "1" + repeat("}", 1000),
                                 std::string(50, '\xFF')};
  for (const std::string& answer : answers) {
    for (const std::string& output :
         {answer, "\\boxed{" + answer + "}", repeat("\\boxed{1} answer $ ", 20000) + answer}) {
      verify_answer("1", output);
      verify_answer(answer, output);
    }
  }
}

TEST(Verify, RandomTextNeverThrows) {
  static const std::vector<std::string> kParts = {"\\boxed{",
                                                  "}",
                                                  "{",
                                                  "\\frac",
                                                  "\\sqrt",
                                                  "1",
                                                  "23",
                                                  ".",
                                                  ",",
                                                  "x",
                                                  "=",
                                                  "+",
                                                  "-",
                                                  "^",
                                                  "(",
                                                  ")",
                                                  "|",
                                                  "$",
                                                  "\\",
                                                  " ",
                                                  "!",
                                                  "%",
                                                  "\\pm",
                                                  "answer is ",
                                                  "\\text{",
                                                  "<think>",
                                                  "</think>",
                                                  "\xC3",
                                                  "\u00D7",
                                                  "_",
                                                  "\\log",
                                                  "\\{",
                                                  "[",
                                                  "]",
                                                  ";",
                                                  "e",
                                                  "\\begin{pmatrix}",
                                                  "\\end{pmatrix}",
                                                  "\\begin{vmatrix}",
                                                  "\\end{vmatrix}",
                                                  "&",
                                                  "\\\\",
                                                  "\\cup ",
                                                  "\\in ",
                                                  "<",
                                                  "\\le ",
                                                  "\\sum_{k=1}^{3}",
                                                  "\\mathbb{R}",
                                                  "\\infty ",
                                                  "\\overline",
                                                  "^\\circ ",
                                                  "i",
                                                  " U ",
                                                  "\\det ",
                                                  "\\setminus ",
                                                  " or ",
                                                  " cm",
                                                  "\\ne "};
  Rng rng(17);
  for (int i = 0; i < 20000; ++i) {
    std::string gold, answer;
    for (auto k = rng.integer(1, 8); k > 0; --k) gold += rng.pick(kParts);
    for (auto k = rng.integer(1, 14); k > 0; --k) answer += rng.pick(kParts);
    const Verdict verdict = verify_answer(gold, answer);
    const Verdict again = verify_answer(gold, answer);
    EXPECT_EQ(verdict.correct, again.correct) << gold << " | " << answer;
  }
}

TEST(Verify, GivesTheSameVerdictsFromManyThreads) {
  const Json pairs = read_json_file(R1V_SOURCE_DIR "/tests/golden/verify_pairs.json");
  std::vector<std::string> first(pairs.size()), second(pairs.size());
  const auto run = [&](std::vector<std::string>& out) {
    for (size_t i = 0; i < pairs.size(); ++i) {
      out[i] = text_of(verify_answer(pairs[i].at(0).get<std::string>(), pairs[i].at(1).get<std::string>()).correct);
    }
  };
  std::thread other(run, std::ref(first));
  run(second);
  other.join();
  EXPECT_EQ(first, second);
}

}  // namespace
}  // namespace r1v
