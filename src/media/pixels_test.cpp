#include "media/pixels.h"

#include <gtest/gtest.h>

#include <bit>

#include "media/golden_test.h"

namespace r1v {
namespace {

// Written by tests/golden/make_tiling.py with Pillow and torch.
TEST(Pixels, TilesAndValuesEqualTheReferenceToTheLastBit) {
  for (const Json& entry : golden_tiling("pictures")) {
    const Picture picture = golden_noise(entry["width"], entry["height"], entry["seed"]);
    const TileLimits limits{.edge = entry["edge"], .max_tiles = entry["max"], .thumbnail = entry["thumbnail"]};
    const at::Tensor tiles_NHWC = tile_picture_NHWC(picture, limits);
    const int64_t tiles = entry["tiles"];
    EXPECT_EQ(tiles_NHWC.sizes(), at::IntArrayRef({tiles, limits.edge, limits.edge, 3}));
    EXPECT_EQ(fnv1a(tiles_NHWC.const_data_ptr(), tiles_NHWC.nbytes()), golden_hash(entry["bytes_fnv1a"]))
        << dump_json(entry);
    const at::Tensor pixels_NCHW = picture_pixels_NCHW(picture, limits);
    EXPECT_EQ(pixels_NCHW.sizes(), at::IntArrayRef({tiles, 3, limits.edge, limits.edge}));
    EXPECT_EQ(fnv1a(pixels_NCHW.const_data_ptr(), pixels_NCHW.nbytes()), golden_hash(entry["floats_fnv1a"]))
        << dump_json(entry);
  }
}

TEST(Pixels, LevelsHaveTheBitsOfTorchvision) {
  const Json golden = golden_tiling("levels");
  const std::array<uint8_t, 5> levels = {0, 1, 127, 254, 255};
  for (size_t i = 0; i < levels.size(); ++i) {
    const Picture one{.width = 1, .height = 1, .rgb = std::vector<uint8_t>(3, levels[i])};
    const at::Tensor pixel = picture_pixels_NCHW(one, {.edge = 1});
    for (size_t c = 0; c < 3; ++c) {
      EXPECT_EQ(std::bit_cast<uint32_t>(pixel.const_data_ptr<float>()[c]), golden[c][i].get<uint32_t>());
    }
  }
}

TEST(Pixels, TilesRunRowByRowAndTheThumbnailIsLast) {
  // 4 x 2 pixels at edge 2 and aspect 2: two tiles side by side, then the whole picture.
  Picture picture{.width = 4, .height = 2};
  for (int i = 0; i < 8; ++i) picture.rgb.insert(picture.rgb.end(), 3, static_cast<uint8_t>(i));
  const at::Tensor tiles_NHWC = tile_picture_NHWC(picture, {.edge = 2, .max_tiles = 2});
  ASSERT_EQ(tiles_NHWC.size(0), 3);
  // Row 0 is 0 1 2 3, row 1 is 4 5 6 7: the left tile holds 0 1 / 4 5, the right one 2 3 / 6 7.
  EXPECT_TRUE(at::equal(tiles_NHWC.select(0, 0).select(2, 0), at::tensor({0, 1, 4, 5}, at::kByte).view({2, 2})));
  EXPECT_TRUE(at::equal(tiles_NHWC.select(0, 1).select(2, 0), at::tensor({2, 3, 6, 7}, at::kByte).view({2, 2})));
}

}  // namespace
}  // namespace r1v
