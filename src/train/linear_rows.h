// How a vocabulary-sized head is walked: a few rows of logits at a time, so that [T, V] never exists.
#pragma once

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdint>

namespace r1v {

/// The target of a row that is not scored.
constexpr int64_t kNoTarget = -100;

/// Most bytes that one block of float32 logits may take. Large enough that matrix products run at full speed, small
/// enough to vanish beside the weights (vocabulary 152,064: 220 rows).
constexpr int64_t kLogitBlockBytes = 128 << 20;

/// Rows of logits that are held at once.
inline int64_t rows_a_block(int64_t num_rows, int64_t vocab_size, int64_t block_bytes = kLogitBlockBytes) {
  return std::clamp<int64_t>(block_bytes / (vocab_size * 4), 1, std::max<int64_t>(num_rows, 1));
}

}  // namespace r1v
