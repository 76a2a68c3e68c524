// Normalisation over the last dimension: RMSNorm and LayerNorm behind one face, statistics always in float32.
#pragma once

#include "tensor/module.h"

namespace r1v {

enum class NormKind { rms, layer };

/// rms: x / sqrt(mean(x^2) + epsilon), cast back to the dtype of x, times weight (the order of transformers).
/// layer: (x - mean) / sqrt(variance + epsilon) * weight + bias.
class Norm final : public Module {
 public:
  Norm(NormKind kind, int64_t width, double epsilon);

  at::Tensor forward(const at::Tensor& x) const;

  at::Tensor weight;
  at::Tensor bias;  // undefined for rms

 private:
  NormKind kind_;
  double epsilon_;
};

}  // namespace r1v
