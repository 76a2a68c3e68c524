// Attention inside each of many sequences laid one after the other, with its gradient.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

namespace r1v {

/// `rows` queries against `held` keys and values; causal: the queries are the last rows of what is held.
struct AttentionSpan {
  int64_t rows = 0;
  int64_t held = 0;
};

enum class AttentionMask { causal, full };

/// softmax(q k^T / sqrt(H)) v, span by span; a query sees its own span only and, when causal, nothing after itself.
///
/// q_TQH         T = all rows, Q query heads of width H.
/// k_SGH, v_SGH  S = all held, G key/value heads; Q is a multiple of G and query head h reads head h * G / Q.
/// returns       [T, Q, H] in the dtype of q; softmax and its sums are float32. Differentiable once in q, k, v.
at::Tensor packed_attention(const at::Tensor& q_TQH, const at::Tensor& k_SGH, const at::Tensor& v_SGH,
                            const std::vector<AttentionSpan>& spans, AttentionMask mask);

/// The definition, in plain operations on every device and dtype.
at::Tensor packed_attention_reference(const at::Tensor& q_TQH, const at::Tensor& k_SGH, const at::Tensor& v_SGH,
                                      const std::vector<AttentionSpan>& spans, AttentionMask mask);

}  // namespace r1v
