// The vision tower of Qwen2.5-VL: any picture size, attention in windows, and the merger to language-model rows.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "models/config.h"
#include "models/qwen2_5_windows.h"
#include "nn/attention.h"
#include "nn/linear.h"
#include "nn/mlp.h"
#include "nn/norm.h"
#include "nn/rope.h"
#include "tensor/picture_grid.h"

namespace r1v {

/// N patches of all pictures, W width. Rows of a picture go cell by cell (media/patches.h).
class Qwen25VisionAttention final : public Module {
 public:
  explicit Qwen25VisionAttention(const Qwen25VisionConfig& config);

  /// Rows attend to all rows of their own span.
  at::Tensor forward(const at::Tensor& x_NW, const RopeTable& rope, const std::vector<int64_t>& spans) const;

 private:
  int64_t num_heads_;
  Linear qkv_;
  Linear proj_;
};

/// x += attention(norm1(x)); x += mlp(norm2(x)).
class Qwen25VisionBlock final : public Module {
 public:
  explicit Qwen25VisionBlock(const Qwen25VisionConfig& config);

  at::Tensor forward(const at::Tensor& x_NW, const RopeTable& rope, const std::vector<int64_t>& spans) const;

 private:
  Norm norm1_;
  Qwen25VisionAttention attn_;
  Norm norm2_;
  SwigluMlp mlp_;
};

/// RMSNorm, the merge^2 patches of a cell side by side, linear, GELU, linear. "visual.merger".
class Qwen25Merger final : public Module {
 public:
  explicit Qwen25Merger(const Qwen25VisionConfig& config);

  /// [N, W] -> [cells, D]
  at::Tensor forward(const at::Tensor& x_NW) const;

 private:
  int64_t cell_width_;
  Norm ln_q_;
  Linear linear0_;
  Linear linear2_;
};

/// "visual" of the checkpoint.
class Qwen25Vision final : public Module {
 public:
  explicit Qwen25Vision(const Qwen25VisionConfig& config);

  /// pixels_NF as media/patches.h makes them, all pictures one after the other -> the last block's output [N, W], rows
  /// in the order of the pixels. throws InputError when the pixels do not fit the grids.
  at::Tensor features(const at::Tensor& pixels_NF, std::span<const PictureGrid> grids) const;
  /// features -> language-model rows [cells, D], row by row of every picture.
  at::Tensor merge(const at::Tensor& features_NW) const { return merger_.forward(features_NW); }
  /// Patches from now on through this matrix, for inference on the CPU.
  void pack_patches(std::shared_ptr<PackedWeight> weight) { packed_patches_ = std::move(weight); }
  const std::shared_ptr<PackedWeight>& packed_patches() const { return packed_patches_; }

 private:
  RopeTable rope_table(std::span<const PictureGrid> grids, const at::Tensor& order_N) const;

  Qwen25VisionConfig config_;
  at::Tensor patch_weight_WCTKK_;
  std::shared_ptr<PackedWeight> packed_patches_;
  std::vector<std::unique_ptr<Qwen25VisionBlock>> blocks_;
  Qwen25Merger merger_;
  Rope rope_;
};

}  // namespace r1v
