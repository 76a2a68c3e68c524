// RMSNorm over the last dimension, with its gradient.
#pragma once

#include <ATen/ATen.h>

namespace r1v {

/// y = cast(x / sqrt(mean(x^2) + epsilon)) * weight: the mean and the quotient are float32, the cast goes to the dtype
/// of x before the product (the order of transformers). Differentiable once in x and weight.
at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double epsilon);

/// The definition, in plain operations on every device and dtype.
at::Tensor rms_norm_reference(const at::Tensor& x, const at::Tensor& weight, double epsilon);

}  // namespace r1v
