// Lines that are asked and learnt, in the layouts of supervised data and of questions.
#include "recipes/task_lines.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "recipes/pairs_testing.h"

namespace r1v {
namespace {

Json conversation(const std::string& question, const std::string& solution) {
  Json messages = asked(question);
  messages.push_back({{"role", "assistant"}, {"content", solution}});
  return {{"messages", messages}};
}

TEST(TaskLine, TakesTheGoldAnswerFromTheSolutionsBox) {
  const TaskLine line = parse_task_line(conversation("2 + 3?", "<think>\n5\n</think>\n\n\\boxed{5}"), "line 1");
  EXPECT_EQ(line.gold, "5");
  EXPECT_EQ(line.request["messages"].size(), 1u);
  EXPECT_EQ(line.request["add_generation_prompt"], true);
  EXPECT_FALSE(line.has_pictures());
}

TEST(TaskLine, AnAnswerOfItsOwnWins) {
  Json json = conversation("2 + 3?", "\\boxed{5}");
  json["answer"] = 6;
  json["kind"] = "number";
  EXPECT_EQ(parse_task_line(json, "line 1").gold, "6");
  json["kind"] = "colour";
  EXPECT_THROW(parse_task_line(json, "line 1"), InputError);
}

TEST(TaskLine, AQuestionLineHasNoSolution) {
  const TaskLine line = parse_task_line({{"id", 7}, {"messages", asked("2 + 3?")}, {"answer", "5"}}, "line 1");
  EXPECT_EQ(line.solution, "");
  EXPECT_EQ(line.id, "7");
  EXPECT_EQ(line.gold, "5");
}

TEST(TaskLine, ThoughtsUnderTheirOwnKeyComeFirst) {
  Json json = conversation("2 + 3?", "\\boxed{5}");
  json["messages"][1]["reasoning_content"] = "Add.";
  EXPECT_EQ(parse_task_line(json, "line 1").solution, "<think>\nAdd.\n</think>\n\n\\boxed{5}");
}

TEST(TaskLine, RefusesIdsAndWhatIsNoQuestion) {
  EXPECT_THROW(parse_task_line({{"input_ids", {1, 2}}, {"labels", {1, 2}}}, "line 1"), InputError);
  EXPECT_THROW(parse_task_line({{"messages", Json::array()}}, "line 1"), InputError);
  EXPECT_THROW(parse_task_line({{"messages", {{{"role", "assistant"}, {"content", "hm"}}}}}, "line 1"), InputError);
}

TEST(TaskLine, WithoutPicturesMarkersGoToo) {
  Json json = conversation("<image>\nHow many?", "\\boxed{5}");
  json["images"] = {"a.png"};
  const TaskLine line = parse_task_line(json, "line 1");
  EXPECT_TRUE(line.has_pictures());
  EXPECT_EQ(line.question_text(), "How many?\n");
  EXPECT_EQ(without_pictures(line.request)["messages"][0]["content"].size(), 1u);
}

TEST(TaskLines, SkipBadLinesAndCountThem) {
  const LinesFolder folder;
  const auto file = folder.write("data.jsonl", {conversation("1?", "1"), {{"bad", 1}}, conversation("2?", "2")});
  EXPECT_THROW(TaskLines({.files = {file}}), InputError);
  const TaskLines lines({.files = {file}, .skip_bad = true});
  EXPECT_EQ(lines.indexes(), (std::vector<int64_t>{0, 2}));
  EXPECT_EQ(lines.num_bad(), 1);
  EXPECT_EQ(lines.line(2).id, "3");  // its number from 1
}

TEST(TaskLines, PicturesOfSeveralFoldersStartFromWhatTheyHaveInCommon) {
  const LinesFolder folder;
  Json json = conversation("<image>\nHow many?", "5");
  json["images"] = {"p/a.png"};
  const auto first = folder.write("one/data.jsonl", {json}), second = folder.write("two/deep/data.jsonl", {json});
  const TaskLines lines({.files = {first, second}});
  EXPECT_EQ(lines.common_root(), std::filesystem::weakly_canonical((folder / "x").parent_path()));
  EXPECT_EQ(lines.moved(lines.line(0))["images"][0], "one/p/a.png");
  EXPECT_EQ(lines.moved(lines.line(1))["images"][0], "two/deep/p/a.png");
}

}  // namespace
}  // namespace r1v
