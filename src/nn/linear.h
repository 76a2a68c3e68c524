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

/// scale * B A, added to a matrix [O, I]: A [R, I], B [O, R]. source: LoRA (Hu et al., 2021, arXiv 2106.09685).
struct LowRank {
  at::Tensor a_RI, b_OR;  // undefined: nothing is added
  double scale = 0.0;
};

/// x W^T (+ b) over the last dimension with packed weights, in float32. bias may be undefined.
///
/// Differentiable where `weight_OI` (and what `added` adds to it) are the numbers that are packed: forward multiplies
/// with the packed ones, backward with those.
at::Tensor packed_linear(const at::Tensor& x, const PackedWeight& packed, const at::Tensor& bias,
                         const at::Tensor& weight_OI = {}, const LowRank& added = {});

/// y = x W^T (+ b) over the last dimension, in the dtype of the weights; in float32 where they are packed.
class Linear final : public Module {
 public:
  Linear(int64_t in_features, int64_t out_features, Bias with_bias);

  at::Tensor forward(const at::Tensor& x) const;

  /// Declares `lora_A.weight` and `lora_B.weight` as parameters, still without memory: y += scale * x A^T B^T.
  void add_low_rank(int64_t rank, double scale);
  /// The matrix with what is added to it; `weight` itself where nothing is.
  at::Tensor merged_weight() const;

  at::Tensor weight;
  at::Tensor bias;  // undefined without bias
  LowRank added;
  std::shared_ptr<PackedWeight> packed;  // what forward multiplies with: instead of `weight`, or the same numbers
  InputObserver* observer = nullptr;     // not owned; null but while calibrating
};

}  // namespace r1v
