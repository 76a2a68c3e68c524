// Picture -> normalised tiles of the InternVL family.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>

#include "io/picture.h"

namespace r1v {

inline constexpr int64_t kMaxTiles = 4096;  // no model comes near; bounds the work of a hostile configuration

struct TileLimits {
  int64_t edge = 448;
  int64_t min_tiles = 1;
  int64_t max_tiles = 12;
  bool thumbnail = true;
};

/// columns x rows tiles; the thumbnail comes on top when there is more than one.
struct TileGrid {
  int64_t columns = 1;
  int64_t rows = 1;
  int64_t tiles(const TileLimits& limits) const {
    return columns * rows + (limits.thumbnail && columns * rows > 1 ? 1 : 0);
  }
};

/// The grid whose aspect ratio is nearest to width/height, in double precision; on an exact tie the larger grid wins if
/// the picture has more than half that grid's pixels. source: SkyworkAI/Skywork-R1V inference/utils.py.
TileGrid choose_grid(int64_t width, int64_t height, const TileLimits& limits);

/// uint8 [N, edge, edge, 3]: the picture stretched to the grid (Pillow's antialiased bicubic), cut row by row,
/// thumbnail last.
at::Tensor tile_picture_NHWC(const Picture& picture, const TileLimits& limits);

/// float32 [N, 3, edge, edge]: tiles scaled to [0, 1] and normalised with ImageNet's mean and deviation.
at::Tensor picture_pixels_NCHW(const Picture& picture, const TileLimits& limits);

}  // namespace r1v
