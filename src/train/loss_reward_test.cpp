// The Bradley-Terry loss against hand arithmetic and finite differences.
#include "train/loss_reward.h"

#include <gtest/gtest.h>

#include <cmath>

namespace r1v {
namespace {

TEST(RewardLoss, IsTheSumOfItsTerms) {
  // pairs (2, 1), (0, 0.5), (-1, 1) with margins 0, 0, 0.5: leads 1, -0.5, -2
  const at::Tensor scores = at::tensor({2.0, 1.0, 0.0, 0.5, -1.0, 1.0}).to(at::kFloat).view({3, 2});
  const RewardLoss loss = reward_loss(scores, at::tensor({0.0, 0.0, 0.5}).to(at::kFloat), 0.01);
  const double expected =
      std::log1p(std::exp(-1.0)) + std::log1p(std::exp(0.5)) + std::log1p(std::exp(2.5)) + 0.01 * (9.0 + 0.25 + 0.0);
  EXPECT_NEAR(loss.sum.item<double>(), expected, 1e-6);
  EXPECT_EQ(loss.correct, 1);
  EXPECT_NEAR(loss.margin, 1.0 - 0.5 - 2.0, 1e-6);
}

TEST(RewardLoss, HasTheGradientOfFiniteDifferences) {
  at::Tensor scores = at::tensor({0.3, -0.2, 1.5, 2.5}, at::kDouble).view({2, 2}).requires_grad_();
  const at::Tensor margins = at::tensor({0.1, 0.0}, at::kDouble);
  reward_loss(scores, margins, 0.02).sum.backward();
  for (int64_t i = 0; i < 4; ++i) {
    const auto at_offset = [&](double offset) {
      at::Tensor moved = scores.detach().clone();
      moved.view({4})[i] += offset;
      return reward_loss(moved, margins, 0.02).sum.item<double>();
    };
    const double numeric = (at_offset(1e-5) - at_offset(-1e-5)) / 2e-5;
    EXPECT_NEAR(scores.grad().view({4})[i].item<double>(), numeric, 1e-8);
  }
}

}  // namespace
}  // namespace r1v
