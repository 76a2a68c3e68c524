// A node of the autograd graph that runs a small graph of its own in backward.
#include "nn/recompute.h"

#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

namespace r1v {
namespace {

using Compute = std::function<at::Tensor(const at::Tensor&)>;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct ComputeHolder final : torch::CustomClassHolder {
  explicit ComputeHolder(Compute function) : compute(std::move(function)) {}
  Compute compute;
};

class Recompute final : public torch::autograd::Function<Recompute> {
 public:
  // `anchor` wants gradients, so that the layer's parameters get theirs even where the input wants none.
  static at::Tensor forward(AutogradContext* context, const at::Tensor& input, const at::Tensor& /*anchor*/,
                            const Compute& compute) {
    context->save_for_backward({input});
    context->saved_data["compute"] = c10::IValue::make_capsule(c10::make_intrusive<ComputeHolder>(compute));
    return compute(input);
  }

  static variable_list backward(AutogradContext* context, variable_list d_output) {
    const auto holder = c10::static_intrusive_pointer_cast<ComputeHolder>(context->saved_data["compute"].toCapsule());
    const at::Tensor saved = context->get_saved_variables()[0];
    const at::Tensor input = saved.detach().set_requires_grad(saved.requires_grad());
    const at::AutoGradMode record(true);
    torch::autograd::backward({holder->compute(input)}, {d_output[0]});
    return {input.grad(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor recomputed(Compute compute, const at::Tensor& input) {
  if (!at::GradMode::is_enabled()) return compute(input);
  return Recompute::apply(input, at::zeros({}, at::kFloat).set_requires_grad(true), compute);
}

}  // namespace r1v
