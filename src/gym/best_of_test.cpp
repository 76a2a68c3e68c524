// Shares counted by hand over two questions.
#include "gym/best_of.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

class BestOf : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder);
    write_file_atomic(questions, R"({"id":"a","answer":"5","kind":"number"})"
                                 "\n"
                                 R"({"id":"b","answer":"7","kind":"number"})"
                                 "\n");
  }
  void TearDown() override { fs::remove_all(folder); }

  /// Final answers of a question's candidates, with their scores.
  static std::string line(const std::string& id, const std::vector<std::pair<int, double>>& candidates) {
    Json list = Json::array();
    for (const auto& [answer, score] : candidates) {
      list.push_back({{"text", cat("\\boxed{", answer, "}")}, {"score", score}});
    }
    return dump_json({{"id", id}, {"candidates", list}}) + "\n";
  }

  fs::path folder = fs::temp_directory_path() / cat("r1v_best_of_test.", ::getpid());
  fs::path questions = folder / "questions.jsonl", answers = folder / "answers.jsonl";
};

TEST_F(BestOf, CountsEveryWayToChoose) {
  // a: wrong, right, right, by score the wrong one; b: right, wrong, wrong, by score the right one
  write_file_atomic(answers, line("a", {{4, 3.0}, {5, 0.0}, {5, 1.0}}) + line("b", {{7, 2.0}, {8, 0.0}, {8, 0.5}}));
  const BestOfReport report = grade_best_of(questions, answers, {1, 3});
  const BestOfRow &one = report.rows[0], &three = report.rows[1];
  EXPECT_EQ(one.mean.right, 1);  // the first candidates: 4 is wrong, 7 right
  EXPECT_EQ(one.oracle.right, 1);
  EXPECT_EQ(three.mean.right, 3);  // of six
  EXPECT_EQ(three.mean.asked, 6);
  EXPECT_EQ(three.vote.right, 1);      // 5 and 8 win
  EXPECT_EQ(three.judge.right, 1);     // 4 and 7 win
  EXPECT_EQ(three.weighted.right, 1);  // a: e^3 against e^0 + e^1; b: e^2 against e^0 + e^0.5
  EXPECT_EQ(three.oracle.right, 2);
}

TEST_F(BestOf, WantsAsManyCandidatesAsItCounts) {
  write_file_atomic(answers, line("a", {{5, 0.0}}) + line("b", {{7, 0.0}}));
  EXPECT_THROW(grade_best_of(questions, answers, {1, 2}), InputError);
}

}  // namespace
}  // namespace r1v
