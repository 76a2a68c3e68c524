// Mixed preference optimization: which answer is better (DPO), how good each one is (BCO), how to write the good one.
#pragma once

#include <ATen/ATen.h>

#include "train/loss_sum.h"

namespace r1v {

/// What DPO calls the reward of an answer: beta (log pi(answer) - log pi_0(answer)), sums over its tokens; [P, 2], each
/// pair's better answer first.
at::Tensor implicit_rewards(const at::Tensor& policy_P2, const at::Tensor& reference_P2, double beta);

/// The line between good and bad answers that BCO draws: the mean of the rewards of all steps so far. Every update
/// weighs the same, however many rewards stand behind it.
/// source: TRL 0.10.1 RunningMoments as its `bco_pair` feeds it, one mean at a time.
struct RunningDelta {
  double mean = 0.0;
  double count = 1e-24;

  void update(double mean_reward);
};

/// Sum over pairs of -log sigmoid(chosen - rejected). source: Rafailov et al., 2023 (arXiv 2305.18290, eq. 7).
LossSum dpo_loss(const at::Tensor& rewards_P2);
/// Sum over pairs of -log sigmoid(chosen - delta) - log sigmoid(-(rejected - delta)); delta is a constant.
/// source: Jung et al., 2024 (arXiv 2404.04656) on pairs, as TRL's `bco_pair`.
LossSum bco_loss(const at::Tensor& rewards_P2, double delta);

/// What the mean of the chosen answers' negative log-likelihood is taken over: all their tokens, or each answer first.
enum class SftMean { tokens, sequences };
/// logps_P, tokens_P  of the chosen answers. The count is tokens or answers.
LossSum chosen_loss(const at::Tensor& logps_P, const at::Tensor& tokens_P, SftMean mean);

}  // namespace r1v
