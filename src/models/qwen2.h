// Qwen2: decoder layers of grouped-query attention and SwiGLU, one code for training and serving.
#pragma once

#include <memory>
#include <vector>

#include "models/config.h"
#include "nn/attention.h"
#include "nn/embedding.h"
#include "nn/mlp.h"
#include "nn/norm.h"

namespace r1v {

/// x += attention(norm(x)); x += mlp(norm(x)).
class Qwen2Layer final : public Module {
 public:
  explicit Qwen2Layer(const LanguageConfig& config);

  at::Tensor forward(const at::Tensor& x_TD, const RopeTable& rope, const TokenPlan& plan, int64_t layer) const;

 private:
  Norm input_layernorm_;
  Attention self_attn_;
  Norm post_attention_layernorm_;
  SwigluMlp mlp_;
};

/// "model" of the checkpoint: embeddings, layers, final norm.
class Qwen2Body final : public Module {
 public:
  explicit Qwen2Body(const LanguageConfig& config);

  /// embeds_TD -> hidden states after the final norm [T, D]. `layer_outputs`, where given, receives every layer's
  /// output.
  at::Tensor forward(const at::Tensor& embeds_TD, const TokenPlan& plan,
                     std::vector<at::Tensor>* layer_outputs = nullptr) const;

  Embedding embed_tokens;
  Norm norm;
  std::shared_ptr<const RopeTable> known_rope;  // where given, angles are rows of it

 private:
  std::vector<std::unique_ptr<Qwen2Layer>> layers_;
  Rope rope_;
};

/// Qwen2ForCausalLM. A tied head is no parameter of its own.
class Qwen2 final : public Module {
 public:
  explicit Qwen2(const LanguageConfig& config);

  const at::Tensor& head_weight_VD() const { return lm_head ? lm_head->weight : model.embed_tokens.weight; }

  Qwen2Body model;
  std::unique_ptr<Linear> lm_head;  // null when tied
};

}  // namespace r1v
