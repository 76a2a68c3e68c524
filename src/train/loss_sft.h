// Next-token cross-entropy through a vocabulary head, without ever holding all logits.
#pragma once

#include <ATen/ATen.h>

#include "train/linear_rows.h"
#include "train/loss_sum.h"

namespace r1v {

/// Sum of -log softmax(hidden W^T)[target] over the rows that have a target. R scored rows, V vocabulary rows.
///
/// hidden_TD       output of the language model's final norm; float32 or bfloat16.
/// head_weight_VD  the head, same dtype.
/// targets_T       int64, the token that should follow each row; kNoTarget = not scored. Already shifted.
/// returns         a float64 sum (differentiable once, with respect to hidden and head) and the number of scored rows.
///
/// Only scored rows meet the head, a block of them at a time, and both gradients are made while a block's
/// probabilities are at hand; backward only scales them. The softmax is float32 in every dtype.
LossSum sft_loss(const at::Tensor& hidden_TD, const at::Tensor& head_weight_VD, const at::Tensor& targets_T,
                 int64_t block_bytes = kLogitBlockBytes);

/// The same sum without gradients, and how many scored rows have their target as the most likely token.
struct SftScore {
  double loss_nats = 0;
  double correct = 0;
  double count = 0;
};
SftScore sft_score(const at::Tensor& hidden_TD, const at::Tensor& head_weight_VD, const at::Tensor& targets_T,
                   int64_t block_bytes = kLogitBlockBytes);

}  // namespace r1v
