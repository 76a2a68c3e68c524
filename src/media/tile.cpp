// The choice of a tile grid, a pure function of the picture's size.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/error.h"
#include "media/pixels.h"

namespace r1v {
namespace {

// Every grid with min <= columns * rows <= max, by area; the order within one area never decides.
std::vector<TileGrid> candidates(const TileLimits& limits) {
  std::vector<TileGrid> grids;
  for (int64_t columns = 1; columns <= limits.max_tiles; ++columns) {
    for (int64_t rows = 1; columns * rows <= limits.max_tiles; ++rows) {
      if (columns * rows >= limits.min_tiles) grids.push_back({.columns = columns, .rows = rows});
    }
  }
  std::stable_sort(grids.begin(), grids.end(),
                   [](const TileGrid& a, const TileGrid& b) { return a.columns * a.rows < b.columns * b.rows; });
  return grids;
}

}  // namespace

TileGrid choose_grid(int64_t width, int64_t height, const TileLimits& limits) {
  if (width < 1 || height < 1) throw InputError(cat("picture of ", width, " x ", height, " pixels: empty"));
  if (limits.edge < 1 || limits.min_tiles < 1 || limits.max_tiles < limits.min_tiles || limits.max_tiles > kMaxTiles) {
    throw InputError(cat("tile limits: found edge ", limits.edge, ", ", limits.min_tiles, " to ", limits.max_tiles,
                         " tiles; expected edge >= 1 and 1 <= min <= max <= ", kMaxTiles));
  }
  const double aspect = static_cast<double>(width) / static_cast<double>(height);
  const double pixels = static_cast<double>(width) * static_cast<double>(height);
  const double half_tile = 0.5 * static_cast<double>(limits.edge) * static_cast<double>(limits.edge);
  double best_error = std::numeric_limits<double>::infinity();
  TileGrid best;
  for (const TileGrid& grid : candidates(limits)) {
    const double error = std::abs(aspect - static_cast<double>(grid.columns) / static_cast<double>(grid.rows));
    const bool wins_tie = error == best_error && pixels > half_tile * static_cast<double>(grid.columns * grid.rows);
    if (error < best_error || wins_tie) {
      best_error = error;
      best = grid;
    }
  }
  return best;
}

}  // namespace r1v
