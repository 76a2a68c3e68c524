// Which merge cells of a picture attend to each other in Qwen2.5-VL's window blocks.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tensor/picture_grid.h"

namespace r1v {

/// Cells of several pictures, brought into window order: windows of `edge` x `edge` cells row by row, smaller at the
/// right and lower borders, and inside a window its cells row by row.
struct WindowPlan {
  std::vector<int64_t> cells;    // cells[i] = number of the i-th cell of the new order in the old one
  std::vector<int64_t> windows;  // cells of each window
  std::vector<int64_t> frames;   // cells of each frame, what the full blocks attend over
};

/// merge = patches a side of a cell. throws R1V_CHECK when a grid is not made of whole cells.
/// source: transformers 5.23, vision_utils.py get_vision_window_index.
WindowPlan plan_windows(std::span<const PictureGrid> grids, int64_t merge, int64_t edge);

}  // namespace r1v
