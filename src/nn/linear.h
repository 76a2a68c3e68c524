// A matrix product with optional bias, weights as checkpoints store them: [out, in].
#pragma once

#include "tensor/module.h"

namespace r1v {

enum class Bias { none, present };

/// Sees what goes into a layer: how a quantiser learns which inputs matter.
class InputObserver {
 public:
  virtual ~InputObserver() = default;
  virtual void see(const at::Tensor& x) = 0;
};

/// y = x W^T (+ b) over the last dimension, in the dtype of the weights.
class Linear final : public Module {
 public:
  Linear(int64_t in_features, int64_t out_features, Bias with_bias);

  at::Tensor forward(const at::Tensor& x) const {
    if (observer != nullptr) observer->see(x);
    return at::linear(x, weight, bias);
  }

  at::Tensor weight;
  at::Tensor bias;                    // undefined without bias
  InputObserver* observer = nullptr;  // not owned; null but while calibrating
};

}  // namespace r1v
