// Causal grouped-query attention over packed sequences, with or without a store of keys and values.
#pragma once

#include <vector>

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

/// Attention without a mask inside each of N equally long sequences, all heads side by side: [N, P, W] each -> [N, P,
/// W].
at::Tensor full_attention(const at::Tensor& q_NPW, const at::Tensor& k_NPW, const at::Tensor& v_NPW, int64_t num_heads);

/// Full attention inside each of many spans laid one after the other; `spans` are their rows and cover all N.
/// q, k, v [N, heads, K] -> [N, heads, K]. Differentiable.
at::Tensor span_attention(const at::Tensor& q_NHK, const at::Tensor& k_NHK, const at::Tensor& v_NHK,
                          const std::vector<int64_t>& spans);

}  // namespace r1v
