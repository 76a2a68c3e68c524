// Which questions the offline filter keeps, with answers whose verdicts are made by hand.
#include "recipes/mixed_questions.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "models/golden_network.h"
#include "recipes/pairs_lines.h"

namespace r1v {
namespace {

using Verdicts = std::vector<std::optional<double>>;

TEST(KeepIfMixed, WritesTheQuestionsWithRightAndWrongAnswersAndTheirShare) {
  const TemporaryFolder folder;
  copy_golden_model(folder.path() / "model");
  std::string lines;
  for (int i = 0; i < 4; ++i) {
    lines += cat(R"({"id":"q)", i, R"(","messages":[{"role":"user","content":"question"}],"answer":"1"})", "\n");
  }
  write_file_atomic(folder.path() / "questions.jsonl", lines);
  const Renderer renderer(folder.path() / "model");
  const QuestionData data(renderer, {.lines = {.files = {folder.path() / "questions.jsonl"}}});
  const std::vector<Verdicts> verdicts = {
      {1, 0, 0, std::nullopt, 0},    // mixed; the answer that nobody could judge is not among the four
      {1, 1, std::nullopt},          // all right
      {0, 0},                        // all wrong
      {std::nullopt, std::nullopt},  // undecided
  };
  const std::filesystem::path out = folder.path() / "mixed.jsonl";
  LinesWriter writer(out);
  MixedCounts counts;
  for (size_t i = 0; i < verdicts.size(); ++i) {
    RolloutGroup group;
    group.question.index = static_cast<int64_t>(i);
    for (const auto& verdict : verdicts[i]) group.samples.emplace_back().reward.accuracy = verdict;
    keep_if_mixed(group, data, writer, counts);
  }
  writer.finish();
  EXPECT_EQ(counts.text(), "questions 4: mixed 1, all right 1, all wrong 1, undecided 1");
  const Json kept = parse_json(read_file(out), "mixed.jsonl");  // one line
  EXPECT_EQ(kept.at("id"), "q0");
  EXPECT_EQ(kept.at("pass_rate"), 0.25);
  EXPECT_EQ(kept.at("answer"), "1");
}

}  // namespace
}  // namespace r1v
