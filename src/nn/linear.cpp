// Registers the parameters of a matrix product, and multiplies with packed ones.
#include "nn/linear.h"

#include "kernels/packed_product.h"

namespace r1v {

Linear::Linear(int64_t in_features, int64_t out_features, Bias with_bias) {
  parameter("weight", weight, {out_features, in_features});
  if (with_bias == Bias::present) parameter("bias", bias, {out_features});
}

at::Tensor packed_linear(const at::Tensor& x, const PackedWeight& weight, const at::Tensor& bias) {
  const at::Tensor x_MI = x.to(at::kFloat).reshape({-1, x.size(-1)}).contiguous();
  std::vector<int64_t> shape = x.sizes().vec();
  shape.back() = weight.outputs();
  at::Tensor y = at::empty(shape, x_MI.options());
  packed_product(weight, {.x = x_MI.const_data_ptr<float>(),
                          .x_stride = x_MI.size(1),
                          .rows = x_MI.size(0),
                          .bias = bias.defined() ? bias.const_data_ptr<float>() : nullptr,
                          .y = y.data_ptr<float>(),
                          .y_stride = weight.outputs()});
  return y;
}

}  // namespace r1v
