// A matrix product with optional bias, weights as checkpoints store them: [out, in].
#pragma once

#include <memory>

#include "tensor/module.h"

namespace r1v {

class PackedWeight;  // kernels/packed_weight.h

enum class Bias { none, present };

/// Sees what goes into a layer: how a quantiser learns which inputs matter.
class InputObserver {
 public:
  virtual ~InputObserver() = default;
  virtual void see(const at::Tensor& x) = 0;
};

/// x W^T (+ b) over the last dimension with packed weights, in float32. bias may be undefined.
at::Tensor packed_linear(const at::Tensor& x, const PackedWeight& weight, const at::Tensor& bias);

/// y = x W^T (+ b) over the last dimension, in the dtype of the weights; in float32 where they are packed.
class Linear final : public Module {
 public:
  Linear(int64_t in_features, int64_t out_features, Bias with_bias);

  at::Tensor forward(const at::Tensor& x) const {
    if (observer != nullptr) observer->see(x);
    return packed ? packed_linear(x, *packed, bias) : at::linear(x, weight, bias);
  }

  at::Tensor weight;
  at::Tensor bias;                             // undefined without bias
  std::shared_ptr<const PackedWeight> packed;  // instead of `weight`, for inference on the CPU
  InputObserver* observer = nullptr;           // not owned; null but while calibrating
};

}  // namespace r1v
