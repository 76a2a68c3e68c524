// The inner loops of attention over one span and one key/value head, one table for each instruction set.
#pragma once

#include <cstdint>

namespace r1v {

/// One span and one key/value head with the `group` query heads that read it. Rows are `*_stride` numbers apart, the
/// group's heads `head_stride`; `width` is a multiple of 16.
template <typename Number>
struct AttentionTask {
  const Number* q;
  const Number* k;
  const Number* v;
  Number* out;     // [rows, heads, width] contiguous: rows are out_stride apart, heads `width`
  float* log_sum;  // log of the softmax's denominator, one a row and head, rows `log_sum_stride` apart
  int64_t rows, held, group, width;
  int64_t q_stride, head_stride, k_stride, v_stride, out_stride, log_sum_stride;
  bool causal;
  float scale;
};

template <typename Number>
struct AttentionGradientTask {
  AttentionTask<Number> forward;  // with what it wrote
  const Number* out_gradient;     // strides of out
  Number* dq;                     // strides of out
  Number* dk;                     // rows kv_gradient_stride apart
  Number* dv;
  int64_t kv_gradient_stride;
};

template <typename Number>
struct AttentionLoops {
  void (*forward)(const AttentionTask<Number>& task, float* scratch);
  void (*backward)(const AttentionGradientTask<Number>& task, float* scratch);
};

/// Floats of scratch memory that a task needs.
int64_t attention_scratch_size(int64_t held, int64_t width);
int64_t attention_gradient_scratch_size(int64_t held, int64_t width);

/// Query rows that are worked on together.
constexpr int64_t kAttentionBlock = 32;

/// The fastest table that this processor runs; null where there is none.
template <typename Number>
const AttentionLoops<Number>* attention_loops();

extern const AttentionLoops<float> kAttentionLoopsAvx2;
extern const AttentionLoops<uint16_t> kAttentionLoopsBfloatAvx2;
extern const AttentionLoops<float> kAttentionLoopsAvx512;
extern const AttentionLoops<uint16_t> kAttentionLoopsBfloatAvx512;

}  // namespace r1v
