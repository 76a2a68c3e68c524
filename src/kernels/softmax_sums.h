// The denominator of a softmax over a vocabulary: one function for sampler and trainer, so that they agree to the bit.
#pragma once

#include <span>

namespace r1v {

/// Of softmax(logits / temperature): the log of its denominator, and its entropy in nats. Exponentials are float32,
/// sums double; NaN when a logit is not finite. The same row gives the same bits wherever it stands.
struct SoftmaxSums {
  double log_sum = 0.0;
  double entropy = 0.0;
};
SoftmaxSums softmax_sums(std::span<const float> logits, double temperature);

/// Logits become exp(logit - largest), 0 where they are minus infinity: weights to draw by.
void to_weights(std::span<float> logits);

/// The definition: all in double.
SoftmaxSums softmax_sums_reference(std::span<const float> logits, double temperature);

}  // namespace r1v
