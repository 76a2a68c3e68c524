// Boxes, letters and copied questions, each beside an innocent twin.
#include "report/answer_signs.h"

#include <gtest/gtest.h>

namespace r1v {
namespace {

TEST(AnswerSigns, OnlyBoxesBehindTheThoughtCount) {
  EXPECT_EQ(num_boxes("\\boxed{1} or \\boxed{2}?</think>\\boxed{3}"), 1u);
  EXPECT_EQ(num_boxes("x</think>\\boxed{3} \\boxed{4}"), 2u);
  EXPECT_EQ(num_boxes("\\boxed{3} \\boxed{4}"), 2u);
  EXPECT_EQ(num_boxes(""), 0u);
}

TEST(AnswerSigns, SeveralLettersWhereOneIsAsked) {
  EXPECT_EQ(crowded_box("</think>\\boxed{A, C, D}", "B"), "3 letters in one box: A, C, D");
  EXPECT_EQ(crowded_box("</think>\\boxed{ABCD}", "B"), "4 letters in one box: ABCD");
  EXPECT_EQ(crowded_box("</think>\\boxed{\\text{A or B}}", "B"), "2 letters in one box: \\text{A or B}");
  EXPECT_EQ(crowded_box("</think>\\boxed{B}", "B"), "");
  EXPECT_EQ(crowded_box("</think>\\boxed{(B)}", "B"), "");
  EXPECT_EQ(crowded_box("</think>\\boxed{BAD}", "dog"), "");
}

TEST(AnswerSigns, SeveralAnswersWhereTheRightOneIsNoList) {
  EXPECT_EQ(crowded_box("</think>\\boxed{3 or 4}", "4"), "several answers in one box: 3 or 4");
  EXPECT_EQ(crowded_box("</think>\\boxed{3, 4}", "4"), "several answers in one box: 3, 4");
  EXPECT_EQ(crowded_box("</think>\\boxed{3, 4}", "(3,4)"), "");
  EXPECT_EQ(crowded_box("</think>\\boxed{1,000}", "1000"), "");
  EXPECT_EQ(crowded_box("</think>\\boxed{1{,}000}", "1000"), "");
  EXPECT_EQ(crowded_box("</think>\\boxed{orange}", "orange"), "");
  EXPECT_EQ(crowded_box("</think>\\boxed{3, 4", "4"), "");  // never closed
}

TEST(AnswerSigns, ACopiedQuestionIsFoundAcrossCaseAndPunctuation) {
  const std::string question = "How many more apples than pears were sold?";  // 8 words: 6 are three quarters
  EXPECT_EQ(repeated_question("Hm: HOW MANY more apples, than pears were sold! So 3.", question),
            "how many more apples than pears were sold");
  EXPECT_EQ(repeated_question("more apples than pears were sold", question), "more apples than pears were sold");
  EXPECT_EQ(repeated_question("apples than pears were sold", question), "");
  EXPECT_EQ(repeated_question("There are 4 apples and 1 pear. So 3.", question), "");
}

TEST(AnswerSigns, ShortQuestionsAndTemplateWordsAreNoCopies) {
  EXPECT_EQ(repeated_question("What color is it?", "What color is it?"), "");
  EXPECT_EQ(repeated_question("img img_context x16 img one two three", "<img><IMG_CONTEXT> x16 </img> Which one?"), "");
}

TEST(AnswerSigns, SixteenWordsOfALongQuestionAreEnough) {
  std::string question, part;
  for (int i = 0; i < 100; ++i) question += "w" + std::to_string(i) + " ";
  for (int i = 40; i < 56; ++i) part += "w" + std::to_string(i) + " ";
  EXPECT_NE(repeated_question("x " + part, question), "");
  EXPECT_EQ(repeated_question("x " + part.substr(4), question), "");
}

}  // namespace
}  // namespace r1v
