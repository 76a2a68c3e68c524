// Sizes and pixels against transformers' smart_resize and image processor, and what is refused.
#include "media/patches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "media/golden_test.h"

namespace r1v {
namespace {

Json golden(const std::string& part) {
  return read_json_file(std::filesystem::path(R1V_SOURCE_DIR) / "tests/golden/patches.json").at(part);
}

TEST(SmartResize, GivesTheReferencesSizes) {
  size_t checked = 0;
  for (const Json& line : golden("sizes")) {
    const PatchLimits limits{.max_pixels = line[4].get<int64_t>()};
    const int64_t height = line[0].get<int64_t>(), width = line[1].get<int64_t>();
    const PictureSize expected{.height = line[2].get<int64_t>(), .width = line[3].get<int64_t>()};
    EXPECT_EQ(smart_resize(height, width, limits), expected) << height << " x " << width;
    ++checked;
  }
  EXPECT_GT(checked, 400u);
}

TEST(SmartResize, RoundsHalvesToEven) {
  // 350 / 28 = 12.5 -> 12, 70 / 28 = 2.5 -> 2: Python's round, not the schoolbook's
  EXPECT_EQ(smart_resize(350, 350, {}), (PictureSize{.height = 336, .width = 336}));
  EXPECT_EQ(smart_resize(70, 70, {}), (PictureSize{.height = 56, .width = 56}));
}

TEST(SmartResize, RefusesWhatHasNoSize) {
  EXPECT_THROW(smart_resize(0, 10, {}), InputError);
  EXPECT_THROW(smart_resize(10, 2001, {}), InputError);                            // 200.1 : 1
  EXPECT_THROW(smart_resize(int64_t{1} << 62, int64_t{1} << 62, {}), InputError);  // the area overflows
  EXPECT_EQ(smart_resize(1, 1, {}), (PictureSize{.height = 56, .width = 56}));     // one pixel: 56 * 56 = min_pixels
  EXPECT_EQ(smart_resize(10, 2000, {}).height, 28);                                // 200 : 1 is the last that passes
}

class PatchLimitsTest : public testing::Test {
 protected:
  PatchLimitsTest() {
    std::filesystem::create_directories(folder_);
    write("config.json", {{"vision_config", {{"patch_size", 14}, {"spatial_merge_size", 2}}}});
  }
  ~PatchLimitsTest() override { std::filesystem::remove_all(folder_); }

  void write(const char* name, const Json& json) const { write_file_atomic(folder_ / name, dump_json(json)); }
  std::string refusal(const Json& preprocessor) const {
    write("preprocessor_config.json", preprocessor);
    try {
      read_patch_limits(folder_);
    } catch (const InputError& error) {
      return error.what();
    }
    return "was accepted";
  }

  const std::filesystem::path folder_ = std::filesystem::temp_directory_path() / cat("r1v-patches-", ::getpid());
};

TEST_F(PatchLimitsTest, AreReadUnderBothNames) {
  EXPECT_EQ(read_patch_limits(folder_).max_pixels, 12845056);  // the published value, without a file
  write("preprocessor_config.json", {{"min_pixels", 784}, {"max_pixels", 1003520}});
  EXPECT_EQ(read_patch_limits(folder_).min_pixels, 784);
  EXPECT_EQ(read_patch_limits(folder_).max_pixels, 1003520);
  write("preprocessor_config.json", {{"size", {{"shortest_edge", 784}, {"longest_edge", 1003520}}}});
  EXPECT_EQ(read_patch_limits(folder_).min_pixels, 784);
  EXPECT_EQ(read_patch_limits(folder_).max_pixels, 1003520);
}

TEST_F(PatchLimitsTest, RefuseWhatTheTowerWasNotBuiltFor) {
  EXPECT_THAT(refusal({{"patch_size", 16}}), testing::HasSubstr("\"patch_size\" is 14"));
  EXPECT_THAT(refusal({{"merge_size", 4}}), testing::HasSubstr("spatial_merge_size"));
  EXPECT_THAT(refusal({{"patch_size", 0}}), testing::HasSubstr("patch_size"));
  EXPECT_THAT(refusal({{"min_pixels", 0}}), testing::HasSubstr("min_pixels"));
  EXPECT_THAT(refusal({{"min_pixels", 784}, {"max_pixels", 783}}), testing::HasSubstr("max_pixels"));
  EXPECT_THAT(refusal({{"max_pixels", int64_t{1} << 40}}), testing::HasSubstr("max_pixels"));
  EXPECT_THAT(refusal({{"image_std", {0.3, 0.0, 0.3}}}), testing::HasSubstr("image_std"));
  EXPECT_THAT(refusal({{"image_mean", {0.3, 0.3}}}), testing::HasSubstr("image_mean"));
}

TEST(Patches, EqualTheReferencesBitForBit) {
  for (const Json& line : golden("pixels")) {
    const Picture picture =
        golden_noise(line["width"].get<int>(), line["height"].get<int>(), line["seed"].get<uint64_t>());
    const at::Tensor patches_NF = picture_patches_NF(picture, {});
    const PictureGrid grid = patch_grid(picture.height, picture.width, {});
    EXPECT_EQ(Json({grid.frames, grid.rows, grid.columns}), line["grid"]);
    ASSERT_EQ(patches_NF.size(0), line["shape"][0].get<int64_t>());
    for (int64_t i = 0; i < 3; ++i) {
      EXPECT_EQ(patches_NF[0][i].item<float>(), line["first"][static_cast<size_t>(i)].get<float>());
    }
    EXPECT_EQ(fnv1a(patches_NF.const_data_ptr(), patches_NF.nbytes()), golden_hash(line["hash"]))
        << picture.width << " x " << picture.height;
  }
}

}  // namespace
}  // namespace r1v
