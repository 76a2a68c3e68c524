// How a model of the InternVL family wants its pictures cut, as its config.json says.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/json.h"
#include "media/pixels.h"

namespace r1v {

struct ModelTiling {
  TileLimits limits;
  int64_t tokens_per_tile = 256;  // language-model tokens a tile becomes
  int64_t patches_per_side = 32;  // of a tile
};

/// Keys: force_image_size (else vision_config.image_size), min_dynamic_patch, max_dynamic_patch, dynamic_image_size,
/// use_thumbnail, downsample_ratio, vision_config.patch_size; absent ones take the family's values.
/// tokens = floor(edge / patch)^2 * ratio^2. source: modeling_skywork_chat.py, num_image_token.
/// throws InputError: no vision_config, or a value out of range; `where` names the file.
ModelTiling model_tiling(const Json& config, const std::string& where);
ModelTiling read_model_tiling(const std::filesystem::path& folder);

}  // namespace r1v
