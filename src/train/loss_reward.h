// The Bradley-Terry loss of reward models.
#pragma once

#include <ATen/ATen.h>

namespace r1v {

struct RewardLoss {
  at::Tensor sum;       // over pairs, float32; divide by the pairs of a step
  int64_t correct = 0;  // pairs whose better answer scores higher
  double margin = 0.0;  // summed difference of the scores
};

/// Sum over pairs of -log sigmoid(chosen - rejected - margin) + centering * (chosen + rejected)^2.
///
/// scores_P2   float32, the better answer first.
/// margins_P   float32, by how much it is better; zeros where nobody said so.
/// source: Bradley and Terry, 1952; margin: Touvron et al., 2023 (arXiv 2307.09288, eq. 2); centering: Eisenstein et
/// al., 2023 (arXiv 2312.09244). The terms are those of TRL 1.16's RewardTrainer.
RewardLoss reward_loss(const at::Tensor& scores_P2, const at::Tensor& margins_P, double centering);

}  // namespace r1v
