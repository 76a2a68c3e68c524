// The gate of SwiGLU, with its gradient.
#pragma once

#include <ATen/ATen.h>

namespace r1v {

/// cast(silu(gate)) * up, silu(g) = g / (1 + exp(-g)) in float32, cast to the dtype of gate before the product.
/// gate and up have one shape. Differentiable once in both.
at::Tensor swiglu(const at::Tensor& gate, const at::Tensor& up);

/// The definition, in plain operations on every device and dtype.
at::Tensor swiglu_reference(const at::Tensor& gate, const at::Tensor& up);

}  // namespace r1v
