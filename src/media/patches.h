// Picture -> normalised patches of Qwen2.5-VL: its size follows the picture's, in whole merge cells.
#pragma once

#include <ATen/ATen.h>

#include <array>
#include <cstdint>
#include <filesystem>

#include "io/picture.h"
#include "tensor/picture_grid.h"

namespace r1v {

/// Defaults are those of the published preprocessor_config.json.
struct PatchLimits {
  int64_t patch = 14;         // pixels
  int64_t merge = 2;          // patches a side of the cell that becomes one language-model token
  int64_t frames = 2;         // a still picture is repeated that often
  int64_t min_pixels = 3136;  // of the resized picture
  int64_t max_pixels = 12845056;
  std::array<float, 3> mean = {0.48145466F, 0.4578275F, 0.40821073F};
  std::array<float, 3> deviation = {0.26862954F, 0.26130258F, 0.27577711F};

  int64_t factor() const { return patch * merge; }
  int64_t row_width() const { return 3 * frames * patch * patch; }
};

struct PictureSize {
  int64_t height = 0;
  int64_t width = 0;
  bool operator==(const PictureSize&) const = default;
};

/// Sides rounded (half to even) to multiples of patch * merge, then shrunk or grown as a whole until the area lies
/// between min_pixels and max_pixels. source: transformers 5.23, smart_resize.
/// throws InputError: an empty picture, one of absurd size, an aspect ratio above 200, a side that rounds to nothing.
PictureSize smart_resize(int64_t height, int64_t width, const PatchLimits& limits);

/// The patches and the language-model tokens of a picture of this size.
PictureGrid patch_grid(int64_t height, int64_t width, const PatchLimits& limits);
int64_t patch_tokens(const PictureGrid& grid, const PatchLimits& limits);

/// float32 [patches, 3 * frames * patch * patch]: Pillow's bicubic resize, scaled, normalised; a row is (channel,
/// frame, y, x) of one patch. Rows go cell by cell, the merge * merge patches of a cell one after the other.
at::Tensor picture_patches_NF(const Picture& picture, const PatchLimits& limits);

/// The limits of a checkpoint folder: preprocessor_config.json (min_pixels and max_pixels, or "size" with shortest_edge
/// and longest_edge), which must agree with config.json's vision_config. Without that file the published values.
/// throws InputError naming file and key.
PatchLimits read_patch_limits(const std::filesystem::path& folder);

}  // namespace r1v
