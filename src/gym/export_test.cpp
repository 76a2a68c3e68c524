// What lands on disk.
#include "gym/export.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "gym/families.h"
#include "gym/gym_fixture.h"
#include "gym/solution.h"
#include "io/jsonl.h"

namespace r1v {
namespace {

ExportOptions small_export(const std::string& folder) {
  ExportOptions options;
  options.out = std::filesystem::path(testing::TempDir()) / folder;
  std::filesystem::remove_all(options.out);
  options.families = find_families({"count_objects", "typeset_sum"});
  options.levels = {1, 2};
  options.count = 12;
  options.threads = 2;
  return options;
}

TEST(Export, SftLinesHoldQuestionReplyAndReadablePictures) {
  ExportOptions options = small_export("export_sft");
  options.with_scene = true;
  const auto path = export_tasks(options);
  EXPECT_EQ(path.filename(), "sft.jsonl");
  int64_t lines = 0;
  for_each_json_line(path, [&](const Json& line, int64_t) {
    const Task task = exported_task(options, lines++);
    EXPECT_EQ(line.at("messages").at(0).at("content"), "<image>\n" + task.question);
    EXPECT_EQ(line.at("messages").at(1).at("content"), assistant_text(task));
    EXPECT_EQ(line.at("scene"), task.scene);
    EXPECT_EQ(line.at("marks").at(0).size(), task.pictures[0].marks.size());
    const Picture picture = read_picture(options.out / line.at("images").at(0).get<std::string>());
    EXPECT_EQ(picture.rgb, task.pictures[0].picture.rgb);
  });
  EXPECT_EQ(lines, 12);
}

TEST(Export, FamiliesAndLevelsTakeTurns) {
  const ExportOptions options = small_export("export_turns");
  const std::vector<std::pair<std::string, int>> expected = {
      {"count_objects", 1}, {"typeset_sum", 1}, {"count_objects", 2}, {"typeset_sum", 2}, {"count_objects", 1}};
  for (size_t i = 0; i < expected.size(); ++i) {
    const Task task = exported_task(options, static_cast<int64_t>(i));
    EXPECT_EQ((std::pair{task.family, task.level}), expected[i]);
  }
}

TEST(Export, TheNumberOfThreadsChangesNothing) {
  ExportOptions one = small_export("export_one"), four = small_export("export_four");
  one.threads = 1;
  four.threads = 4;
  EXPECT_EQ(read_file(export_tasks(one)), read_file(export_tasks(four)));
  EXPECT_EQ(read_file(one.out / "pictures/000/000003.png"), read_file(four.out / "pictures/000/000003.png"));
}

TEST(Export, QuestionsNameTheirPicturesAndAnswers) {
  ExportOptions options = small_export("export_questions");
  options.format = ExportFormat::questions;
  options.split = Split::test;
  for_each_json_line(export_tasks(options), [&](const Json& line, int64_t number) {
    const Task task = exported_task(options, number - 1);
    EXPECT_EQ(line.at("answer"), task.answer);
    EXPECT_EQ(line.at("kind"), task.kind);
    const Json& parts = line.at("messages").at(0).at("content");
    EXPECT_EQ(parts.at(0).at("type"), "image");
    EXPECT_TRUE(std::filesystem::exists(options.out / parts.at(0).at("path").get<std::string>()));
    EXPECT_EQ(parts.at(1).at("text"), task.question);
    EXPECT_EQ(line.at("messages").size(), 1u);  // the answer is not given away
  });
}

TEST(Export, PreferencesDifferInTheAnswer) {
  ExportOptions options = small_export("export_preferences");
  options.format = ExportFormat::preferences;
  options.kinds = {PreferenceKind::wrong};
  for_each_json_line(export_tasks(options), [&](const Json& line, int64_t number) {
    const Task task = exported_task(options, number - 1);
    EXPECT_EQ(line.at("chosen"), assistant_text(task));
    EXPECT_NE(line.at("rejected"), line.at("chosen"));
    EXPECT_EQ(line.at("rejected").get<std::string>().find("\\boxed{" + task.answer + "}"), std::string::npos);
  });
}

TEST(Export, ControlsKeepQuestionsAndSizesButNotThePictures) {
  ExportOptions drawn = small_export("export_drawn"), grey = drawn, shuffled = drawn;
  grey.pictures = ExportPictures::grey;
  shuffled.pictures = ExportPictures::shuffled;
  for (int64_t i = 0; i < 12; ++i) {
    const Task task = exported_task(drawn, i), blind = exported_task(grey, i), other = exported_task(shuffled, i);
    EXPECT_EQ(blind.question, task.question);
    EXPECT_EQ(other.answer, task.answer);
    EXPECT_EQ(blind.pictures[0].picture.rgb, std::vector<uint8_t>(task.pictures[0].picture.rgb.size(), 128));
    EXPECT_NE(other.pictures[0].picture.rgb, task.pictures[0].picture.rgb);
  }
}

TEST(Export, UnknownNamesAreInputErrors) {
  EXPECT_THROW(find_families({"no_such_family"}), InputError);
  EXPECT_THROW(export_format_of_name("parquet"), InputError);
  EXPECT_EQ(find_families({}).size(), gym_families().size());
}

}  // namespace
}  // namespace r1v
