// config.json to tile limits.
#include "media/model_tiling.h"

#include "base/error.h"

namespace r1v {
namespace {

constexpr int64_t kMaxEdge = 4096;

int64_t int_in(const Json& object, const char* key, int64_t fallback, int64_t low, int64_t high,
               const std::string& where) {
  const int64_t value = json_int_or(object, key, fallback, where);
  if (value < low || value > high) {
    throw InputError(cat(where, ": \"", key, "\" is ", value, ", expected ", low, " to ", high));
  }
  return value;
}

}  // namespace

ModelTiling model_tiling(const Json& config, const std::string& where) {
  if (!config.is_object() || !config.contains("vision_config") || !config["vision_config"].is_object()) {
    throw InputError(cat(where, ": found no object \"vision_config\"; this model does not see pictures"));
  }
  const Json& vision = config["vision_config"];
  const int64_t vision_size = int_in(vision, "image_size", 448, 1, kMaxEdge, where);
  const int64_t edge = int_in(config, "force_image_size", vision_size, 1, kMaxEdge, where);
  const int64_t patch = int_in(vision, "patch_size", 14, 1, edge, where);
  const double ratio = json_number_or(config, "downsample_ratio", 0.5, where);
  if (!(ratio > 0 && ratio <= 1)) {
    throw InputError(cat(where, ": \"downsample_ratio\" is ", ratio, ", expected more than 0 and at most 1"));
  }
  ModelTiling tiling;
  tiling.limits.edge = edge;
  tiling.limits.thumbnail = json_bool_or(config, "use_thumbnail", true, where);
  if (json_bool_or(config, "dynamic_image_size", true, where)) {
    tiling.limits.max_tiles = int_in(config, "max_dynamic_patch", 12, 1, kMaxTiles, where);
    tiling.limits.min_tiles = int_in(config, "min_dynamic_patch", 1, 1, tiling.limits.max_tiles, where);
  } else {
    tiling.limits.max_tiles = 1;
  }
  tiling.patches_per_side = edge / patch;
  const auto patches = static_cast<double>((edge / patch) * (edge / patch));
  tiling.tokens_per_tile = static_cast<int64_t>(patches * (ratio * ratio));
  return tiling;
}

ModelTiling read_model_tiling(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "config.json";
  return model_tiling(read_json_file(path), path.string());
}

}  // namespace r1v
