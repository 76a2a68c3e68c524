// Token log-probabilities and their gradients equal LibTorch's log_softmax over all logits.
#include "train/logprob.h"

#include <gtest/gtest.h>

#include <cmath>

namespace r1v {
namespace {

TEST(TokenLogprobs, MatchLogSoftmaxWithTemperatureAndItsGradients) {
  const at::Tensor targets_R = at::tensor({3, 0, 10, 3}, at::kLong);
  at::Tensor hidden_RD = (at::arange(20, at::kFloat) * 0.7).sin().reshape({4, 5}).set_requires_grad(true);
  at::Tensor head_VD = (at::arange(55, at::kFloat) * 0.31).cos().reshape({11, 5}).set_requires_grad(true);
  const at::Tensor weight_R = at::tensor({1.0f, -2.0f, 0.5f, 3.0f});
  const at::Tensor all_RV = at::log_softmax(at::linear(hidden_RD, head_VD) / 0.7, -1);
  const at::Tensor expected_R = all_RV.gather(1, targets_R.unsqueeze(1)).squeeze(1);
  (expected_R * weight_R).sum().backward();
  const at::Tensor d_hidden = hidden_RD.grad().clone(), d_head = head_VD.grad().clone();
  for (const int64_t rows : {1, 3, 4}) {
    hidden_RD.mutable_grad().reset();
    head_VD.mutable_grad().reset();
    const at::Tensor actual_R = token_logprobs(hidden_RD, head_VD, targets_R, 0.7, rows * 11 * 4);
    EXPECT_LT((actual_R - expected_R).abs().max().item<double>(), 1e-6);
    (actual_R * weight_R).sum().backward();
    EXPECT_LT((hidden_RD.grad() - d_hidden).abs().max().item<double>(), 1e-5);
    EXPECT_LT((head_VD.grad() - d_head).abs().max().item<double>(), 1e-5);
  }
}

TEST(TokenLogprobs, LargeBlocksMatchLogSoftmaxInDouble) {
  // As in loss_sft_test.cpp: products that go to another library. Rows that are a view, not in one piece.
  constexpr int64_t kRows = 4096, kWords = 2048, kWidth = 256;
  at::manual_seed(12);
  const at::Tensor targets_R = at::randint(kWords, {kRows}, at::kLong), weight_R = at::randn({kRows});
  at::Tensor columns_DR = at::randn({kWidth, kRows}).set_requires_grad(true);
  at::Tensor head_VD = (at::randn({kWords, kWidth}) / 16).set_requires_grad(true);
  at::Tensor exact_columns_DR = columns_DR.detach().to(at::kDouble).set_requires_grad(true);
  at::Tensor exact_head_VD = head_VD.detach().to(at::kDouble).set_requires_grad(true);
  const at::Tensor all_RV = at::log_softmax(at::linear(exact_columns_DR.t(), exact_head_VD) / 0.7, -1);
  const at::Tensor expected_R = all_RV.gather(1, targets_R.unsqueeze(1)).squeeze(1);
  (expected_R * weight_R).sum().backward();
  const at::Tensor actual_R = token_logprobs(columns_DR.t(), head_VD, targets_R, 0.7, kRows / 2 * kWords * 4);
  EXPECT_LT((actual_R - expected_R).abs().max().item<double>(), 1e-4);
  (actual_R * weight_R).sum().backward();
  EXPECT_LT((columns_DR.grad() - exact_columns_DR.grad()).abs().max().item<double>(), 1e-4);
  EXPECT_LT((head_VD.grad() - exact_head_VD.grad()).abs().max().item<double>(), 1e-3);  // sums of 4,096 rows
}

TEST(TokenLogprobs, EntropyOfEvenChancesIsLogOfTheirNumber) {
  // Four equal logits: entropy log 4, each log-probability -log 4.
  const LogprobEntropy result =
      token_logprobs_entropy(at::zeros({2, 3}), {.weight_VD = at::ones({4, 3})}, at::tensor({0, 3}, at::kLong));
  EXPECT_NEAR(result.entropy_R[1].item<double>(), std::log(4.0), 1e-6);
  EXPECT_NEAR(result.logprobs_R[0].item<double>(), -std::log(4.0), 1e-6);
}

}  // namespace
}  // namespace r1v
