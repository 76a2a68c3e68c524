// InternViT. source: OpenGVLab/InternVL modeling_intern_vit.py; parity: parity_test.cpp against transformers' InternVL.
#include "models/internvit.h"

#include "base/error.h"
#include "nn/attention.h"
#include "tensor/shape.h"

namespace r1v {
namespace {

NormKind norm_kind(const VisionConfig& config) { return config.rms_norm ? NormKind::rms : NormKind::layer; }

/// [N, 3, rows * k, columns * k] -> [N, rows * columns, 3 * k * k], the order of a convolution's weights.
at::Tensor cut_patches(const at::Tensor& pixels_NCHW, int64_t k) {
  const int64_t tiles = pixels_NCHW.size(0), channels = pixels_NCHW.size(1);
  const int64_t rows = pixels_NCHW.size(2) / k, columns = pixels_NCHW.size(3) / k;
  return pixels_NCHW.view({tiles, channels, rows, k, columns, k})
      .permute({0, 2, 4, 1, 3, 5})
      .reshape({tiles, rows * columns, channels * k * k});
}

}  // namespace

InternVitAttention::InternVitAttention(const VisionConfig& config)
    : num_heads_(config.num_heads),
      qkv_(config.hidden_size, 3 * config.hidden_size, config.qkv_bias ? Bias::present : Bias::none),
      proj_(config.hidden_size, config.hidden_size, Bias::present) {
  child("qkv", qkv_);
  child("proj", proj_);
  if (!config.qk_normalization) return;
  q_norm_ = std::make_unique<Norm>(NormKind::rms, config.hidden_size, config.norm_eps);
  k_norm_ = std::make_unique<Norm>(NormKind::rms, config.hidden_size, config.norm_eps);
  child("q_norm", *q_norm_);
  child("k_norm", *k_norm_);
}

at::Tensor InternVitAttention::forward(const at::Tensor& x_NPW) const {
  const std::vector<at::Tensor> qkv = qkv_.forward(x_NPW).chunk(3, -1);
  return proj_.forward(full_attention(q_norm_ ? q_norm_->forward(qkv[0]) : qkv[0],
                                      k_norm_ ? k_norm_->forward(qkv[1]) : qkv[1], qkv[2], num_heads_));
}

InternVitLayer::InternVitLayer(const VisionConfig& config)
    : norm1_(norm_kind(config), config.hidden_size, config.norm_eps),
      attn_(config),
      norm2_(norm_kind(config), config.hidden_size, config.norm_eps),
      mlp_(config.hidden_size, config.intermediate_size) {
  child("norm1", norm1_);
  child("attn", attn_);
  parameter("ls1", ls1_W_, {config.hidden_size});
  child("norm2", norm2_);
  child("mlp", mlp_);
  parameter("ls2", ls2_W_, {config.hidden_size});
}

at::Tensor InternVitLayer::forward(const at::Tensor& x_NPW) const {
  const at::Tensor h_NPW = x_NPW + ls1_W_ * attn_.forward(norm1_.forward(x_NPW));
  return h_NPW + ls2_W_ * mlp_.forward(norm2_.forward(h_NPW));
}

InternVit::InternVit(const VisionConfig& config, int64_t select_layer)
    : config_(config), layers_run_(static_cast<size_t>(config.num_layers + 1 + select_layer)) {
  const int64_t side = config.image_size / config.patch_size;
  parameter("embeddings.class_embedding", class_embedding_11W_, {1, 1, config.hidden_size});
  parameter("embeddings.patch_embedding.weight", patch_weight_WCKK_,
            {config.hidden_size, 3, config.patch_size, config.patch_size});
  parameter("embeddings.patch_embedding.bias", patch_bias_W_, {config.hidden_size});
  parameter("embeddings.position_embedding", position_embedding_1PW_, {1, side * side + 1, config.hidden_size});
  for (int64_t i = 0; i < config.num_layers; ++i) {
    layers_.push_back(std::make_unique<InternVitLayer>(config));
    child("encoder.layers." + std::to_string(i), *layers_.back());
  }
}

at::Tensor InternVit::forward(const at::Tensor& pixels_NCHW) const {
  at::Tensor x_NPW = embed(pixels_NCHW);
  for (size_t i = 0; i < layers_run_; ++i) x_NPW = layers_[i]->forward(x_NPW);
  return x_NPW.narrow(1, 1, x_NPW.size(1) - 1);
}

at::Tensor InternVit::embed(const at::Tensor& pixels_NCHW) const {
  const int64_t patch = config_.patch_size;
  if (pixels_NCHW.dim() != 4 || pixels_NCHW.size(1) != 3 || pixels_NCHW.size(2) < patch ||
      pixels_NCHW.size(2) % patch != 0 || pixels_NCHW.size(3) < patch || pixels_NCHW.size(3) % patch != 0) {
    throw InputError(cat("pixels have shape ", shape_text(pixels_NCHW.sizes()),
                         ", expected [tiles, 3, height, width] with height and width multiples of the patch of ", patch,
                         " pixels"));
  }
  const at::Tensor patches_NPF = cut_patches(pixels_NCHW.to(patch_weight_WCKK_.scalar_type()).contiguous(), patch);
  const at::Tensor x_NPW =
      packed_patches_ ? packed_linear(patches_NPF, *packed_patches_, patch_bias_W_, patch_weight_WCKK_.flatten(1))
                      : at::linear(patches_NPF, patch_weight_WCKK_.flatten(1), patch_bias_W_);
  const at::Tensor class_N1W = class_embedding_11W_.expand({x_NPW.size(0), 1, config_.hidden_size});
  return at::cat({class_N1W, x_NPW}, 1) + positions(pixels_NCHW.size(2) / patch, pixels_NCHW.size(3) / patch);
}

/// The learnt positions, resized to the grid of the pixels where that differs.
at::Tensor InternVit::positions(int64_t rows, int64_t columns) const {
  const int64_t side = config_.image_size / config_.patch_size;
  if (rows == side && columns == side) return position_embedding_1PW_;
  const at::Tensor grid_1WRC = position_embedding_1PW_.narrow(1, 1, side * side)
                                   .to(at::kFloat)
                                   .reshape({1, side, side, config_.hidden_size})
                                   .permute({0, 3, 1, 2});
  const at::Tensor resized_1PW = at::upsample_bicubic2d(grid_1WRC, {rows, columns}, /*align_corners=*/false)
                                     .flatten(2)
                                     .transpose(1, 2)
                                     .to(position_embedding_1PW_.scalar_type());
  return at::cat({position_embedding_1PW_.narrow(1, 0, 1), resized_1PW}, 1);
}

}  // namespace r1v
