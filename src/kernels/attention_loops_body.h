// Attention over one span and one key/value head, included by one file for each instruction set.
//
// Queries are taken in blocks of 32 rows. A block's scores against all keys it may see fit the second-level cache for
// spans of some thousand tokens, so softmax is done in one go, without the running rescale of flash attention.
// Backward computes the scores again: p = exp(s - log_sum), dp = do v^T, ds = p (dp - sum(do o)), dq = ds k,
// dk = ds^T q, dv = p^T do.
#pragma once

#include "kernels/attention_loops.h"
#include "kernels/small_product.h"

namespace r1v {
namespace {

R1V_LANES int64_t padded(int64_t rows) { return (rows + kLanes - 1) / kLanes * kLanes; }
R1V_LANES int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

/// `lanes` where column + lane < seen, else `other`.
R1V_LANES Lanes where_seen(Lanes lanes, int64_t column, int64_t seen, float other) {
  return lane_numbers() < static_cast<float>(seen - column) ? lanes : splat(other);
}

/// A block of query rows and how many keys its rows see.
struct Block {
  int64_t begin, rows;
  int64_t columns;  // keys that any row of the block sees, padded
  int64_t seen_by_first;
  int64_t step;  // one more key a row when causal, else 0

  int64_t seen(int64_t row) const { return seen_by_first + row * step; }
  int64_t seen_by_all() const { return seen(rows - 1); }
};

template <typename Number>
Block block_at(const AttentionTask<Number>& task, int64_t begin) {
  const int64_t rows = least(kAttentionBlock, task.rows - begin);
  Block block{.begin = begin, .rows = rows, .columns = 0, .seen_by_first = task.held, .step = 0};
  if (task.causal) {
    block.seen_by_first = task.held - task.rows + begin + 1;
    block.step = 1;
  }
  block.columns = padded(block.seen_by_all());
  return block;
}

/// scores -> probabilities times their sum; unseen columns become 0. Returns the sum, gives log(sum) with the maximum.
float softmax_row(float* scores, int64_t seen, int64_t columns, float* log_sum) {
  Lanes most = splat(-3e38f);
  for (int64_t c = 0; c < seen; c += kLanes) most = larger(most, where_seen(load(scores + c), c, seen, -3e38f));
  float maximum = most[0];
  for (int lane = 1; lane < kLanes; ++lane) maximum = most[lane] > maximum ? most[lane] : maximum;
  Lanes total = splat(0.0f);
  int64_t c = 0;
  for (; c < seen; c += kLanes) {
    const Lanes value = where_seen(exp_lanes(load(scores + c) - maximum), c, seen, 0.0f);
    store(scores + c, value);
    total += value;
  }
  for (; c < columns; c += kLanes) store(scores + c, splat(0.0f));
  const float denominator = sum(total);
  *log_sum = maximum + __builtin_logf(denominator);
  return denominator;
}

template <typename Number>
void attention_forward(const AttentionTask<Number>& task, float* scratch) {
  const int64_t width = task.width, held = padded(task.held);
  float* const keys_turned = scratch;
  float* const values = keys_turned + held * width;
  float* const queries = values + held * width;
  float* const outputs = queries + kAttentionBlock * width;
  float* const scores = outputs + kAttentionBlock * width;
  copy_turned(task.k, task.k_stride, task.held, width, keys_turned, held);
  copy_rows(task.v, task.v_stride, task.held, width, 1.0f, values);
  for (int64_t head = 0; head < task.group; ++head) {
    for (int64_t begin = 0; begin < task.rows; begin += kAttentionBlock) {
      const Block block = block_at(task, begin);
      copy_rows(task.q + begin * task.q_stride + head * task.head_stride, task.q_stride, block.rows, width, task.scale,
                queries);
      product<false>(block.rows, block.columns, width, {queries, width, 1}, keys_turned, held, scores, held);
      float sums[kAttentionBlock];
      for (int64_t row = 0; row < block.rows; ++row) {
        sums[row] = softmax_row(scores + row * held, block.seen(row), block.columns,
                                task.log_sum + (begin + row) * task.log_sum_stride + head);
      }
      product<false>(block.rows, width, block.seen_by_all(), {scores, held, 1}, values, width, outputs, width);
      for (int64_t row = 0; row < block.rows; ++row) {
        write_rows(outputs + row * width, 1, width, 1.0f / sums[row],
                   task.out + (begin + row) * task.out_stride + head * width, task.out_stride);
      }
    }
  }
}

/// Scores of one row and the products do v^T -> probabilities (in place of scores) and their gradients.
void softmax_backward_row(float* scores, float* gradients, int64_t seen, int64_t columns, float log_sum, float mean) {
  int64_t c = 0;
  for (; c < seen; c += kLanes) {
    const Lanes p = where_seen(exp_lanes(load(scores + c) - log_sum), c, seen, 0.0f);
    store(scores + c, p);
    store(gradients + c, p * (load(gradients + c) - mean));
  }
  for (; c < columns; c += kLanes) {
    store(scores + c, splat(0.0f));
    store(gradients + c, splat(0.0f));
  }
}

template <typename Number>
float dot(const Number* a, const float* b, int64_t width) {
  Lanes total = splat(0.0f);
  for (int64_t i = 0; i < width; i += kLanes) total += load(a + i) * load(b + i);
  return sum(total);
}

/// Scratch of one backward task, laid out once.
struct GradientBuffers {
  float *keys, *keys_turned, *values_turned, *dk, *dv, *queries, *out_gradients, *dq, *scores, *gradients;

  GradientBuffers(float* scratch, int64_t held, int64_t width) {
    float** const by_held[] = {&keys, &keys_turned, &values_turned, &dk, &dv};
    for (float** buffer : by_held) {
      *buffer = scratch;
      scratch += held * width;
    }
    float** const by_block[] = {&queries, &out_gradients, &dq};
    for (float** buffer : by_block) {
      *buffer = scratch;
      scratch += kAttentionBlock * width;
    }
    scores = scratch;
    gradients = scratch + kAttentionBlock * held;
  }
};

template <typename Number>
void attention_backward_block(const AttentionGradientTask<Number>& gradient, const Block& block, int64_t head,
                              const GradientBuffers& at) {
  const AttentionTask<Number>& task = gradient.forward;
  const int64_t width = task.width, held = padded(task.held), columns = block.columns;
  const int64_t out_offset = block.begin * task.out_stride + head * width;
  copy_rows(task.q + block.begin * task.q_stride + head * task.head_stride, task.q_stride, block.rows, width,
            task.scale, at.queries);
  copy_rows(gradient.out_gradient + out_offset, task.out_stride, block.rows, width, 1.0f, at.out_gradients);
  product<false>(block.rows, columns, width, {at.queries, width, 1}, at.keys_turned, held, at.scores, held);
  product<false>(block.rows, columns, width, {at.out_gradients, width, 1}, at.values_turned, held, at.gradients, held);
  for (int64_t row = 0; row < block.rows; ++row) {
    const float mean = dot(task.out + out_offset + row * task.out_stride, at.out_gradients + row * width, width);
    softmax_backward_row(at.scores + row * held, at.gradients + row * held, block.seen(row), columns,
                         task.log_sum[(block.begin + row) * task.log_sum_stride + head], mean);
  }
  const int64_t seen = block.seen_by_all();
  product<false>(block.rows, width, seen, {at.gradients, held, 1}, at.keys, width, at.dq, width);
  write_rows(at.dq, block.rows, width, task.scale, gradient.dq + out_offset, task.out_stride);
  product<true>(seen, width, block.rows, {at.scores, 1, held}, at.out_gradients, width, at.dv, width);
  product<true>(seen, width, block.rows, {at.gradients, 1, held}, at.queries, width, at.dk, width);
}

template <typename Number>
void attention_backward(const AttentionGradientTask<Number>& gradient, float* scratch) {
  const AttentionTask<Number>& task = gradient.forward;
  const int64_t width = task.width, held = padded(task.held);
  const GradientBuffers at(scratch, held, width);
  copy_rows(task.k, task.k_stride, task.held, width, 1.0f, at.keys);
  copy_turned(task.k, task.k_stride, task.held, width, at.keys_turned, held);
  copy_turned(task.v, task.v_stride, task.held, width, at.values_turned, held);
  for (int64_t i = 0; i < 2 * held * width; i += kLanes) store(at.dk + i, splat(0.0f));  // dv follows dk
  for (int64_t head = 0; head < task.group; ++head) {
    for (int64_t begin = 0; begin < task.rows; begin += kAttentionBlock) {
      attention_backward_block(gradient, block_at(task, begin), head, at);
    }
  }
  write_rows(at.dk, task.held, width, 1.0f, gradient.dk, gradient.kv_gradient_stride);
  write_rows(at.dv, task.held, width, 1.0f, gradient.dv, gradient.kv_gradient_stride);
}

template <typename Number>
constexpr AttentionLoops<Number> make_attention_loops() {
  return {.forward = attention_forward<Number>, .backward = attention_backward<Number>};
}

}  // namespace
}  // namespace r1v
