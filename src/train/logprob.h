// Log-probability of given tokens under a vocabulary head: what preference and policy losses are made of.
#pragma once

#include <ATen/ATen.h>

#include "train/linear_rows.h"

namespace r1v {

class PackedWeight;  // kernels/packed_weight.h

/// A head's weight [V, D], and the same numbers as panels where an engine's bits are wanted (float32 only).
struct VocabularyHead {
  at::Tensor weight_VD;
  const PackedWeight* packed = nullptr;
};

/// log softmax(hidden W^T / temperature)[target] for every row, float32 [R]; R rows, V vocabulary rows.
///
/// hidden_RD       rows that are wanted (gather them first); float32 or bfloat16.
/// targets_R       int64, 0 <= target < V.
/// Differentiable once with respect to hidden and head. Logits are made a block at a time and made again in backward,
/// because only backward knows what each token's gradient is.
at::Tensor token_logprobs(const at::Tensor& hidden_RD, const VocabularyHead& head, const at::Tensor& targets_R,
                          double temperature = 1.0, int64_t block_bytes = kLogitBlockBytes);
inline at::Tensor token_logprobs(const at::Tensor& hidden_RD, const at::Tensor& head_weight_VD,
                                 const at::Tensor& targets_R, double temperature = 1.0,
                                 int64_t block_bytes = kLogitBlockBytes) {
  return token_logprobs(hidden_RD, VocabularyHead{.weight_VD = head_weight_VD}, targets_R, temperature, block_bytes);
}

/// The same with the entropy of each row's distribution in nats, which has no gradient. In float32 with panels the
/// log-probabilities are those that an engine with the same panels records, to the bit.
struct LogprobEntropy {
  at::Tensor logprobs_R;
  at::Tensor entropy_R;
};
LogprobEntropy token_logprobs_entropy(const at::Tensor& hidden_RD, const VocabularyHead& head,
                                      const at::Tensor& targets_R, double temperature = 1.0,
                                      int64_t block_bytes = kLogitBlockBytes);

}  // namespace r1v
