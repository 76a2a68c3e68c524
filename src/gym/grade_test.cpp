// Joining, counting and intervals.
#include "gym/grade.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"

namespace r1v {
namespace {

std::filesystem::path write(const std::string& name, const std::string& text) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / name;
  write_file_atomic(path, text);
  return path;
}

constexpr const char* kQuestions = R"({"id":"a","answer":"7","kind":"number","family":"bar_chart","level":1}
{"id":"b","answer":"B","kind":"choice","family":"bar_chart","level":2}
{"id":"c","answer":"red","kind":"word","family":"clock","level":1}
)";

TEST(Grade, WilsonIntervalMatchesTheFormulaByHand) {
  // 8 of 10, z = 1.96: centre (0.8 + 3.8416/20) / 1.38416 = 0.71674; half 1.96/1.38416 * sqrt(0.016 + 0.009604) =
  // 0.22658.
  const auto [low, high] = wilson_interval({.right = 8, .asked = 10});
  EXPECT_NEAR(low, 0.4902, 1e-4);
  EXPECT_NEAR(high, 0.9433, 1e-4);
  EXPECT_EQ(wilson_interval({}), (std::pair<double, double>{0, 1}));
}

TEST(Grade, CountsByFamilyAndLevelAndMissingAnswersAsWrong) {
  const auto questions = write("grade_questions.jsonl", kQuestions);
  const auto answers = write("grade_answers.jsonl", R"({"id":"b","text":"<think>\nno\n</think>\n\n\\boxed{B}"}
{"id":"a","text":"<think>\nno\n</think>\n\n\\boxed{8}"}
{"id":"c","error":"the picture is missing"}
)");
  const GradeReport report = grade_answers(questions, answers);
  EXPECT_EQ(report.all.asked, 3);
  EXPECT_EQ(report.all.right, 1);
  EXPECT_EQ(report.unanswered, 1);
  EXPECT_EQ(report.families.at("bar_chart").right, 1);
  EXPECT_EQ((report.cells.at({"bar_chart", 2}).right), 1);
  EXPECT_EQ(report.levels.at(1).right, 0);
  EXPECT_NE(report.table().find("bar_chart"), std::string::npos);
  EXPECT_EQ(report.json().at("unanswered"), 1);
}

TEST(Grade, CountsAnswersThatCannotBeJudged) {
  const auto questions = write("grade_questions.jsonl",
                               R"({"id":"a","answer":"100000000!","kind":"expression","family":"text_units","level":1}
)");
  const auto answers = write("grade_answers.jsonl", R"({"id":"a","text":"\\boxed{7}"}
)");
  const GradeReport report = grade_answers(questions, answers);
  EXPECT_EQ(report.undecided, 1);
  EXPECT_EQ(report.all.right, 0);
  EXPECT_EQ(report.json().at("undecided"), 1);
  EXPECT_NE(report.table().find("1 could not be judged and count as wrong"), std::string::npos);
}

TEST(Grade, CountsClaimsAboutPicturesWhereTranscriptsAreGiven) {
  const auto questions =
      write("grade_questions.jsonl",
            R"({"id":"a","answer":"7","kind":"number","family":"bar_chart","level":1,"transcript":"nuts 5, figs 2"}
{"id":"b","answer":"3","kind":"number","family":"text_units","level":1,"transcript":""}
)");
  const auto answers =
      write("grade_answers.jsonl", R"({"id":"a","text":"<think>\nI see nuts 5, figs 3. 5+3=8.\n</think>\n\n\\boxed{8}"}
{"id":"b","text":"\\boxed{3}"}
)");
  const GradeReport report = grade_answers(questions, answers);
  EXPECT_EQ(report.claims.made(), 2);
  EXPECT_EQ(report.claims.wrong(), 1);
  EXPECT_EQ(report.claims.silent(), 0);  // a text without a picture claims nothing about one
  EXPECT_EQ(report.json()["claims"]["families"]["bar_chart"]["wrong"], 1);
  EXPECT_NE(report.table().find("that are wrong: 50.0 %"), std::string::npos) << report.table();
  EXPECT_FALSE(
      grade_answers(write("grade_plain.jsonl", kQuestions), write("grade_none.jsonl", "")).json().contains("claims"));
}

TEST(Grade, RefusesAnswersToNoQuestionAndDoubleAnswers) {
  const auto questions = write("grade_questions.jsonl", kQuestions);
  EXPECT_THROW(grade_answers(questions, write("grade_x.jsonl", R"({"id":"x","text":"1"})")), InputError);
  EXPECT_THROW(grade_answers(questions,
                             write("grade_x.jsonl", "{\"id\":\"a\",\"text\":\"1\"}\n{\"id\":\"a\",\"text\":\"1\"}\n")),
               InputError);
  EXPECT_THROW(grade_answers(questions, write("grade_x.jsonl", R"({"id":"a"})")), InputError);
}

}  // namespace
}  // namespace r1v
