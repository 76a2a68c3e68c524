// Projects, turns, and attends span by span.
#include "nn/attention.h"

#include "base/error.h"
#include "tensor/shape.h"

namespace r1v {
namespace {

struct Heads {
  at::Tensor q_TQH, k_TGH, v_TGH;
};

/// While training: every span attends to itself only.
at::Tensor attend_packed(const Heads& heads, const TokenPlan& plan) {
  if (plan.spans.size() == 1) return causal_attention(heads.q_TQH, heads.k_TGH, heads.v_TGH);
  std::vector<int64_t> counts;
  for (const TokenSpan& span : plan.spans) counts.push_back(span.count);
  // split, not narrow: the gradient of split is one concatenation, that of each narrow a tensor of full size
  const std::vector<at::Tensor> q = heads.q_TQH.split_with_sizes(counts);
  const std::vector<at::Tensor> k = heads.k_TGH.split_with_sizes(counts);
  const std::vector<at::Tensor> v = heads.v_TGH.split_with_sizes(counts);
  std::vector<at::Tensor> out;
  for (size_t i = 0; i < q.size(); ++i) out.push_back(causal_attention(q[i], k[i], v[i]));
  return at::cat(out);
}

/// While serving: every span's new keys and values go to the store, then it attends to all that the store holds.
at::Tensor attend_stored(const Heads& heads, const TokenPlan& plan, int64_t layer) {
  std::vector<at::Tensor> out;
  int64_t begin = 0;
  for (const TokenSpan& span : plan.spans) {
    const KvStore::View held =
        plan.store->append(layer, span.sequence, span.past, heads.k_TGH.narrow(0, begin, span.count),
                           heads.v_TGH.narrow(0, begin, span.count));
    R1V_CHECK(held.keys_SGH.size(0) == span.past + span.count, "the store holds ", held.keys_SGH.size(0),
              " rows of sequence ", span.sequence, ", expected ", span.past + span.count);
    out.push_back(causal_attention(heads.q_TQH.narrow(0, begin, span.count), held.keys_SGH, held.values_SGH));
    begin += span.count;
  }
  return out.size() == 1 ? out.front() : at::cat(out);
}

}  // namespace

at::Tensor causal_attention(const at::Tensor& q_TQH, const at::Tensor& keys_SGH, const at::Tensor& values_SGH) {
  const int64_t count = q_TQH.size(0);
  const int64_t held = keys_SGH.size(0);
  const auto to_batch = [](const at::Tensor& x_TQH) { return x_TQH.transpose(0, 1).unsqueeze(0); };  // [1, Q, T, H]
  std::optional<at::Tensor> seen_TS;
  if (count > 1 && held > count) {
    seen_TS = at::ones({count, held}, q_TQH.options().dtype(at::kBool)).tril(held - count);
  }
  const at::Tensor out_1QTH = at::scaled_dot_product_attention(
      to_batch(q_TQH), to_batch(keys_SGH), to_batch(values_SGH), seen_TS, /*dropout_p=*/0.0,
      /*is_causal=*/count > 1 && held == count, /*scale=*/std::nullopt,
      /*enable_gqa=*/q_TQH.size(1) != keys_SGH.size(1));
  return out_1QTH.squeeze(0).transpose(0, 1);
}

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
  const at::Tensor out_TQH = plan.store == nullptr ? attend_packed(heads, plan) : attend_stored(heads, plan, layer);
  return o_proj_.forward(out_TQH.reshape({tokens, config_.num_heads * config_.head_width}));
}

}  // namespace r1v
