// One row in vectors where the processor has them.
#include "kernels/softmax_sums.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/row_loops.h"

namespace r1v {

SoftmaxSums softmax_sums(std::span<const float> logits, double temperature) {
  const RowLoops<float>* loops = row_loops<float>();
  if (loops == nullptr) return softmax_sums_reference(logits, temperature);
  const float top = loops->maximum(logits.data(), static_cast<int64_t>(logits.size()));
  double sum = 0.0, weighted = 0.0;
  loops->softmax_sums(logits.data(), static_cast<int64_t>(logits.size()), top, static_cast<float>(1.0 / temperature),
                      &sum, &weighted);
  const double log_sum = std::log(sum);
  return {.log_sum = top / temperature + log_sum, .entropy = log_sum - weighted / sum};
}

void to_weights(std::span<float> logits) {
  const auto count = static_cast<int64_t>(logits.size());
  if (const RowLoops<float>* loops = row_loops<float>(); loops != nullptr) {
    return loops->exponentials(logits.data(), count, loops->maximum(logits.data(), count));
  }
  const float top = *std::ranges::max_element(logits);
  for (float& logit : logits) logit = std::exp(logit - top);
}

SoftmaxSums softmax_sums_reference(std::span<const float> logits, double temperature) {
  const double top = *std::ranges::max_element(logits) / temperature;
  double sum = 0.0, weighted = 0.0;
  for (const float logit : logits) {
    if (!std::isfinite(logit)) return {std::numeric_limits<double>::quiet_NaN(), 0.0};
    const double power = logit / temperature - top, e = std::exp(power);
    sum += e;
    weighted += e * power;
  }
  return {.log_sum = top + std::log(sum), .entropy = std::log(sum) - weighted / sum};
}

}  // namespace r1v
