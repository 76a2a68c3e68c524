#include <gtest/gtest.h>

#include <filesystem>

#include "base/error.h"
#include "base/json.h"
#include "media/golden_test.h"
#include "media/pixels.h"

namespace r1v {
namespace {

TEST(ChooseGrid, TheAspectNearestToThePictureWins) {
  const TileLimits limits;  // 448 pixels, 1 to 12 tiles
  const auto grid = [&](int64_t width, int64_t height) {
    const TileGrid chosen = choose_grid(width, height, limits);
    return std::pair(chosen.columns, chosen.rows);
  };
  EXPECT_EQ(grid(400, 200), std::pair(int64_t{2}, int64_t{1}));    // 2.0; 4x2 ties but 400 * 200 < 0.5 * 448^2 * 8
  EXPECT_EQ(grid(1280, 720), std::pair(int64_t{4}, int64_t{2}));   // 1.78 is nearer to 2 (0.22) than to 1.5 (0.28)
  EXPECT_EQ(grid(1080, 1920), std::pair(int64_t{2}, int64_t{4}));  // 0.5625 is nearest to 0.5 of 1x2 and 2x4
  EXPECT_EQ(grid(3000, 2000), std::pair(int64_t{3}, int64_t{2}));  // 1.5 exactly, the only grid
  EXPECT_EQ(grid(2480, 3508), std::pair(int64_t{2}, int64_t{3}));  // 0.707 is nearer to 0.667 than to 0.75
  EXPECT_EQ(grid(448, 448), std::pair(int64_t{1}, int64_t{1}));    // 448^2 is exactly half of 1x1 twice, not of 2x2
  EXPECT_EQ(grid(512, 512), std::pair(int64_t{1}, int64_t{1}));    // 262144 < 0.5 * 448^2 * 4 = 401408
  EXPECT_EQ(grid(1000, 1000), std::pair(int64_t{3}, int64_t{3}));  // 1e6 > 0.5 * 448^2 * 9 = 903168
  EXPECT_EQ(grid(640, 480), std::pair(int64_t{4}, int64_t{3}));    // 4/3 exactly
}

TEST(ChooseGrid, RatiosAreComparedInDoublePrecision) {
  // float32 picks another grid in each of these.
  for (const auto& [width, height, columns, rows] : {std::tuple(85, 720, 1, 8),
                                                     {88, 480, 1, 6},
                                                     {108, 480, 1, 4},
                                                     {110, 600, 1, 6},
                                                     {120, 896, 1, 7},
                                                     {132, 720, 1, 6},
                                                     {140, 480, 1, 3},
                                                     {144, 640, 1, 4},
                                                     {175, 600, 1, 3}}) {
    const TileGrid grid = choose_grid(width, height, {});
    EXPECT_EQ(grid.columns, columns) << width << " x " << height;
    EXPECT_EQ(grid.rows, rows) << width << " x " << height;
  }
}

TEST(ChooseGrid, AThumbnailComesOnTopOfMoreThanOneTile) {
  EXPECT_EQ((TileGrid{.columns = 4, .rows = 3}.tiles({})), 13);
  EXPECT_EQ((TileGrid{.columns = 1, .rows = 1}.tiles({})), 1);
  EXPECT_EQ((TileGrid{.columns = 4, .rows = 3}.tiles({.thumbnail = false})), 12);
}

TEST(ChooseGrid, RefusesImpossibleLimits) {
  EXPECT_THROW(choose_grid(0, 5, {}), InputError);
  EXPECT_THROW(choose_grid(5, -1, {}), InputError);
  EXPECT_THROW(choose_grid(5, 5, {.min_tiles = 0}), InputError);
  EXPECT_THROW(choose_grid(5, 5, {.min_tiles = 3, .max_tiles = 2}), InputError);
  EXPECT_THROW(choose_grid(5, 5, {.max_tiles = 1'000'000'000}), InputError);
  EXPECT_THROW(choose_grid(5, 5, {.edge = 0}), InputError);
}

// Written by tests/golden/make_tiling.py.
TEST(ChooseGrid, AgreesWithTheReferenceOnAHundredThousandSizes) {
  for (const Json& entry : golden_tiling("grids")) {
    const TileLimits limits{.edge = entry["edge"], .min_tiles = entry["min"], .max_tiles = entry["max"]};
    uint64_t hash = kFnvStart;
    for (uint64_t i = 0; i < entry["count"].get<uint64_t>(); ++i) {
      const uint64_t random = golden_random(i, entry["seed"]);
      const uint64_t w = random & 0xFFFFFFFF, h = random >> 32;
      const bool is_round = w % 2 == 1;
      const uint64_t width = is_round ? 20 * (1 + w / 2 % 100) : 1 + w / 2 % 4000;
      const uint64_t height = is_round ? 20 * (1 + h / 2 % 100) : 1 + h / 2 % 4000;
      const TileGrid grid = choose_grid(static_cast<int64_t>(width), static_cast<int64_t>(height), limits);
      if (i < entry["first"].size()) {
        EXPECT_EQ((Json{width, height, grid.columns, grid.rows}), entry["first"][i]);
      }
      const uint8_t bytes[2] = {static_cast<uint8_t>(grid.columns), static_cast<uint8_t>(grid.rows)};
      hash = fnv1a(bytes, 2, hash);
    }
    EXPECT_EQ(hash, golden_hash(entry["fnv1a"])) << dump_json(entry["max"]);
  }
}

}  // namespace
}  // namespace r1v
