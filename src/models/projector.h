// From vision features to language-model embeddings: pixel shuffle and the two-layer mlp1.
#pragma once

#include "models/config.h"
#include "nn/linear.h"
#include "nn/norm.h"

namespace r1v {

enum class PixelShuffle { v1, v2 };

/// Joins `cell` x `cell` neighbouring patches: [N, rows * columns, W] (row by row, square grid) -> [N, P, cell^2 * W].
/// v2: output cells row by row. v1 leaves rows and columns of the output swapped (kept for old checkpoints).
/// throws InputError when the grid is not square or not a multiple of the cell.
at::Tensor pixel_shuffle(const at::Tensor& features_NPW, int64_t cell, PixelShuffle version);

/// "mlp1": LayerNorm, linear, GELU, linear. Members bear their index in the checkpoint's Sequential.
class Projector final : public Module {
 public:
  /// config.vision must be set.
  explicit Projector(const ModelConfig& config);

  /// features_NPW -> [N, P, cell^2 * W]
  at::Tensor shuffle(const at::Tensor& features_NPW) const;
  /// shuffled -> [N, P, D]
  at::Tensor forward(const at::Tensor& shuffled) const;

 private:
  int64_t cell_;
  PixelShuffle version_;
  Norm norm0_;
  Linear linear1_;
  Linear linear3_;
};

}  // namespace r1v
