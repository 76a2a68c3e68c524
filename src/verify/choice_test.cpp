// Letters of options, and sentences that only begin with "A".
#include "verify/choice.h"

#include <gtest/gtest.h>

namespace r1v {
namespace {

TEST(ChoiceLetter, ReadsTheUsualSpellings) {
  for (const char* text : {"B",
                           "b",
                           "(B)",
                           "(b)",
                           "B.",
                           "B)",
                           "B:",
                           "B. 12",
                           "B) 12",
                           "B: twelve",
                           "**B**",
                           "\\text{B}",
                           "\\textbf{(B)}",
                           "$B$",
                           "Option B",
                           "option (B)",
                           "choice B",
                           "the answer is B",
                           "The correct option is (B) 12 cm",
                           "It must be B",
                           "\\mathrm{B}"}) {
    EXPECT_EQ(choice_letter(text), 'B') << text;
  }
}

TEST(ChoiceLetter, DoesNotGuess) {
  for (const char* text : {"", "A cat", "A bar chart shows it", "12", "blue", "K", "(A) or (B)", "A or B", "A, B",
                           "A/B", "C and D", "A B", "ABCD", "because", "Both", "it is a"}) {
    EXPECT_EQ(choice_letter(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace r1v
