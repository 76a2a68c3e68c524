// The Qwen2 language model. source: transformers 5.23, models/qwen2/modeling_qwen2.py; parity: parity_test.cpp.
#include "models/qwen2.h"

#include "nn/recompute.h"

namespace r1v {

Qwen2Layer::Qwen2Layer(const LanguageConfig& config)
    : input_layernorm_(NormKind::rms, config.hidden_size, config.rms_norm_eps),
      self_attn_({.width = config.hidden_size,
                  .num_heads = config.num_heads,
                  .num_kv_heads = config.num_kv_heads,
                  .head_width = config.head_dim}),
      post_attention_layernorm_(NormKind::rms, config.hidden_size, config.rms_norm_eps),
      mlp_(config.hidden_size, config.intermediate_size) {
  child("input_layernorm", input_layernorm_);
  child("self_attn", self_attn_);
  child("post_attention_layernorm", post_attention_layernorm_);
  child("mlp", mlp_);
}

at::Tensor Qwen2Layer::forward(const at::Tensor& x_TD, const RopeTable& rope, const TokenPlan& plan,
                               int64_t layer) const {
  const at::Tensor h_TD = x_TD + self_attn_.forward(input_layernorm_.forward(x_TD), rope, plan, layer);
  return h_TD + mlp_.forward(post_attention_layernorm_.forward(h_TD));
}

Qwen2Body::Qwen2Body(const LanguageConfig& config)
    : embed_tokens(config.vocab_size, config.hidden_size),
      norm(NormKind::rms, config.hidden_size, config.rms_norm_eps),
      rope_(config.head_dim, config.rope_theta, config.yarn, config.mrope_section) {
  child("embed_tokens", embed_tokens);
  for (int64_t i = 0; i < config.num_layers; ++i) {
    layers_.push_back(std::make_unique<Qwen2Layer>(config));
    child("layers." + std::to_string(i), *layers_.back());
  }
  child("norm", norm);
}

at::Tensor Qwen2Body::forward(const at::Tensor& embeds_TD, const TokenPlan& plan,
                              std::vector<at::Tensor>* layer_outputs) const {
  const RopeTable rope =
      known_rope ? rows_of(*known_rope, plan.positions, rope_.mrope_section()) : rope_.table(plan.positions);
  at::Tensor x_TD = embeds_TD;
  for (size_t i = 0; i < layers_.size(); ++i) {
    const auto layer = [&layer = *layers_[i], rope, plan, i](const at::Tensor& in_TD) {
      return layer.forward(in_TD, rope, plan, static_cast<int64_t>(i));
    };
    x_TD = plan.recompute ? recomputed(layer, x_TD) : layer(x_TD);
    if (layer_outputs != nullptr) layer_outputs->push_back(x_TD);
  }
  return norm.forward(x_TD);
}

Qwen2::Qwen2(const LanguageConfig& config) : model(config) {
  child("model", model);
  if (config.tie_word_embeddings) return;
  lm_head = std::make_unique<Linear>(config.hidden_size, config.vocab_size, Bias::none);
  child("lm_head", *lm_head);
}

}  // namespace r1v
