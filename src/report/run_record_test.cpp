// Run folders: whole, half written, empty, wrong.
#include "report/run_record.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "base/file.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

class RunRecords : public testing::Test {
 protected:
  RunRecords() { fs::remove_all(root_); }
  ~RunRecords() override { fs::remove_all(root_); }

  fs::path put(const std::string& file, std::string_view text) {
    fs::create_directories((root_ / file).parent_path());
    write_file_atomic(root_ / file, text);
    return (root_ / file).parent_path();
  }
  static bool notes(const RunRecord& run, const std::string& note) {
    return std::ranges::find(run.notes, note) != run.notes.end();
  }

  const fs::path root_ = fs::path(testing::TempDir()) / "r1v_report_runs";
};

TEST_F(RunRecords, AWholeRunIsReadWithoutNotes) {
  put("a/options.toml", "seed = 1\n");
  put("a/metrics.jsonl", "{\"step\":1,\"loss\":2}\n{\"step\":2,\"loss\":1}\n");
  put("a/samples-10.jsonl", "{\"sample\":3}\n");
  put("a/samples-2.jsonl", "{\"sample\":2}\n");
  const RunRecord run = read_run(put("a/samples.jsonl", "{\"sample\":1}\n"));
  EXPECT_EQ(run.name, "a");
  EXPECT_EQ(run.options.size(), 1u);
  EXPECT_EQ(run.num_metric_lines, 2);
  EXPECT_EQ(run.curves.at(0).points.size(), 2u);
  ASSERT_EQ(run.samples.size(), 3u);
  EXPECT_EQ(run.samples[1].id, "2");
  EXPECT_EQ(run.samples[2].id, "3");
  EXPECT_TRUE(run.notes.empty());
}

TEST_F(RunRecords, WhatIsMissingOrDamagedIsANote) {
  const RunRecord run = read_run(put("a/metrics.jsonl", "{\"step\":1,\"loss\":2}\nx\n{\"step\":2,\"lo"));
  EXPECT_EQ(run.curves.size(), 1u);
  EXPECT_TRUE(notes(run, "there is no options.toml"));
  EXPECT_TRUE(notes(run, "no samples were kept (grpo, sft and reward keep some)"));
  EXPECT_TRUE(notes(run, "metrics.jsonl: the last line is half written and left out"));
  EXPECT_TRUE(std::ranges::any_of(run.notes, [](const std::string& note) {
    return note.starts_with("metrics.jsonl: 1 unreadable lines left out; line 2: not valid JSON");
  }));
}

TEST_F(RunRecords, AFolderInAFilesPlaceIsANote) {
  put("a/options.toml", "");
  fs::create_directories(root_ / "a/metrics.jsonl");
  EXPECT_GE(read_run(root_ / "a").notes.size(), 2u);
}

TEST_F(RunRecords, ARunThatHasJustBegunIsNoError) {
  put("a/metrics.jsonl", "");
  const auto runs = read_runs({put("a/options.toml", "seed = 1")});
  EXPECT_TRUE(runs.at(0).curves.empty());
  EXPECT_TRUE(notes(runs[0], "metrics.jsonl holds no line yet"));
}

TEST_F(RunRecords, FoldersOfOneNameAreToldApartByTheirParents) {
  const fs::path a = put("x/run/options.toml", ""), b = put("y/run/options.toml", ""), c = put("z/options.toml", "");
  const auto runs = read_runs({a, b / "", c});
  EXPECT_EQ(runs[0].name, "x/run");
  EXPECT_EQ(runs[1].name, "y/run");
  EXPECT_EQ(runs[2].name, "z");
}

TEST_F(RunRecords, WrongFoldersAreInputErrors) {
  const fs::path run = put("a/options.toml", ""), other = put("other/file.txt", "");
  EXPECT_THROW(read_runs({root_ / "missing"}), InputError);
  EXPECT_THROW(read_runs({run / "options.toml"}), InputError);
  EXPECT_THROW(read_runs({other}), InputError);
  EXPECT_THROW(read_runs({run, run / ".." / "a"}), InputError);
  EXPECT_TRUE(read_runs({run, other})[1].is_empty);
}

}  // namespace
}  // namespace r1v
