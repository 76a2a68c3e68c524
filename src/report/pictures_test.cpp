// Which files become pictures of the page: real ones, below the root, few and small.
#include "report/pictures.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/file.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

const std::string kPng = "\x89PNG\r\n\x1a\n....";

class Pictures : public testing::Test {
 protected:
  Pictures() {
    fs::remove_all(root_);
    fs::create_directories(root_ / "in");
    write_file_atomic(root_ / "in/a.png", kPng);
    write_file_atomic(root_ / "in/b.png", kPng + "b");
    write_file_atomic(root_ / "in/text.png", "root:x:0:0");
    write_file_atomic(root_ / "outside.png", kPng);
  }
  ~Pictures() override { fs::remove_all(root_); }
  const fs::path root_ = fs::path(testing::TempDir()) / "r1v_report_pictures";
};

TEST_F(Pictures, AFileBecomesADataUrlOnce) {
  PictureShelf shelf({});
  EXPECT_EQ(shelf.add(root_ / "in", "a.png").index, 0);
  EXPECT_EQ(shelf.add(root_ / "in", "../in/a.png").index, 0);
  EXPECT_EQ(shelf.add(root_, "in/b.png").index, 1);
  ASSERT_EQ(shelf.urls().size(), 2u);
  EXPECT_EQ(shelf.urls()[0], "data:image/png;base64," + encode_base64(kPng));
}

TEST_F(Pictures, NothingOutsideTheRootIsOpened) {
  PictureShelf shelf({});
  for (const std::string path : {"../outside.png", "/etc/passwd", "missing.png", ""}) {
    const auto place = shelf.add(root_ / "in", path);
    EXPECT_EQ(place.index, -1) << path;
    EXPECT_FALSE(place.problem.empty());
  }
  EXPECT_EQ(shelf.add(root_ / "in", (root_ / "in/a.png").string()).index, 0);
}

TEST_F(Pictures, OtherFilesAreRefusedByTheirFirstBytes) {
  PictureShelf shelf({});
  EXPECT_EQ(shelf.add(root_ / "in", "text.png").problem, "text.png is neither PNG, JPEG, GIF nor WebP");
  EXPECT_EQ(picture_type("GIF89a"), "image/gif");
  EXPECT_EQ(picture_type("\xff\xd8\xff\xe0"), "image/jpeg");
  EXPECT_EQ(picture_type(std::string_view("RIFF\1\2\3\4WEBPVP8 ", 16)), "image/webp");
  EXPECT_EQ(picture_type("<svg onload='x'>"), "");
}

TEST_F(Pictures, NumberAndSizeAreBounded) {
  PictureShelf few({.number = 1, .bytes_each = 100}), small({.number = 9, .bytes_each = 4});
  EXPECT_EQ(few.add(root_ / "in", "a.png").index, 0);
  EXPECT_EQ(few.add(root_ / "in", "b.png").problem, "b.png is left out: more than --pictures 1");
  EXPECT_EQ(few.add(root_ / "in", "a.png").index, 0);
  EXPECT_EQ(small.add(root_ / "in", "a.png").index, -1);
}

}  // namespace
}  // namespace r1v
