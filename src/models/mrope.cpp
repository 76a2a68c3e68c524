// One walk over the ids.
#include "models/mrope.h"

#include <algorithm>

#include "base/error.h"

namespace r1v {

Positions plain_positions(int64_t count) { return {.values = at::arange(count, at::kLong), .next = count}; }

Positions mrope_positions(std::span<const int64_t> ids, int64_t image_token_id, std::span<const PictureGrid> grids,
                          int64_t merge) {
  const auto count = static_cast<int64_t>(ids.size());
  at::Tensor values_3T = at::empty({3, count}, at::kLong);
  int64_t* time = values_3T.mutable_data_ptr<int64_t>();
  int64_t *row = time + count, *column = row + count;
  int64_t at = 0, position = 0;
  size_t picture = 0;
  while (at < count) {
    if (ids[static_cast<size_t>(at)] != image_token_id) {
      time[at] = row[at] = column[at] = position++;
      ++at;
      continue;
    }
    if (picture == grids.size()) throw InputError(cat("image token at ", at, " but only ", grids.size(), " pictures"));
    const PictureGrid& grid = grids[picture++];
    const int64_t rows = grid.rows / merge, columns = grid.columns / merge, cells = grid.frames * rows * columns;
    for (int64_t i = 0; i < cells; ++i, ++at) {
      if (at == count || ids[static_cast<size_t>(at)] != image_token_id) {
        throw InputError(cat("picture ", picture, " has ", cells, " cells but ", i, " image tokens in a row"));
      }
      time[at] = position + i / (rows * columns);
      row[at] = position + i / columns % rows;
      column[at] = position + i % columns;
    }
    position += std::max(rows, columns);
  }
  if (picture != grids.size()) {
    throw InputError(cat("the ids have image tokens for ", picture, " pictures, expected ", grids.size()));
  }
  return {.values = values_3T, .next = position};
}

}  // namespace r1v
