// How likely a network finds given tokens, a block of logits at a time.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

namespace r1v {

class R1vModel;

/// log softmax(logits)[target] in nats for every row; R rows after the final norm, a target each. In a packed network a
/// row gives the same bits in any company. Logits of at most `block_rows` rows are held at once (0: 32 MiB of them).
/// throws InputError for a target that the vocabulary does not have.
std::vector<double> token_likelihoods(const R1vModel& model, const at::Tensor& hidden_RD,
                                      std::span<const int64_t> targets, int64_t block_rows = 0);

}  // namespace r1v
