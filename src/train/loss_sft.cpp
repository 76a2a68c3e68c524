// Blocks of logits -> log-probabilities -> loss and both gradients, in one pass.
#include "train/loss_sft.h"

#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include "base/error.h"
#include "kernels/matrix_product.h"
#include "tensor/shape.h"
#include "train/head_gradient.h"

namespace r1v {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// The rows that are scored, and their targets.
struct ScoredRows {
  at::Tensor hidden_RD;
  at::Tensor targets_R1;
};

ScoredRows scored_rows(const at::Tensor& hidden_TD, const at::Tensor& head_weight_VD, const at::Tensor& targets_T) {
  expect_shape(targets_T, {hidden_TD.size(0)}, "targets_T");
  expect_shape(head_weight_VD, {-1, hidden_TD.size(1)}, "head_weight_VD");
  const at::Tensor rows_R = targets_T.ne(kNoTarget).nonzero().squeeze(1);
  return {.hidden_RD = hidden_TD.index_select(0, rows_R), .targets_R1 = targets_T.index_select(0, rows_R).unsqueeze(1)};
}

/// log softmax(rows W^T) in float32.
at::Tensor block_logprobs(const at::Tensor& rows_BD, const at::Tensor& head_weight_VD) {
  at::Tensor logprobs_BV = matrix_product(rows_BD, head_weight_VD.t()).to(at::kFloat);
  return at::_log_softmax_out(logprobs_BV, logprobs_BV, -1, /*half_to_float=*/false);
}

class LinearCrossEntropy final : public torch::autograd::Function<LinearCrossEntropy> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& hidden_RD, const at::Tensor& head_weight_VD,
                            const at::Tensor& targets_R1, int64_t block_rows, bool record) {
    at::Tensor sum = at::zeros({}, hidden_RD.options().dtype(at::kDouble));
    at::Tensor d_hidden_RD = record && hidden_RD.requires_grad() ? at::empty_like(hidden_RD) : at::Tensor();
    HeadGradient d_head(head_weight_VD, record && head_weight_VD.requires_grad());
    const at::Tensor minus_one = at::full({1, 1}, -1.0, hidden_RD.options().dtype(at::kFloat));
    for (int64_t begin = 0; begin < hidden_RD.size(0); begin += block_rows) {
      const int64_t count = std::min(block_rows, hidden_RD.size(0) - begin);
      const at::Tensor rows_BD = hidden_RD.narrow(0, begin, count);
      const at::Tensor targets_B1 = targets_R1.narrow(0, begin, count);
      at::Tensor block_BV = block_logprobs(rows_BD, head_weight_VD);
      sum -= block_BV.gather(1, targets_B1).sum(at::kDouble);
      if (!d_hidden_RD.defined() && !d_head.is_wanted()) continue;
      // d loss / d logits = softmax - one_hot(target)
      block_BV.exp_().scatter_add_(1, targets_B1, minus_one.expand({count, 1}));
      block_BV = block_BV.to(hidden_RD.scalar_type());
      if (d_hidden_RD.defined()) d_hidden_RD.narrow(0, begin, count).copy_(matrix_product(block_BV, head_weight_VD));
      d_head.add(block_BV, rows_BD);
    }
    context->saved_data["d_hidden"] = d_hidden_RD;
    context->saved_data["d_head"] = d_head.take();
    return sum;
  }

  static variable_list backward(AutogradContext* context, variable_list d_sum) {
    R1V_CHECK(context->saved_data.count("d_hidden") == 1, "the loss was differentiated a second time");
    at::Tensor d_hidden_RD = context->saved_data["d_hidden"].toTensor();
    at::Tensor d_head_VD = context->saved_data["d_head"].toTensor();
    context->saved_data.clear();  // so that the engine may keep the buffers instead of copying them
    const double scale = d_sum[0].item<double>();
    if (d_hidden_RD.defined()) d_hidden_RD.mul_(scale);
    if (d_head_VD.defined() && scale != 1.0) d_head_VD.mul_(scale);
    return {d_hidden_RD, d_head_VD, at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

LossSum sft_loss(const at::Tensor& hidden_TD, const at::Tensor& head_weight_VD, const at::Tensor& targets_T,
                 int64_t block_bytes) {
  const ScoredRows rows = scored_rows(hidden_TD, head_weight_VD, targets_T);
  const int64_t block_rows = rows_a_block(rows.hidden_RD.size(0), head_weight_VD.size(0), block_bytes);
  const bool record = at::GradMode::is_enabled();
  return {.sum = LinearCrossEntropy::apply(rows.hidden_RD, head_weight_VD, rows.targets_R1, block_rows, record),
          .count = static_cast<double>(rows.hidden_RD.size(0))};
}

SftScore sft_score(const at::Tensor& hidden_TD, const at::Tensor& head_weight_VD, const at::Tensor& targets_T,
                   int64_t block_bytes) {
  const at::NoGradGuard no_grad;
  const ScoredRows rows = scored_rows(hidden_TD, head_weight_VD, targets_T);
  const int64_t num_rows = rows.hidden_RD.size(0);
  const int64_t block_rows = rows_a_block(num_rows, head_weight_VD.size(0), block_bytes);
  SftScore score{.count = static_cast<double>(num_rows)};
  for (int64_t begin = 0; begin < num_rows; begin += block_rows) {
    const int64_t count = std::min(block_rows, num_rows - begin);
    const at::Tensor targets_B1 = rows.targets_R1.narrow(0, begin, count);
    const at::Tensor logprobs_BV = block_logprobs(rows.hidden_RD.narrow(0, begin, count), head_weight_VD);
    score.loss_nats -= logprobs_BV.gather(1, targets_B1).sum(at::kDouble).item<double>();
    score.correct += logprobs_BV.argmax(-1, /*keepdim=*/true).eq(targets_B1).sum().item<double>();
  }
  return score;
}

}  // namespace r1v
