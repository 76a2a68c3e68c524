// Plain operations: a step has a few hundred rewards.
#include "train/loss_mpo.h"

#include "tensor/shape.h"

namespace r1v {
namespace {

double num_pairs(const at::Tensor& rewards_P2) { return static_cast<double>(rewards_P2.size(0)); }

}  // namespace

at::Tensor implicit_rewards(const at::Tensor& policy_P2, const at::Tensor& reference_P2, double beta) {
  expect_shape(policy_P2, {-1, 2}, "policy_P2");
  expect_shape(reference_P2, policy_P2.sizes(), "reference_P2");
  return beta * (policy_P2 - reference_P2);
}

void RunningDelta::update(double mean_reward) {
  count += 1.0;
  mean += (mean_reward - mean) / count;
}

LossSum dpo_loss(const at::Tensor& rewards_P2) {
  expect_shape(rewards_P2, {-1, 2}, "rewards_P2");
  const at::Tensor lead_P = rewards_P2.select(1, 0) - rewards_P2.select(1, 1);
  return {.sum = -at::log_sigmoid(lead_P).sum(), .count = num_pairs(rewards_P2)};
}

LossSum bco_loss(const at::Tensor& rewards_P2, double delta) {
  expect_shape(rewards_P2, {-1, 2}, "rewards_P2");
  const at::Tensor above_P = rewards_P2.select(1, 0) - delta, below_P = delta - rewards_P2.select(1, 1);
  return {.sum = -(at::log_sigmoid(above_P) + at::log_sigmoid(below_P)).sum(), .count = num_pairs(rewards_P2)};
}

LossSum chosen_loss(const at::Tensor& logps_P, const at::Tensor& tokens_P, SftMean mean) {
  expect_shape(tokens_P, logps_P.sizes(), "tokens_P");
  if (mean == SftMean::tokens) return {.sum = -logps_P.sum(), .count = tokens_P.sum().item<double>()};
  return {.sum = -(logps_P / tokens_P).sum(), .count = static_cast<double>(logps_P.size(0))};
}

}  // namespace r1v
