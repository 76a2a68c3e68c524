// Pixel shuffle and mlp1.
#include "models/projector.h"

#include <cmath>

#include "base/error.h"
#include "kernels/gelu.h"

namespace r1v {
namespace {

constexpr double kNormEpsilon = 1e-5;  // PyTorch's default for LayerNorm: mlp1 does not follow the tower's epsilon

int64_t cell_of(const ModelConfig& config) { return std::llround(1.0 / config.downsample_ratio); }

int64_t shuffled_width(const ModelConfig& config) {
  R1V_CHECK(config.vision, "a projector needs a vision config");
  return config.vision->hidden_size * cell_of(config) * cell_of(config);
}

}  // namespace

at::Tensor pixel_shuffle(const at::Tensor& features_NPW, int64_t cell, PixelShuffle version) {
  const int64_t tiles = features_NPW.size(0), patches = features_NPW.size(1), width = features_NPW.size(2);
  const int64_t side = std::llround(std::sqrt(static_cast<double>(patches)));
  if (side * side != patches || side % cell != 0) {
    throw InputError(cat("a tile of ", patches, " patches does not split into cells of ", cell, " x ", cell,
                         " patches; tiles must be square with a whole number of cells a side"));
  }
  const int64_t cells = side / cell;
  // [N, row, row in cell, column, column in cell, W]
  const at::Tensor grid = features_NPW.reshape({tiles, cells, cell, cells, cell, width});
  const at::Tensor ordered =
      version == PixelShuffle::v2 ? grid.permute({0, 1, 3, 2, 4, 5}) : grid.permute({0, 3, 1, 2, 4, 5});
  return ordered.reshape({tiles, cells * cells, cell * cell * width});
}

Projector::Projector(const ModelConfig& config)
    : cell_(cell_of(config)),
      version_(config.pixel_shuffle_v2 ? PixelShuffle::v2 : PixelShuffle::v1),
      norm0_(NormKind::layer, shuffled_width(config), kNormEpsilon),
      linear1_(shuffled_width(config), config.language.hidden_size, Bias::present),
      linear3_(config.language.hidden_size, config.language.hidden_size, Bias::present) {
  child("0", norm0_);
  child("1", linear1_);
  child("3", linear3_);
}

at::Tensor Projector::shuffle(const at::Tensor& features_NPW) const {
  return pixel_shuffle(features_NPW, cell_, version_);
}

at::Tensor Projector::forward(const at::Tensor& shuffled) const {
  const at::Tensor inner = linear1_.forward(norm0_.forward(shuffled));
  return linear3_.forward(linear1_.packed ? steady_gelu(inner) : at::gelu(inner));
}

}  // namespace r1v
