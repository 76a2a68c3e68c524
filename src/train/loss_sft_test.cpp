// The blockwise loss equals LibTorch's own cross-entropy, gradients included.
#include "train/loss_sft.h"

#include <gtest/gtest.h>

#include <cmath>

namespace r1v {
namespace {

at::Tensor ramp(at::IntArrayRef shape, double step, double phase) {
  const int64_t count = c10::multiply_integers(shape);
  return (at::arange(count, at::kFloat) * step + phase).sin().reshape(shape);
}

TEST(SftLoss, OfTwoEqualLogitsIsLogTwo) {
  // hidden = 0, so both of two tokens have probability 1/2: -log(1/2) = 0.6931 nats; two of three rows are scored.
  const LossSum loss = sft_loss(at::zeros({3, 4}), at::ones({2, 4}), at::tensor({1, -100, 0}, at::kLong));
  EXPECT_NEAR(loss.sum.item<double>(), 2 * std::log(2.0), 1e-6);
  EXPECT_EQ(loss.count, 2);
}

TEST(SftLoss, MatchesCrossEntropyOfAllLogitsForEveryBlockSize) {
  const at::Tensor targets_T = at::tensor({3, -100, 0, 12, -100, 7, 7}, at::kLong);
  at::Tensor hidden_TD = ramp({7, 5}, 0.7, 0.1).set_requires_grad(true);
  at::Tensor head_VD = ramp({13, 5}, 0.3, 0.4).mul_(3).detach().set_requires_grad(true);
  const at::Tensor expected =
      at::cross_entropy_loss(at::linear(hidden_TD, head_VD), targets_T, {}, at::Reduction::Sum, kNoTarget);
  (expected / 5).backward();
  const at::Tensor d_hidden = hidden_TD.grad().clone(), d_head = head_VD.grad().clone();
  for (const int64_t rows : {1, 2, 4, 5, 100}) {
    hidden_TD.mutable_grad().reset();
    head_VD.mutable_grad().reset();
    const LossSum loss = sft_loss(hidden_TD, head_VD, targets_T, rows * 13 * 4);
    EXPECT_NEAR(loss.sum.item<double>(), expected.item<double>(), 1e-5);
    EXPECT_EQ(loss.count, 5);
    (loss.sum / loss.count).backward();
    EXPECT_LT((hidden_TD.grad() - d_hidden).abs().max().item<double>(), 1e-6) << rows;
    EXPECT_LT((head_VD.grad() - d_head).abs().max().item<double>(), 1e-6) << rows;
  }
}

TEST(SftLoss, LargeBlocksMatchCrossEntropyInDouble) {
  // 2,048 rows a block, 2,048 words, 256 wide: products that go to another library, and a sum of two of them.
  constexpr int64_t kRows = 4096, kWords = 2048, kWidth = 256;
  at::manual_seed(11);
  const at::Tensor targets_T = at::randint(kWords, {kRows}, at::kLong);
  at::Tensor hidden_TD = at::randn({kRows, kWidth}).set_requires_grad(true);
  at::Tensor head_VD = (at::randn({kWords, kWidth}) / 16).set_requires_grad(true);
  at::Tensor exact_hidden_TD = hidden_TD.detach().to(at::kDouble).set_requires_grad(true);
  at::Tensor exact_head_VD = head_VD.detach().to(at::kDouble).set_requires_grad(true);
  const at::Tensor expected =
      at::cross_entropy_loss(at::linear(exact_hidden_TD, exact_head_VD), targets_T, {}, at::Reduction::Sum);
  expected.backward();
  const LossSum loss = sft_loss(hidden_TD, head_VD, targets_T, kRows / 2 * kWords * 4);
  EXPECT_NEAR(loss.sum.item<double>() / expected.item<double>(), 1.0, 1e-6);
  loss.sum.backward();
  EXPECT_LT((hidden_TD.grad() - exact_hidden_TD.grad()).abs().max().item<double>(), 1e-5);
  EXPECT_LT((head_VD.grad() - exact_head_VD.grad()).abs().max().item<double>(), 1e-4);  // sums of 4,096 rows
}

TEST(SftLoss, GradientsMatchFiniteDifferences) {
  const at::Tensor targets_T = at::tensor({2, 0, 5}, at::kLong);
  const at::Tensor head_VD = ramp({6, 4}, 0.9, 0.2).to(at::kDouble);
  at::Tensor hidden_TD = ramp({3, 4}, 0.5, 0.3).to(at::kDouble);
  auto reference = [&](const at::Tensor& hidden) {  // in float64, from the formula
    const at::Tensor logits = hidden.mm(head_VD.t());
    return (at::logsumexp(logits, {-1}) - logits.gather(1, targets_T.unsqueeze(1)).squeeze(1)).sum().item<double>();
  };
  at::Tensor leaf = hidden_TD.to(at::kFloat).set_requires_grad(true);
  sft_loss(leaf, head_VD.to(at::kFloat), targets_T).sum.backward();
  constexpr double kStep = 1e-5;
  for (int64_t i = 0; i < hidden_TD.numel(); ++i) {
    at::Tensor up = hidden_TD.clone(), down = hidden_TD.clone();
    up.view(-1)[i] += kStep;
    down.view(-1)[i] -= kStep;
    EXPECT_NEAR(leaf.grad().view(-1)[i].item<double>(), (reference(up) - reference(down)) / (2 * kStep), 1e-5);
  }
}

TEST(SftLoss, SurvivesLogitsThatWouldOverflowAnExponential) {
  // Logits 1000 and 0: -log p(0) = 1000 exactly, -log p(1000) = 0.
  const at::Tensor head_VD = at::tensor({1000.0f, 0.0f}).reshape({2, 1});
  EXPECT_NEAR(sft_loss(at::ones({1, 1}), head_VD, at::tensor({1}, at::kLong)).sum.item<double>(), 1000.0, 1e-3);
  EXPECT_NEAR(sft_loss(at::ones({1, 1}), head_VD, at::tensor({0}, at::kLong)).sum.item<double>(), 0.0, 1e-6);
}

TEST(SftLoss, WithoutScoredRowsIsZeroWithZeroGradients) {
  at::Tensor hidden_TD = at::ones({2, 3}).set_requires_grad(true);
  const LossSum loss = sft_loss(hidden_TD, at::ones({4, 3}), at::full({2}, -100, at::kLong));
  loss.sum.backward();
  EXPECT_EQ(loss.sum.item<double>(), 0.0);
  EXPECT_EQ(loss.count, 0);
  EXPECT_EQ(hidden_TD.grad().abs().sum().item<double>(), 0.0);
}

TEST(SftScore, CountsTargetsThatAreMostLikely) {
  // One-hot hidden rows through a diagonal head: row t prefers token t. Targets 0 (right), 2 (wrong), unscored.
  const SftScore score = sft_score(at::eye(3), at::eye(3) * 10, at::tensor({0, 2, -100}, at::kLong), 3 * 4);
  EXPECT_EQ(score.correct, 1);
  EXPECT_EQ(score.count, 2);
  // -log(e^10 / (e^10 + 2)) + the same plus 10
  EXPECT_NEAR(score.loss_nats, 2 * std::log(1 + 2 * std::exp(-10.0)) + 10, 1e-5);
}

}  // namespace
}  // namespace r1v
