// Lines found across files, blank ones left out, places remembered.
#include "data/lines.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

TEST(LineIndex, FindsLinesOfSeveralFilesWithTheirNumbers) {
  const fs::path folder = fs::path(testing::TempDir()) / "line_index";
  fs::create_directories(folder);
  write_file_atomic(folder / "a.jsonl", "{\"a\":1}\n\n  \r\n{\"a\":4}");  // lines 2 and 3 are blank, line 4 unfinished
  write_file_atomic(folder / "b.jsonl", "{\"b\":1}\n");
  write_file_atomic(folder / "empty.jsonl", "");
  const LineIndex lines({folder / "a.jsonl", folder / "empty.jsonl", folder / "b.jsonl"});
  ASSERT_EQ(lines.size(), 3);
  EXPECT_EQ(lines.text(1), "{\"a\":4}");
  EXPECT_TRUE(lines.where(1).ends_with("a.jsonl line 4"));
  EXPECT_EQ(lines.text(2), "{\"b\":1}");
  EXPECT_TRUE(lines.where(2).ends_with("b.jsonl line 1"));
  fs::remove_all(folder);
}

TEST(LineIndex, OtherLinesOrAnotherOrderHaveAnotherDigestAndBlankOnesDoNotCount) {
  const fs::path folder = fs::path(testing::TempDir()) / "line_digest";
  fs::create_directories(folder);
  const auto digest = [&](const std::string& text) {
    write_file_atomic(folder / "a.jsonl", text);
    return LineIndex({folder / "a.jsonl"}).digest();
  };
  const std::string found = digest("{\"a\":1}\n{\"a\":2}\n");
  EXPECT_EQ(digest("{\"a\":1}\n\n{\"a\":2}"), found);
  EXPECT_NE(digest("{\"a\":1}\n{\"a\":3}\n"), found);
  EXPECT_NE(digest("{\"a\":2}\n{\"a\":1}\n"), found);
  EXPECT_NE(digest("{\"a\":1}\n"), found);
  fs::remove_all(folder);
}

TEST(LineIndex, NamesAMissingFile) { EXPECT_THROW(LineIndex({"no/such/file.jsonl"}), InputError); }

}  // namespace
}  // namespace r1v
