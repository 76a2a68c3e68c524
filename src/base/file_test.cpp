#include "base/file.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

struct FileTest : testing::Test {
  fs::path folder = fs::temp_directory_path() / "r1v_file_test";
  void SetUp() override { fs::create_directories(folder / "inside"); }
  void TearDown() override { fs::remove_all(folder); }
};

TEST_F(FileTest, WritesAndReadsBack) {
  write_file_atomic(folder / "a", std::string("x\0y", 3));
  EXPECT_EQ(read_file(folder / "a"), std::string("x\0y", 3));
  EXPECT_EQ(MappedFile(folder / "a").bytes().size(), 3u);
}

TEST_F(FileTest, RefusesFoldersAndMissingFiles) {
  EXPECT_THROW(read_file(folder), InputError);
  EXPECT_THROW(read_file(folder / "none"), InputError);
  EXPECT_THROW(MappedFile(folder / "none"), InputError);
  EXPECT_THROW(write_file_atomic(folder / "none" / "a", "x"), InputError);
  EXPECT_THROW(write_file_atomic(folder / "inside", "x"), InputError);
  const auto entries = fs::directory_iterator(folder);
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1) << "only the folder inside, no half-written file";
}

TEST_F(FileTest, PathsMayNotLeaveTheirRoot) {
  write_file_atomic(folder / "secret", "x");
  write_file_atomic(folder / "inside" / "open", "x");
  fs::create_symlink(folder / "secret", folder / "inside" / "link");
  EXPECT_NO_THROW(resolve_below(folder / "inside", "open"));
  EXPECT_THROW(resolve_below(folder / "inside", "../secret"), InputError);
  EXPECT_THROW(resolve_below(folder / "inside", "link"), InputError);
  EXPECT_THROW(resolve_below(folder / "inside", "/etc/hostname"), InputError);
}

}  // namespace
}  // namespace r1v
