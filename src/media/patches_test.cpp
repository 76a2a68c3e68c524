// Sizes and pixels against transformers' smart_resize and image processor, and what is refused.
#include "media/patches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
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
  EXPECT_THROW(smart_resize(10, 2001, {}), InputError);  // 200.1 : 1
  EXPECT_EQ(smart_resize(10, 2000, {}).height, 28);      // 200 : 1 is the last that passes
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
