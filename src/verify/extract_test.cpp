// Which part of an output is the answer.
#include "verify/extract.h"

#include <gmock/gmock.h>

namespace r1v {
namespace {

using Source = Extraction::Source;

struct Case {
  const char* output;
  Source source;
  const char* text;
};

TEST(FindAnswer, TakesTheLastBoxThenThePhraseThenTheText) {
  const Case kCases[] = {
      {"so \\boxed{8}, no: \\boxed{9}.", Source::boxed, "9"},
      {"\\boxed{\\frac{1}{2}}", Source::boxed, "\\frac{1}{2}"},
      {"\\boxed{\\boxed{9}}", Source::boxed, "9"},
      {"\\boxed{4 \\boxed{9}}", Source::none, ""},
      {"\\boxed{\\boxed{4} \\boxed{9}}", Source::none, ""},
      {"\\boxed{4 so \\boxed{9}", Source::boxed, "9"},
      {"\\boxed {9}", Source::boxed, "9"},
      {"$\\boxed{\\{1, 2\\}}$", Source::boxed, "\\{1, 2\\}"},
      {"The roots are \\boxed{8} and $\\boxed{9}$.", Source::boxed, "8, 9"},
      {"\\boxed{9}, \\boxed{9}", Source::boxed, "9"},
      {"\\boxed{8} but then \\boxed{9", Source::none, ""},
      {"\\boxed{8} or \\boxed", Source::none, ""},
      {"\\boxed{8} and \\boxed{ }", Source::none, ""},
      {"The answer is 42.", Source::phrase, "42"},
      {"The final answer is: $\\frac{1}{2}$ because 3 > 2.", Source::phrase, "\\frac{1}{2}"},
      {"**Final Answer: 9**", Source::phrase, "9"},
      {"Answer:\n\n  (B) 12\nGood luck", Source::phrase, "(B) 12"},
      {"The answer is 3. No, the answer is 4.5. Done.", Source::phrase, "4.5"},
      {"I cannot answer that", Source::text, "I cannot answer that"},
      {"<think>\\boxed{1}</think>2", Source::text, "2"},
      {"\\boxed{1}</think>\n\nThe answer is 2", Source::phrase, "2"},
      {"<think>it is \\boxed{1}", Source::none, ""},
      {"  17. ", Source::text, "17"},
      {"", Source::none, ""},
  };
  for (const Case& one : kCases) {
    const Extraction found = find_answer(one.output);
    EXPECT_EQ(static_cast<int>(found.source), static_cast<int>(one.source)) << one.output;
    EXPECT_EQ(found.text, one.text) << one.output;
    EXPECT_EQ(found.problem.empty(), one.source != Source::none) << one.output;
  }
}

TEST(LooseCandidates, AreTheTextTheFormulaTheStatementAndTheLastNumber) {
  EXPECT_THAT(loose_candidates("The total is 17"), testing::ElementsAre("The total is 17", "17", "17"));
  EXPECT_THAT(loose_candidates("With $x=3$ we get \\(2x\\) apples"),
              testing::ElementsAre("With $x=3$ we get \\(2x\\) apples", "2x", "3$ we get \\(2x\\) apples", "2x"));
  EXPECT_THAT(loose_candidates("It costs $120 per month"), testing::ElementsAre("It costs $120 per month", "120"));
  EXPECT_THAT(loose_candidates("about 3 dozen eggs"), testing::ElementsAre("about 3 dozen eggs", "3 dozen"));
}

}  // namespace
}  // namespace r1v
