// Blocks of logits forward; the same blocks once more backward.
#include "train/logprob.h"

#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include "tensor/shape.h"

namespace r1v {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor block_logprobs(const at::Tensor& rows_BD, const at::Tensor& head_weight_VD, double temperature) {
  at::Tensor logits_BV = at::mm(rows_BD, head_weight_VD.t()).to(at::kFloat);
  if (temperature != 1.0) logits_BV.div_(temperature);
  return at::_log_softmax_out(logits_BV, logits_BV, -1, /*half_to_float=*/false);
}

class LinearLogprob final : public torch::autograd::Function<LinearLogprob> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& hidden_RD, const at::Tensor& head_weight_VD,
                            const at::Tensor& targets_R, double temperature, int64_t block_rows) {
    at::Tensor logprobs_R = at::empty({hidden_RD.size(0)}, hidden_RD.options().dtype(at::kFloat));
    for (int64_t begin = 0; begin < hidden_RD.size(0); begin += block_rows) {
      const int64_t count = std::min(block_rows, hidden_RD.size(0) - begin);
      const at::Tensor block_BV = block_logprobs(hidden_RD.narrow(0, begin, count), head_weight_VD, temperature);
      const at::Tensor targets_B1 = targets_R.narrow(0, begin, count).unsqueeze(1);
      logprobs_R.narrow(0, begin, count).copy_(block_BV.gather(1, targets_B1).squeeze(1));
    }
    context->save_for_backward({hidden_RD, head_weight_VD, targets_R});
    context->saved_data["temperature"] = temperature;
    context->saved_data["block_rows"] = block_rows;
    return logprobs_R;
  }

  static variable_list backward(AutogradContext* context, variable_list d_output) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &hidden_RD = saved[0], &head_weight_VD = saved[1], &targets_R = saved[2];
    const double temperature = context->saved_data["temperature"].toDouble();
    const int64_t block_rows = context->saved_data["block_rows"].toInt();
    at::Tensor d_hidden_RD = context->needs_input_grad(0) ? at::empty_like(hidden_RD) : at::Tensor();
    at::Tensor d_head_VD = context->needs_input_grad(1) ? at::zeros_like(head_weight_VD) : at::Tensor();
    for (int64_t begin = 0; begin < hidden_RD.size(0); begin += block_rows) {
      const int64_t count = std::min(block_rows, hidden_RD.size(0) - begin);
      const at::Tensor rows_BD = hidden_RD.narrow(0, begin, count);
      const at::Tensor d_B1 = (d_output[0].narrow(0, begin, count) / temperature).unsqueeze(1);
      // d logprob / d logits = (one_hot(target) - softmax) / temperature
      at::Tensor block_BV = block_logprobs(rows_BD, head_weight_VD, temperature).exp_().mul_(-d_B1);
      block_BV.scatter_add_(1, targets_R.narrow(0, begin, count).unsqueeze(1), d_B1);
      block_BV = block_BV.to(hidden_RD.scalar_type());
      if (d_hidden_RD.defined()) {
        at::Tensor d_rows_BD = d_hidden_RD.narrow(0, begin, count);
        at::mm_out(d_rows_BD, block_BV, head_weight_VD);
      }
      if (d_head_VD.defined()) d_head_VD.addmm_(block_BV.t(), rows_BD);
    }
    return {d_hidden_RD, d_head_VD, at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor token_logprobs(const at::Tensor& hidden_RD, const at::Tensor& head_weight_VD, const at::Tensor& targets_R,
                          double temperature, int64_t block_bytes) {
  expect_shape(targets_R, {hidden_RD.size(0)}, "targets_R");
  expect_shape(head_weight_VD, {-1, hidden_RD.size(1)}, "head_weight_VD");
  const int64_t block_rows = rows_a_block(hidden_RD.size(0), head_weight_VD.size(0), block_bytes);
  return LinearLogprob::apply(hidden_RD, head_weight_VD, targets_R, temperature, block_rows);
}

LogprobEntropy token_logprobs_entropy(const at::Tensor& hidden_RD, const at::Tensor& head_weight_VD,
                                      const at::Tensor& targets_R, double temperature, int64_t block_bytes) {
  const at::NoGradGuard no_grad;
  expect_shape(targets_R, {hidden_RD.size(0)}, "targets_R");
  const int64_t block_rows = rows_a_block(hidden_RD.size(0), head_weight_VD.size(0), block_bytes);
  std::vector<at::Tensor> logprobs, entropies;
  for (int64_t begin = 0; begin < hidden_RD.size(0); begin += block_rows) {
    const int64_t count = std::min(block_rows, hidden_RD.size(0) - begin);
    const at::Tensor block_BV = block_logprobs(hidden_RD.narrow(0, begin, count), head_weight_VD, temperature);
    logprobs.push_back(block_BV.gather(1, targets_R.narrow(0, begin, count).unsqueeze(1)).squeeze(1));
    entropies.push_back(-(block_BV.exp() * block_BV).sum(-1));
  }
  if (logprobs.empty()) return {at::empty({0}), at::empty({0})};
  return {.logprobs_R = at::cat(logprobs), .entropy_R = at::cat(entropies)};
}

}  // namespace r1v
