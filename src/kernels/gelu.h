// The exact GELU, number by number.
#pragma once

#include <ATen/ATen.h>

namespace r1v {

/// x Phi(x), as at::gelu; differentiable once. A number's result does not depend on where it stands: at::gelu computes
/// the ends of its stretches in another way than their middles.
at::Tensor steady_gelu(const at::Tensor& x);

}  // namespace r1v
