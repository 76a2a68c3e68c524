// Log-probability of given tokens under a vocabulary head: what preference and policy losses are made of.
#pragma once

#include <ATen/ATen.h>

#include "train/linear_rows.h"

namespace r1v {

/// log softmax(hidden W^T / temperature)[target] for every row, float32 [R]; R rows, V vocabulary rows.
///
/// hidden_RD       rows that are wanted (gather them first); float32 or bfloat16.
/// targets_R       int64, 0 <= target < V.
/// Differentiable once with respect to hidden and head. Logits are made a block at a time and made again in backward,
/// because only backward knows what each token's gradient is.
at::Tensor token_logprobs(const at::Tensor& hidden_RD, const at::Tensor& head_weight_VD, const at::Tensor& targets_R,
                          double temperature = 1.0, int64_t block_bytes = kLogitBlockBytes);

/// The same with the entropy of each row's distribution in nats, without gradients.
struct LogprobEntropy {
  at::Tensor logprobs_R;
  at::Tensor entropy_R;
};
LogprobEntropy token_logprobs_entropy(const at::Tensor& hidden_RD, const at::Tensor& head_weight_VD,
                                      const at::Tensor& targets_R, double temperature = 1.0,
                                      int64_t block_bytes = kLogitBlockBytes);

}  // namespace r1v
