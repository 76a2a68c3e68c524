// How the pixels of one picture are laid out.
#pragma once

#include <cstdint>

namespace r1v {

/// A picture as its vision tower sees it: frames x rows x columns of patches. InternVL family: its tiles are the
/// frames, each of the same size. Qwen2.5-VL ("image_grid_thw"): one frame whose size follows the picture's.
struct PictureGrid {
  int64_t frames = 1;
  int64_t rows = 0;
  int64_t columns = 0;

  int64_t patches() const { return frames * rows * columns; }
  bool operator==(const PictureGrid&) const = default;
};

}  // namespace r1v
