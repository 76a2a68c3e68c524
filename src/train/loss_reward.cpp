// Plain operations: a step has a few hundred scores.
#include "train/loss_reward.h"

#include "tensor/shape.h"

namespace r1v {

RewardLoss reward_loss(const at::Tensor& scores_P2, const at::Tensor& margins_P, double centering) {
  expect_shape(scores_P2, {margins_P.size(0), 2}, "scores");
  const at::Tensor chosen = scores_P2.select(1, 0), rejected = scores_P2.select(1, 1);
  const at::Tensor lead = chosen - rejected;
  at::Tensor sum = -at::log_sigmoid(lead - margins_P).sum();
  if (centering > 0) sum = sum + centering * (chosen + rejected).square().sum();
  return {.sum = sum, .correct = (lead > 0).sum().item<int64_t>(), .margin = lead.detach().sum().item<double>()};
}

}  // namespace r1v
