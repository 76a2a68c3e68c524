// The inner loops of paged attention over one segment of a sequence, one table for each instruction set.
#pragma once

#include <cstdint>

namespace r1v {

constexpr int64_t kSegmentTokens = 1024;

/// Of query rows over some tokens: parts of a softmax that can be put together.
struct PagedPartial {
  float* out;     // [rows, width]: sum of 2^(score - maximum) value
  float* maxima;  // [rows]
  float* sums;    // [rows]: sum of 2^(score - maximum)
};

/// Consecutive rows of one sequence, the `group` query heads of one key/value head and one segment of the sequence.
struct PagedSegment {
  const float* q;  // row r, head g at q + r * q_stride + g * width
  int64_t q_stride, rows, group, width;
  const uint8_t* keys;   // layer and head in block 0
  int64_t block_stride;  // bytes from block to block
  const int32_t* table;  // the segment's blocks
  int64_t seen;          // tokens of this segment that row 0 sees; row r sees r more, within 0 .. 1024
  float scale;           // of the scores, times log2(e): the softmax is taken to base 2
  PagedPartial to;       // of rows * group rows; not written for rows that see nothing
  float* scratch;        // paged_scratch_size floats, 64-byte aligned
};

/// Floats of scratch memory for `rows` query rows (of all heads together) against `tokens` (at most 1024) of a segment.
constexpr int64_t paged_scratch_size(int64_t rows, int64_t tokens, int64_t width) {
  const int64_t scales = (1 + (kSegmentTokens + 127) / 128) * ((rows + 15) / 16 * 16);  // of int8's queries and weights
  return rows * width + rows * ((tokens + 31) / 32 * 32) + 64 * width + scales;
}

struct PagedAttentionLoops {
  void (*float32)(const PagedSegment& task);
  void (*bfloat16)(const PagedSegment& task);
  void (*int8)(const PagedSegment& task);
  /// `into` += `from`, which stands behind it.
  void (*fold)(const PagedPartial& into, const PagedPartial& from, int64_t rows, int64_t width);
  /// out[rows, width] = part.out / part.sums.
  void (*finish)(const PagedPartial& part, int64_t rows, int64_t width, float* out);
};

/// The fastest table that this processor runs.
const PagedAttentionLoops& paged_attention_loops();

extern const PagedAttentionLoops kPagedAttentionLoopsPlain;
extern const PagedAttentionLoops kPagedAttentionLoopsAvx2;
extern const PagedAttentionLoops kPagedAttentionLoopsAvx512;

}  // namespace r1v
