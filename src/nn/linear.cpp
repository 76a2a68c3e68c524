// Registers the parameters of a matrix product, and multiplies with packed ones.
#include "nn/linear.h"

#include <torch/csrc/autograd/custom_function.h>

#include "kernels/fast_rows.h"
#include "kernels/matrix_product.h"
#include "kernels/packed_product.h"

namespace r1v {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor as_rows(const at::Tensor& x) { return x.to(at::kFloat).reshape({-1, x.size(-1)}).contiguous(); }

at::Tensor multiply(const at::Tensor& x, const PackedWeight& packed, const at::Tensor& bias) {
  const at::Tensor x_MI = as_rows(x);
  std::vector<int64_t> shape = x.sizes().vec();
  shape.back() = packed.outputs();
  at::Tensor y = at::empty(shape, x_MI.options());
  packed_product(packed, {.x = x_MI.const_data_ptr<float>(),
                          .x_stride = x_MI.size(1),
                          .rows = x_MI.size(0),
                          .bias = bias.defined() ? bias.const_data_ptr<float>() : nullptr,
                          .y = y.data_ptr<float>(),
                          .y_stride = packed.outputs()});
  return y;
}

/// Custom functions count tensors that are there: one without numbers stands for one that is missing.
at::Tensor or_empty(const at::Tensor& tensor) { return tensor.defined() ? tensor : at::empty({0}); }
bool is_there(const at::Tensor& tensor) { return tensor.numel() > 0; }

/// x W^T (+ b) without a graph.
at::Tensor multiply(const at::Tensor& x, const at::Tensor& weight_OI, const at::Tensor& bias) {
  std::vector<int64_t> shape = x.sizes().vec();
  shape.back() = weight_OI.size(0);
  const at::Tensor y_MO = matrix_product(as_rows(x), weight_OI.t()).contiguous();
  if (bias.defined()) y_MO.add_(bias.detach());
  return y_MO.view(shape);
}

/// y = x W^T (+ b); with W' = W + s B A in place of W where there are panels, which then hold W'.
/// dx = dy W', dW = dy^T x, dA = s (dy B)^T x, dB = s dy^T (x A^T).
struct LinearFunction : torch::autograd::Function<LinearFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight_OI,
                            const at::Tensor& bias, const at::Tensor& a_RI, const at::Tensor& b_OR, double scale,
                            const PackedWeight* packed) {
    // Frozen weights need no x again, and x is what a step's memory is made of.
    const bool weights_learn = weight_OI.requires_grad() || a_RI.requires_grad() || b_OR.requires_grad();
    context->save_for_backward({weights_learn ? x : at::empty({0}), weight_OI, a_RI, b_OR});
    context->saved_data["shape"] = x.sizes().vec();
    context->saved_data["scale"] = scale;
    const at::Tensor bias_or_none = is_there(bias) ? bias : at::Tensor();
    return packed != nullptr ? multiply(x, *packed, bias_or_none) : multiply(x, weight_OI, bias_or_none);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight_OI = saved[1], &a_RI = saved[2], &b_OR = saved[3];
    const at::Tensor dy_MO = as_rows(gradients[0]);
    const double scale = context->saved_data["scale"].toDouble();
    variable_list out(7);
    if (context->needs_input_grad(0)) {
      at::Tensor dx_MI = matrix_product(dy_MO, weight_OI).contiguous();
      if (is_there(b_OR)) dx_MI.addmm_(at::mm(dy_MO, b_OR), a_RI, /*beta=*/1, /*alpha=*/scale);
      out[0] = dx_MI.view(context->saved_data["shape"].toIntVector());
    }
    if (context->needs_input_grad(1)) out[1] = matrix_product(dy_MO.t(), as_rows(x));
    if (context->needs_input_grad(2)) out[2] = dy_MO.sum(0);
    if (context->needs_input_grad(3)) out[3] = at::mm(at::mm(dy_MO, b_OR).t(), as_rows(x)) * scale;
    if (context->needs_input_grad(4)) out[4] = at::mm(dy_MO.t(), at::mm(as_rows(x), a_RI.t())) * scale;
    return out;
  }
};

/// at::linear with products by `matrix_product`.
at::Tensor plain_linear(const at::Tensor& x, const at::Tensor& weight_OI, const at::Tensor& bias) {
  if (!x.is_cpu() || x.scalar_type() != at::kFloat) return at::linear(x, weight_OI, bias);
  if (!wants_gradient(x, weight_OI, bias)) return multiply(x, weight_OI, bias);
  const at::Tensor nothing = or_empty({});
  return LinearFunction::apply(x, weight_OI, or_empty(bias), nothing, nothing, /*scale=*/0.0, nullptr);
}

}  // namespace

at::Tensor packed_linear(const at::Tensor& x, const PackedWeight& packed, const at::Tensor& bias,
                         const at::Tensor& weight_OI, const LowRank& added) {
  if (!wants_gradient(x, weight_OI, bias, added.a_RI, added.b_OR)) return multiply(x, packed, bias);
  return LinearFunction::apply(x, weight_OI, or_empty(bias), or_empty(added.a_RI), or_empty(added.b_OR), added.scale,
                               &packed);
}

Linear::Linear(int64_t in_features, int64_t out_features, Bias with_bias) {
  parameter("weight", weight, {out_features, in_features});
  if (with_bias == Bias::present) parameter("bias", bias, {out_features});
}

at::Tensor Linear::forward(const at::Tensor& x) const {
  if (observer != nullptr) observer->see(x);
  if (packed) return packed_linear(x, *packed, bias, weight, added);
  const at::Tensor y = plain_linear(x, weight, bias);
  return added.a_RI.defined() ? y + at::linear(at::linear(x, added.a_RI), added.b_OR) * added.scale : y;
}

void Linear::add_low_rank(int64_t rank, double scale) {
  parameter("lora_A.weight", added.a_RI, {rank, weight.size(1)});
  parameter("lora_B.weight", added.b_OR, {weight.size(0), rank});
  added.scale = scale;
}

at::Tensor Linear::merged_weight() const {
  return added.a_RI.defined() ? at::addmm(weight, added.b_OR, added.a_RI, /*beta=*/1, /*alpha=*/added.scale) : weight;
}

}  // namespace r1v
