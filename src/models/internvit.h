// InternViT: the vision tower, both flavours (300M and 6B).
#pragma once

#include <memory>
#include <vector>

#include "models/config.h"
#include "nn/linear.h"
#include "nn/mlp.h"
#include "nn/norm.h"

namespace r1v {

/// Full (not causal) attention over a tile's patches; N tiles, P positions, W width.
class InternVitAttention final : public Module {
 public:
  explicit InternVitAttention(const VisionConfig& config);

  at::Tensor forward(const at::Tensor& x_NPW) const;

 private:
  int64_t num_heads_;
  Linear qkv_;  // rows ordered q, k, v
  Linear proj_;
  std::unique_ptr<Norm> q_norm_;  // over all heads together; null without qk_normalization
  std::unique_ptr<Norm> k_norm_;
};

/// x += ls1 * attention(norm1(x)); x += ls2 * mlp(norm2(x)).
class InternVitLayer final : public Module {
 public:
  explicit InternVitLayer(const VisionConfig& config);

  at::Tensor forward(const at::Tensor& x_NPW) const;

 private:
  Norm norm1_;
  InternVitAttention attn_;
  at::Tensor ls1_W_;
  Norm norm2_;
  GeluMlp mlp_;
  at::Tensor ls2_W_;
};

/// "vision_model" of the checkpoint. There is no final norm.
class InternVit final : public Module {
 public:
  /// Layers after `select_layer` (-1 = the last) are held but not run.
  InternVit(const VisionConfig& config, int64_t select_layer);

  /// pixels_NCHW, normalised -> [N, patches, W], class token dropped; the patch grid row by row.
  /// throws InputError when the height or width is not a multiple of the patch.
  at::Tensor forward(const at::Tensor& pixels_NCHW) const;
  /// Patches from now on through this matrix, for inference on the CPU.
  void pack_patches(std::shared_ptr<PackedWeight> weight) { packed_patches_ = std::move(weight); }
  const std::shared_ptr<PackedWeight>& packed_patches() const { return packed_patches_; }

 private:
  at::Tensor embed(const at::Tensor& pixels_NCHW) const;
  at::Tensor positions(int64_t rows, int64_t columns) const;

  VisionConfig config_;
  size_t layers_run_;
  at::Tensor class_embedding_11W_;
  at::Tensor patch_weight_WCKK_;
  std::shared_ptr<PackedWeight> packed_patches_;
  at::Tensor patch_bias_W_;
  at::Tensor position_embedding_1PW_;
  std::vector<std::unique_ptr<InternVitLayer>> layers_;
};

}  // namespace r1v
