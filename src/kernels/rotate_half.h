// The rotation of rotary positions in its half-split form, with its gradient.
#pragma once

#include <ATen/ATen.h>

namespace r1v {

/// Every head (a, b) of a token becomes (a cos - b sin, b cos + a sin).
///
/// x_THK2  [T, heads, 2K], a the first K numbers of a head, b the rest.
/// cos_TK, sin_TK  float32. Arithmetic is float32, rounded once to the dtype of x. Differentiable once in x.
at::Tensor rotate_half(const at::Tensor& x_THK2, const at::Tensor& cos_TK, const at::Tensor& sin_TK);

/// The definition, in plain operations on every device and dtype.
at::Tensor rotate_half_reference(const at::Tensor& x_THK2, const at::Tensor& cos_TK, const at::Tensor& sin_TK);

}  // namespace r1v
