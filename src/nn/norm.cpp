// RMSNorm and LayerNorm.
#include "nn/norm.h"

#include "kernels/rms_norm.h"

namespace r1v {

Norm::Norm(NormKind kind, int64_t width, double epsilon) : kind_(kind), epsilon_(epsilon) {
  parameter("weight", weight, {width});
  if (kind == NormKind::layer) parameter("bias", bias, {width});
}

at::Tensor Norm::forward(const at::Tensor& x) const {
  if (kind_ == NormKind::layer) return at::layer_norm(x, {x.size(-1)}, weight, bias, epsilon_);
  return rms_norm(x, weight, epsilon_);
}

}  // namespace r1v
