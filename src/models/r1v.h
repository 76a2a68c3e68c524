// The R1V network: InternViT, pixel shuffle, mlp1 and a Qwen2 language model; one code for training and serving.
#pragma once

#include <ATen/ATen.h>

#include <memory>

#include "models/config.h"
#include "models/internvit.h"
#include "models/projector.h"
#include "models/qwen2.h"
#include "nn/token_plan.h"
#include "tensor/module.h"

namespace r1v {

/// SkyworkR1VChatModel / InternVLChatModel; a plain Qwen2ForCausalLM has no vision part (has_vision() is false).
/// D = language width, V = vocabulary rows, N = tiles, P = tokens a tile.
class R1vModel final : public Module {
 public:
  explicit R1vModel(const ModelConfig& config);

  const ModelConfig& config() const { return config_; }
  bool has_vision() const { return vision_ != nullptr; }

  /// pixels_NCHW, normalised -> tower output without the class token [N, patches, W].
  at::Tensor vision_features(const at::Tensor& pixels_NCHW) const;
  /// Tower, pixel shuffle and projector: [N * P, D], tiles in order.
  at::Tensor encode_tiles(const at::Tensor& pixels_NCHW) const;
  /// Embeddings of the ids; rows of image_ND replace, in order, the positions whose id is `image_token_id`.
  /// throws InputError when their numbers differ.
  at::Tensor embed(const at::Tensor& input_ids_T, const at::Tensor& image_ND, int64_t image_token_id) const;
  /// Language model up to and including the final norm: [T, D].
  at::Tensor hidden(const at::Tensor& embeds_TD, const TokenPlan& plan) const;
  /// [T, V]; the weight of the head (tied or not) for losses that never hold all logits.
  at::Tensor logits(const at::Tensor& hidden_TD) const;
  const at::Tensor& head_weight_VD() const;

  InternVit* vision() { return vision_.get(); }
  Projector* projector() { return projector_.get(); }
  Qwen2& language() { return *language_; }

 private:
  ModelConfig config_;
  std::unique_ptr<InternVit> vision_;
  std::unique_ptr<Projector> projector_;
  std::unique_ptr<Qwen2> language_;
};

}  // namespace r1v
