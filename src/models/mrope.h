// M-RoPE: where every token of a conversation with pictures stands in time, row and column.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <span>

#include "tensor/picture_grid.h"

namespace r1v {

/// Positions of one sequence. `next` is the position of the token behind it, whatever its length.
struct Positions {
  at::Tensor values;  // int64: [T], or [3, T] with M-RoPE
  int64_t next = 0;
};

/// 0, 1, 2, ...
Positions plain_positions(int64_t count);

/// Text counts up, the same in all three streams. A picture that starts at s has time s, row s + r and column s + c of
/// its merge cells; text behind it goes on from the largest of them plus one.
/// throws InputError when the runs of `image_token_id` do not fit the grids.
/// source: transformers 5.23, Qwen2_5_VLModel.get_rope_index.
Positions mrope_positions(std::span<const int64_t> ids, int64_t image_token_id, std::span<const PictureGrid> grids,
                          int64_t merge);

}  // namespace r1v
