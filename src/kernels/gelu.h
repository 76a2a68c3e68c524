// The exact GELU for inference.
#pragma once

#include <ATen/ATen.h>

namespace r1v {

/// x Phi(x), as at::gelu, for tensors that need no gradient. A number's result does not depend on where it stands:
/// at::gelu computes the ends of its stretches in another way than their middles.
at::Tensor gelu_inference(const at::Tensor& x);

}  // namespace r1v
