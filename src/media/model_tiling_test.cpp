#include "media/model_tiling.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace r1v {
namespace {

ModelTiling tiling_of(const std::string& config) {
  return model_tiling(parse_json(config, "config.json"), "config.json");
}

TEST(ModelTiling, ReadsThePublishedShape) {
  // (448 / 14)^2 * 0.5^2 = 1024 / 4 = 256
  const ModelTiling tiling = tiling_of(R"({"force_image_size":448,"min_dynamic_patch":1,"max_dynamic_patch":12,
    "use_thumbnail":true,"downsample_ratio":0.5,"dynamic_image_size":true,
    "vision_config":{"image_size":448,"patch_size":14}})");
  EXPECT_EQ(tiling.limits.edge, 448);
  EXPECT_EQ(tiling.limits.max_tiles, 12);
  EXPECT_TRUE(tiling.limits.thumbnail);
  EXPECT_EQ(tiling.tokens_per_tile, 256);
}

TEST(ModelTiling, SmallModelsAndSingleTiles) {
  // (112 / 14)^2 / 4 = 16; force_image_size wins over the tower's own size.
  const ModelTiling tiling = tiling_of(R"({"force_image_size":112,"max_dynamic_patch":6,"dynamic_image_size":false,
    "use_thumbnail":false,"vision_config":{"image_size":224,"patch_size":14}})");
  EXPECT_EQ(tiling.limits.edge, 112);
  EXPECT_EQ(tiling.limits.max_tiles, 1);
  EXPECT_FALSE(tiling.limits.thumbnail);
  EXPECT_EQ(tiling.tokens_per_tile, 16);
  EXPECT_EQ(tiling_of(R"({"vision_config":{"image_size":224}})").limits.edge, 224);
}

TEST(ModelTiling, RefusesWhatCannotBe) {
  for (const char* config :
       {R"({})", R"([])", R"({"vision_config":7})", R"({"vision_config":{"patch_size":0}})",
        R"({"vision_config":{},"force_image_size":100000})", R"({"vision_config":{},"downsample_ratio":0})",
        R"({"vision_config":{},"downsample_ratio":-1})", R"({"vision_config":{},"max_dynamic_patch":0})",
        R"({"vision_config":{},"max_dynamic_patch":4,"min_dynamic_patch":5})",
        R"({"vision_config":{},"use_thumbnail":1})", R"({"vision_config":{},"max_dynamic_patch":1e9})"}) {
    EXPECT_THROW(tiling_of(config), InputError) << config;
  }
}

}  // namespace
}  // namespace r1v
