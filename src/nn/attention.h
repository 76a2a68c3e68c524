// Causal grouped-query attention over packed sequences, with or without a store of keys and values.
#pragma once

#include "nn/linear.h"
#include "nn/rope.h"
#include "nn/token_plan.h"

namespace r1v {

struct AttentionConfig {
  int64_t width = 0;
  int64_t num_heads = 0;
  int64_t num_kv_heads = 0;
  int64_t head_width = 0;
  Bias qkv_bias = Bias::present;
};

/// Q = query heads, G = key/value heads, H = head width. A span never sees another span: no [T, T] mask is built.
class Attention final : public Module {
 public:
  explicit Attention(const AttentionConfig& config);

  /// `layer` names this layer to plan.store.
  at::Tensor forward(const at::Tensor& x_TD, const RopeTable& rope, const TokenPlan& plan, int64_t layer) const;

 private:
  AttentionConfig config_;
  Linear q_proj_;
  Linear k_proj_;
  Linear v_proj_;
  Linear o_proj_;
};

/// Attention of one span. q_TQH's rows are the last T of the S rows of keys and values; each sees itself and all before.
at::Tensor causal_attention(const at::Tensor& q_TQH, const at::Tensor& keys_SGH, const at::Tensor& values_SGH);

}  // namespace r1v
