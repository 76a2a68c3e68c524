// Loops over frames, windows and cells.
#include "models/qwen2_5_windows.h"

#include <algorithm>

#include "base/error.h"

namespace r1v {

WindowPlan plan_windows(std::span<const PictureGrid> grids, int64_t merge, int64_t edge) {
  WindowPlan plan;
  int64_t first = 0;  // cell of the frame
  const auto add_window = [&](int64_t top, int64_t left, int64_t rows, int64_t columns) {
    const int64_t bottom = std::min(top + edge, rows), right = std::min(left + edge, columns);
    for (int64_t y = top; y < bottom; ++y) {
      for (int64_t x = left; x < right; ++x) plan.cells.push_back(first + y * columns + x);
    }
    plan.windows.push_back((bottom - top) * (right - left));
  };
  for (const PictureGrid& grid : grids) {
    R1V_CHECK(grid.rows % merge == 0 && grid.columns % merge == 0, "a grid of ", grid.rows, " x ", grid.columns,
              " patches is not made of cells of ", merge);
    const int64_t rows = grid.rows / merge, columns = grid.columns / merge;
    for (int64_t frame = 0; frame < grid.frames; ++frame, first += rows * columns) {
      for (int64_t top = 0; top < rows; top += edge) {
        for (int64_t left = 0; left < columns; left += edge) add_window(top, left, rows, columns);
      }
      plan.frames.push_back(rows * columns);
    }
  }
  return plan;
}

}  // namespace r1v
