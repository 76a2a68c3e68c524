// preprocessor_config.json to patch limits.
#include "base/error.h"
#include "base/json.h"
#include "media/patches.h"

namespace r1v {
namespace {

constexpr int64_t kMaxPixels = int64_t{1} << 28;

int64_t in_range(int64_t value, const char* key, int64_t low, int64_t high, const std::string& where) {
  if (value >= low && value <= high) return value;
  throw InputError(cat(where, ": \"", key, "\" is ", value, ", expected ", low, " to ", high));
}

std::array<float, 3> three(const Json& object, const char* key, std::array<float, 3> fallback,
                           const std::string& where) {
  if (!object.contains(key) || object.at(key).is_null()) return fallback;
  const Json& list = object.at(key);
  const bool fits =
      list.is_array() && list.size() == 3 && list[0].is_number() && list[1].is_number() && list[2].is_number();
  if (!fits)
    throw InputError(cat(where, ": \"", key, "\" is ", printable(dump_json(list)), ", expected three numbers"));
  return {list[0].get<float>(), list[1].get<float>(), list[2].get<float>()};
}

/// One of the two spellings of a limit, the older one first.
int64_t pixels(const Json& config, const char* old_key, const char* size_key, int64_t fallback,
               const std::string& where) {
  const int64_t value = json_int_or(config, old_key, fallback, where);
  if (!config.contains("size") || !config.at("size").is_object() || config.contains(old_key)) return value;
  return json_int_or(config.at("size"), size_key, value, where + " size");
}

/// What the tower was built for must be what the pictures are cut into.
void expect_tower(const Json& config, const char* key, int64_t fallback, int64_t found, const std::string& where) {
  const int64_t expected = json_int_or(config.at("vision_config"), key, fallback, where);
  if (expected == found) return;
  throw InputError(
      cat(where, ": vision_config \"", key, "\" is ", expected, " but preprocessor_config.json says ", found));
}

}  // namespace

PatchLimits read_patch_limits(const std::filesystem::path& folder) {
  PatchLimits limits;
  const std::filesystem::path path = folder / "preprocessor_config.json";
  if (std::filesystem::exists(path)) {
    const std::string where = path.string();
    const Json config = read_json_file(path);
    limits.patch = in_range(json_int_or(config, "patch_size", limits.patch, where), "patch_size", 1, 256, where);
    limits.merge = in_range(json_int_or(config, "merge_size", limits.merge, where), "merge_size", 1, 16, where);
    limits.frames =
        in_range(json_int_or(config, "temporal_patch_size", limits.frames, where), "temporal_patch_size", 1, 16, where);
    limits.min_pixels = in_range(pixels(config, "min_pixels", "shortest_edge", limits.min_pixels, where), "min_pixels",
                                 1, kMaxPixels, where);
    limits.max_pixels = in_range(pixels(config, "max_pixels", "longest_edge", limits.max_pixels, where), "max_pixels",
                                 limits.min_pixels, kMaxPixels, where);
    limits.mean = three(config, "image_mean", limits.mean, where);
    limits.deviation = three(config, "image_std", limits.deviation, where);
    for (const float value : limits.deviation) {
      if (!(value > 0)) throw InputError(cat(where, ": \"image_std\" holds ", value, ", expected numbers above 0"));
    }
  }
  const std::filesystem::path config_path = folder / "config.json";
  const Json config = read_json_file(config_path);
  if (!config.is_object() || !config.contains("vision_config") || !config.at("vision_config").is_object()) {
    throw InputError(
        cat(config_path.string(), ": found no object \"vision_config\"; this model does not see pictures"));
  }
  expect_tower(config, "patch_size", 14, limits.patch, config_path.string());
  expect_tower(config, "spatial_merge_size", 2, limits.merge, config_path.string());
  expect_tower(config, "temporal_patch_size", 2, limits.frames, config_path.string());
  return limits;
}

}  // namespace r1v
