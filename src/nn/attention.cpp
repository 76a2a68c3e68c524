// Projects, turns, and attends span by span.
#include "nn/attention.h"

#include "base/error.h"
#include "kernels/packed_attention.h"

namespace r1v {
namespace {

struct Heads {
  at::Tensor q_TQH, k_TGH, v_TGH;
};

/// While training: every span attends to itself, and to what it shares with another.
at::Tensor attend_packed(const Heads& heads, const TokenPlan& plan, SumOrder order) {
  std::vector<AttentionSpan> spans;
  for (const TokenSpan& span : plan.spans) spans.push_back({.rows = span.count, .held = span.past + span.count});
  return shared_attention(heads.q_TQH, heads.k_TGH, heads.v_TGH, plan.held_S, spans, order);
}

/// While serving: every span's new keys and values go to the store, then it attends to all that the store holds.
at::Tensor attend_stored(const Heads& heads, const TokenPlan& plan, int64_t layer) {
  std::vector<at::Tensor> out;
  int64_t begin = 0;
  for (const TokenSpan& span : plan.spans) {
    const auto rows_of = [&](const at::Tensor& x_TQH) { return x_TQH.narrow(0, begin, span.count); };
    const KvStore::View held =
        plan.store->append(layer, span.sequence, span.past, rows_of(heads.k_TGH), rows_of(heads.v_TGH));
    const int64_t expected = span.past + span.count;
    R1V_CHECK(held.keys_SGH.size(0) == expected, "the store holds ", held.keys_SGH.size(0), " rows of sequence ",
              span.sequence, ", expected ", expected);
    out.push_back(packed_attention(rows_of(heads.q_TQH), held.keys_SGH, held.values_SGH,
                                   {{.rows = span.count, .held = expected}}, AttentionMask::causal));
    begin += span.count;
  }
  return out.size() == 1 ? out.front() : at::cat(out);
}

}  // namespace

Attention::Attention(const AttentionConfig& config)
    : config_(config),
      q_proj_(config.width, config.num_heads * config.head_width, config.qkv_bias),
      k_proj_(config.width, config.num_kv_heads * config.head_width, config.qkv_bias),
      v_proj_(config.width, config.num_kv_heads * config.head_width, config.qkv_bias),
      o_proj_(config.num_heads * config.head_width, config.width, Bias::none) {
  child("q_proj", q_proj_);
  child("k_proj", k_proj_);
  child("v_proj", v_proj_);
  child("o_proj", o_proj_);
}

at::Tensor Attention::forward(const at::Tensor& x_TD, const RopeTable& rope, const TokenPlan& plan,
                              int64_t layer) const {
  const int64_t tokens = x_TD.size(0);
  const auto heads_of = [&](const Linear& projection, int64_t heads) {
    return projection.forward(x_TD).view({tokens, heads, config_.head_width});
  };
  const Heads heads{.q_TQH = apply_rope(heads_of(q_proj_, config_.num_heads), rope),
                    .k_TGH = apply_rope(heads_of(k_proj_, config_.num_kv_heads), rope),
                    .v_TGH = heads_of(v_proj_, config_.num_kv_heads)};
  // Packed weights while learning: what an engine computes with them is wanted to the bit.
  const SumOrder order = q_proj_.packed ? SumOrder::paged : SumOrder::fastest;
  const at::Tensor out_TQH =
      plan.store == nullptr ? attend_packed(heads, plan, order) : attend_stored(heads, plan, layer);
  return o_proj_.forward(out_TQH.reshape({tokens, config_.num_heads * config_.head_width}));
}

at::Tensor full_attention(const at::Tensor& q_NPW, const at::Tensor& k_NPW, const at::Tensor& v_NPW,
                          int64_t num_heads) {
  const int64_t sequences = q_NPW.size(0), rows = q_NPW.size(1), width = q_NPW.size(2);
  const auto to_heads = [&](const at::Tensor& x_NPW) {
    return x_NPW.reshape({sequences * rows, num_heads, width / num_heads});
  };
  const std::vector<AttentionSpan> spans(static_cast<size_t>(sequences), {.rows = rows, .held = rows});
  return packed_attention(to_heads(q_NPW), to_heads(k_NPW), to_heads(v_NPW), spans, AttentionMask::full)
      .reshape({sequences, rows, width});
}

at::Tensor span_attention(const at::Tensor& q_NHK, const at::Tensor& k_NHK, const at::Tensor& v_NHK,
                          const std::vector<int64_t>& spans) {
  std::vector<AttentionSpan> attended;
  attended.reserve(spans.size());
  for (const int64_t rows : spans) attended.push_back({.rows = rows, .held = rows});
  return packed_attention(q_NHK, k_NHK, v_NHK, attended, AttentionMask::full);
}

}  // namespace r1v
