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

/// The same for causal spans whose keys and values are rows `held_S` of [T, G, H]: those rows are gathered when they are
/// needed and again in backward, so that documents which share a beginning hold it once. held_S undefined: rows are the
/// spans' own, as above.
///
/// SumOrder::paged (float32, a processor with the loops) adds in the order of paged_attention: a row gets the bits that
/// an engine gives it, whatever stands beside it.
enum class SumOrder { fastest, paged };
at::Tensor shared_attention(const at::Tensor& q_TQH, const at::Tensor& k_TGH, const at::Tensor& v_TGH,
                            const at::Tensor& held_S, const std::vector<AttentionSpan>& spans, SumOrder order);

/// The definition, in plain operations on every device and dtype.
at::Tensor packed_attention_reference(const at::Tensor& q_TQH, const at::Tensor& k_SGH, const at::Tensor& v_SGH,
                                      const std::vector<AttentionSpan>& spans, AttentionMask mask);

}  // namespace r1v
