// Causal grouped-query attention over paged keys and values: prompts in tiles, decoding in one stream.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/paged_kv.h"

namespace r1v {

/// Consecutive rows of one sequence, the last `rows` of its `past + rows` stored tokens; row r sees past + r + 1 of
/// them.
struct PagedSpan {
  std::span<const int32_t> table;  // its blocks
  int64_t past = 0;
  int64_t rows = 0;
};

/// softmax(q k^T / sqrt(H)) v for all spans, one after the other in q and out: [T, Q, H] float32, rows `stride` numbers
/// apart. Q is a multiple of the layout's key/value heads.
///
/// A row's result depends on its query and what it sees alone, to the bit: keys are taken in blocks of 32 and segments
/// of 1024 tokens counted from the sequence's beginning, whatever stands beside it.
void paged_attention(const KvPool& pool, int64_t layer, std::span<const PagedSpan> spans, int64_t num_heads,
                     const float* q, int64_t q_stride, float* out, int64_t out_stride);

/// The definition, over KvPool::read in plain operations.
void paged_attention_reference(const KvPool& pool, int64_t layer, std::span<const PagedSpan> spans, int64_t num_heads,
                               const float* q, int64_t q_stride, float* out, int64_t out_stride);

/// The arguments of paged_attention under their names, and the same with given loops (kernels/paged_attention_loops.h).
struct PagedBatch {
  const KvPool& pool;
  int64_t layer = 0;
  std::span<const PagedSpan> spans;
  int64_t num_heads = 0;
  const float* q = nullptr;
  int64_t q_stride = 0;
  float* out = nullptr;
  int64_t out_stride = 0;
  float* log_sums = nullptr;  // [T, Q], where wanted: log of the softmax's denominator, as a gradient needs it
};
void paged_attention(const PagedBatch& batch);
struct PagedAttentionLoops;
void paged_attention_with(const PagedAttentionLoops& loops, const PagedBatch& batch);

}  // namespace r1v
