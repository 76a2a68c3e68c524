// One formula with switches; every framework's loss is a setting of them.
#include "train/loss_grpo.h"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "tensor/shape.h"

namespace r1v {
namespace {

at::Tensor held_within(const at::Tensor& values, double limit) {
  return limit > 0 ? values.clamp(-limit, limit) : values;
}

/// float64 list -> the tokens' dtype, each entry repeated for its answer's tokens.
at::Tensor spread(const std::vector<double>& values, const at::Tensor& lengths_N, const at::Tensor& like_R) {
  return at::tensor(values, at::kDouble).repeat_interleave(lengths_N).to(like_R.options());
}

/// The mean of each answer's tokens, put in the place of each of them.
at::Tensor answer_means(const at::Tensor& values_R, const at::Tensor& lengths_N) {
  const at::Tensor answer_R = at::arange(lengths_N.size(0)).repeat_interleave(lengths_N).to(values_R.device());
  const at::Tensor sums_N = at::zeros({lengths_N.size(0)}, values_R.options()).index_add(0, answer_R, values_R);
  return (sums_N / lengths_N.to(values_R.options())).index_select(0, answer_R);
}

at::Tensor kl_estimate(const at::Tensor& difference_R, KlEstimator estimator) {
  switch (estimator) {
    case KlEstimator::k1:
      return difference_R;
    case KlEstimator::k2:
      return difference_R.square() / 2;
    case KlEstimator::k3:
      return (-difference_R).exp() + difference_R - 1;
  }
  R1V_CHECK(false, "a KL estimator without a case");
}

void check_batch(const GrpoBatch& batch, const GrpoLossOptions& options) {
  const int64_t tokens = std::accumulate(batch.lengths.begin(), batch.lengths.end(), int64_t{0});
  expect_shape(batch.logprobs_R, {tokens}, "logprobs_R");
  expect_shape(batch.old_R, {tokens}, "old_R");
  if (options.beta > 0) expect_shape(batch.reference_R, {tokens}, "reference_R");
  R1V_CHECK(batch.advantages.size() == batch.lengths.size() && batch.weights.size() == batch.lengths.size(),
            "one advantage and one weight an answer");
}

}  // namespace

ImportanceLevel parse_importance_level(const std::string& name) {
  if (name == "token") return ImportanceLevel::token;
  if (name == "sequence") return ImportanceLevel::sequence;
  throw InputError(cat("--importance-sampling-level: found \"", printable(name), "\", expected token or sequence"));
}

KlEstimator parse_kl_estimator(const std::string& name) {
  if (name == "k1") return KlEstimator::k1;
  if (name == "k2") return KlEstimator::k2;
  if (name == "k3") return KlEstimator::k3;
  throw InputError(cat("--kl-estimator: found \"", printable(name), "\", expected k1, k2 or k3"));
}

LossType parse_loss_type(const std::string& name) {
  if (name == "grpo") return LossType::grpo;
  if (name == "dapo") return LossType::dapo;
  if (name == "dr_grpo") return LossType::dr_grpo;
  throw InputError(cat("--loss-type: found \"", printable(name), "\", expected grpo, dapo or dr_grpo"));
}

std::vector<double> answer_weights(LossType type, const std::vector<int64_t>& lengths, int64_t max_tokens) {
  const auto answers = static_cast<double>(lengths.size());
  const auto tokens = static_cast<double>(std::accumulate(lengths.begin(), lengths.end(), int64_t{0}));
  std::vector<double> weights;
  for (const int64_t length : lengths) {
    if (length == 0) {
      weights.push_back(0);
    } else if (type == LossType::grpo) {
      weights.push_back(1 / (answers * static_cast<double>(length)));
    } else if (type == LossType::dapo) {
      weights.push_back(1 / tokens);
    } else {
      weights.push_back(1 / (answers * static_cast<double>(max_tokens)));
    }
  }
  return weights;
}

GrpoLoss grpo_loss(const GrpoBatch& batch, const GrpoLossOptions& options) {
  check_batch(batch, options);
  const at::Tensor& logprobs_R = batch.logprobs_R;
  const at::Tensor lengths_N = at::tensor(batch.lengths, at::kLong);
  const at::Tensor advantages_R = spread(batch.advantages, lengths_N, logprobs_R);
  at::Tensor log_ratio_R = logprobs_R - batch.old_R;
  if (options.level == ImportanceLevel::sequence) log_ratio_R = answer_means(log_ratio_R, lengths_N);
  const at::Tensor ratio_R = held_within(log_ratio_R, options.log_ratio_limit).exp();
  const at::Tensor held_R = ratio_R.clamp(1 - options.epsilon_low, 1 + options.epsilon_high);
  const at::Tensor capped_R = options.delta > 0 ? ratio_R.clamp_max(options.delta) : ratio_R;
  at::Tensor loss_R = at::maximum(-capped_R * advantages_R, -held_R * advantages_R);
  if (options.dual_clip > 0) {
    const at::Tensor floor_R = at::minimum(loss_R, -advantages_R * options.dual_clip);
    loss_R = at::where(advantages_R < 0, floor_R, loss_R);
  }
  GrpoLoss out;
  if (options.beta > 0) {
    const at::Tensor difference_R = held_within(logprobs_R - batch.reference_R, options.kl_input_limit);
    at::Tensor kl_R = held_within(kl_estimate(difference_R, options.kl), options.kl_output_limit);
    out.kl = kl_R.sum().item<double>();
    if (options.kl_times_ratio) kl_R = kl_R * ratio_R;
    loss_R = loss_R + options.beta * kl_R;
  }
  out.sum = (loss_R * spread(batch.weights, lengths_N, logprobs_R)).sum();
  const at::NoGradGuard no_gradients;
  out.clipped_low = at::logical_and(ratio_R < 1 - options.epsilon_low, advantages_R < 0).sum().item<double>();
  out.clipped_high = at::logical_and(ratio_R > 1 + options.epsilon_high, advantages_R > 0).sum().item<double>();
  out.ratio_max = ratio_R.numel() == 0 ? 0.0 : ratio_R.max().item<double>();
  return out;
}

}  // namespace r1v
