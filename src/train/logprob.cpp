// Blocks of logits forward; the same blocks once more backward.
#include "train/logprob.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <span>

#include "kernels/matrix_product.h"
#include "kernels/softmax_sums.h"
#include "nn/linear.h"
#include "tensor/shape.h"
#include "train/head_gradient.h"

namespace r1v {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor block_logits(const at::Tensor& rows_BD, const VocabularyHead& head) {
  if (head.packed != nullptr) return packed_linear(rows_BD, *head.packed, /*bias=*/{});
  return matrix_product(rows_BD, head.weight_VD.t()).to(at::kFloat).contiguous();
}

/// What a pass over all rows leaves: three numbers a row.
struct Rows {
  at::Tensor logprobs_R, entropy_R;  // float32
  at::Tensor log_sum_R;              // double
};

Rows new_rows(int64_t count) {
  return {.logprobs_R = at::empty({count}, at::kFloat),
          .entropy_R = at::empty({count}, at::kFloat),
          .log_sum_R = at::empty({count}, at::kDouble)};
}

/// The library's operations, where rows are not in this processor's memory.
void read_block_elsewhere(const at::Tensor& logits_BV, const at::Tensor& targets_B, double temperature, int64_t begin,
                          const Rows& rows) {
  const at::Tensor tempered_BV = logits_BV / temperature;
  const at::Tensor log_sum_B = at::logsumexp(tempered_BV, {1});
  const at::Tensor logprobs_BV = tempered_BV - log_sum_B.unsqueeze(1);
  const int64_t count = logits_BV.size(0);
  rows.log_sum_R.narrow(0, begin, count).copy_(log_sum_B);
  rows.logprobs_R.narrow(0, begin, count).copy_(logprobs_BV.gather(1, targets_B.unsqueeze(1)).squeeze(1));
  rows.entropy_R.narrow(0, begin, count).copy_(-(logprobs_BV.exp() * logprobs_BV).sum(1));
}

void read_block(const at::Tensor& logits_BV, const at::Tensor& targets_B, double temperature, int64_t begin,
                const Rows& rows) {
  if (!logits_BV.is_cpu()) return read_block_elsewhere(logits_BV, targets_B, temperature, begin, rows);
  const int64_t vocabulary = logits_BV.size(1);
  const at::Tensor wanted_B = targets_B.contiguous();
  const auto* logits = logits_BV.const_data_ptr<float>();
  const auto* targets = wanted_B.const_data_ptr<int64_t>();
  auto* logprobs = rows.logprobs_R.data_ptr<float>() + begin;
  auto* entropies = rows.entropy_R.data_ptr<float>() + begin;
  auto* log_sums = rows.log_sum_R.data_ptr<double>() + begin;
  at::parallel_for(0, logits_BV.size(0), 1, [&](int64_t first, int64_t last) {
    for (int64_t row = first; row < last; ++row) {
      const std::span<const float> line(logits + row * vocabulary, static_cast<size_t>(vocabulary));
      const SoftmaxSums sums = softmax_sums(line, temperature);
      log_sums[row] = sums.log_sum;
      entropies[row] = static_cast<float>(sums.entropy);
      logprobs[row] = static_cast<float>(line[static_cast<size_t>(targets[row])] / temperature - sums.log_sum);
    }
  });
}

Rows read_rows(const at::Tensor& hidden_RD, const VocabularyHead& head, const at::Tensor& targets_R, double temperature,
               int64_t block_rows) {
  const Rows rows = new_rows(hidden_RD.size(0));
  for (int64_t begin = 0; begin < hidden_RD.size(0); begin += block_rows) {
    const int64_t count = std::min(block_rows, hidden_RD.size(0) - begin);
    read_block(block_logits(hidden_RD.narrow(0, begin, count), head), targets_R.narrow(0, begin, count), temperature,
               begin, rows);
  }
  return rows;
}

class LinearLogprob final : public torch::autograd::Function<LinearLogprob> {
 public:
  static variable_list forward(AutogradContext* context, const at::Tensor& hidden_RD, const at::Tensor& weight_VD,
                               const PackedWeight* packed, const at::Tensor& targets_R, double temperature,
                               int64_t block_rows) {
    const Rows rows = read_rows(hidden_RD, {weight_VD, packed}, targets_R, temperature, block_rows);
    context->save_for_backward({hidden_RD, weight_VD, targets_R, rows.log_sum_R});
    context->saved_data["temperature"] = temperature;
    context->saved_data["block_rows"] = block_rows;
    const at::Tensor logprobs_R = rows.logprobs_R.to(hidden_RD.device());
    const at::Tensor entropy_R = rows.entropy_R.to(hidden_RD.device());
    context->mark_non_differentiable({entropy_R});
    return {logprobs_R, entropy_R};
  }

  static variable_list backward(AutogradContext* context, variable_list d_output) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &hidden_RD = saved[0], &weight_VD = saved[1], &targets_R = saved[2];
    const double temperature = context->saved_data["temperature"].toDouble();
    const int64_t block_rows = context->saved_data["block_rows"].toInt();
    const at::Tensor log_sum_R = saved[3].to(hidden_RD.device(), at::kFloat);
    at::Tensor d_hidden_RD = context->needs_input_grad(0) ? at::empty_like(hidden_RD) : at::Tensor();
    HeadGradient d_head(weight_VD, context->needs_input_grad(1));
    for (int64_t begin = 0; begin < hidden_RD.size(0); begin += block_rows) {
      const int64_t count = std::min(block_rows, hidden_RD.size(0) - begin);
      const at::Tensor rows_BD = hidden_RD.narrow(0, begin, count);
      const at::Tensor d_B1 = (d_output[0].narrow(0, begin, count) / temperature).unsqueeze(1);
      // d logprob / d logits = (one_hot(target) - softmax) / temperature
      at::Tensor block_BV = matrix_product(rows_BD, weight_VD.t()).to(at::kFloat);
      if (temperature != 1.0) block_BV.div_(temperature);
      block_BV.sub_(log_sum_R.narrow(0, begin, count).unsqueeze(1)).exp_().mul_(-d_B1);
      block_BV.scatter_add_(1, targets_R.narrow(0, begin, count).unsqueeze(1), d_B1);
      block_BV = block_BV.to(hidden_RD.scalar_type());
      if (d_hidden_RD.defined()) d_hidden_RD.narrow(0, begin, count).copy_(matrix_product(block_BV, weight_VD));
      d_head.add(block_BV, rows_BD);
    }
    return {d_hidden_RD, d_head.take(), at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

LogprobEntropy token_logprobs_entropy(const at::Tensor& hidden_RD, const VocabularyHead& head,
                                      const at::Tensor& targets_R, double temperature, int64_t block_bytes) {
  expect_shape(targets_R, {hidden_RD.size(0)}, "targets_R");
  expect_shape(head.weight_VD, {-1, hidden_RD.size(1)}, "head_weight_VD");
  const int64_t block_rows = rows_a_block(hidden_RD.size(0), head.weight_VD.size(0), block_bytes);
  const variable_list out =
      LinearLogprob::apply(hidden_RD, head.weight_VD, head.packed, targets_R, temperature, block_rows);
  return {.logprobs_R = out[0], .entropy_R = out[1]};
}

at::Tensor token_logprobs(const at::Tensor& hidden_RD, const VocabularyHead& head, const at::Tensor& targets_R,
                          double temperature, int64_t block_bytes) {
  return token_logprobs_entropy(hidden_RD, head, targets_R, temperature, block_bytes).logprobs_R;
}

}  // namespace r1v
