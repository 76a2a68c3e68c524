// Rules on logits: plain loops over one row; exponentials in float32, sums in double.
#include "engine/logits_rules.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include "base/error.h"
#include "kernels/softmax_sums.h"

namespace r1v {
namespace {

constexpr float kRemoved = -std::numeric_limits<float>::infinity();

float largest(std::span<const float> logits) {
  const float top = logits[static_cast<size_t>(argmax(logits))];
  R1V_CHECK(std::isfinite(top), "no finite logit among ", logits.size());
  return top;
}

double sum_of_exponentials(std::span<const float> logits, float top) {
  double sum = 0.0;
  for (const float logit : logits) sum += std::exp(logit - top);
  return sum;
}

/// Without branches: masks are as good as random to the processor.
void keep_bits(std::span<float> some, uint64_t word) {
  constexpr auto kRemovedBits = std::bit_cast<uint32_t>(kRemoved);
  for (size_t bit = 0; bit < some.size(); ++bit) {
    const auto keep = static_cast<uint32_t>(0 - (word >> bit & 1));
    some[bit] = std::bit_cast<float>((std::bit_cast<uint32_t>(some[bit]) & keep) | (kRemovedBits & ~keep));
  }
}

}  // namespace

void ban_ids(std::span<float> logits, std::span<const int64_t> ids) {
  for (const int64_t id : ids) {
    if (id >= 0 && id < static_cast<int64_t>(logits.size())) logits[static_cast<size_t>(id)] = kRemoved;
  }
}

void keep_allowed(std::span<float> logits, std::span<const uint64_t> allowed, std::span<const int64_t> others) {
  std::vector<std::pair<size_t, float>> kept;
  for (const int64_t id : others) {
    const auto index = static_cast<size_t>(id);
    if (id >= 0 && index < logits.size()) kept.emplace_back(index, logits[index]);
  }
  constexpr size_t kWidth = 64;
  for (size_t begin = 0; begin < logits.size(); begin += kWidth) {
    const std::span<float> some = logits.subspan(begin, std::min(kWidth, logits.size() - begin));
    const uint64_t word = begin / kWidth < allowed.size() ? allowed[begin / kWidth] : 0;
    if (word == 0) {
      std::ranges::fill(some, kRemoved);
    } else if (word != ~uint64_t{0}) {
      keep_bits(some, word);
    }
  }
  for (const auto& [index, logit] : kept) logits[index] = logit;
}

void add_bias(std::span<float> logits, std::span<const std::pair<int64_t, double>> biases) {
  for (const auto& [id, bias] : biases) logits[static_cast<size_t>(id)] += static_cast<float>(bias);
}

void apply_output_penalties(std::span<float> logits, const IdCounts& output, double presence, double frequency) {
  const float each = static_cast<float>(presence), times = static_cast<float>(frequency);
  for (size_t i = 0; i < output.ids.size(); ++i) {
    float& logit = logits[static_cast<size_t>(output.ids[i])];
    logit -= times * static_cast<float>(output.counts[i]);
    logit -= each;
  }
}

void apply_repetition_penalty(std::span<float> logits, std::span<const int64_t> distinct_ids, double penalty) {
  const float factor = static_cast<float>(penalty);
  for (const int64_t id : distinct_ids) {
    float& logit = logits[static_cast<size_t>(id)];
    logit = logit < 0.0F ? logit * factor : logit / factor;
  }
}

void apply_temperature(std::span<float> logits, double temperature) {
  const float divisor = static_cast<float>(temperature);
  for (float& logit : logits) logit /= divisor;
}

void keep_top_k(std::span<float> logits, int64_t k) {
  if (k >= static_cast<int64_t>(logits.size())) return;
  std::vector<float> sorted(logits.begin(), logits.end());
  std::nth_element(sorted.begin(), sorted.begin() + (k - 1), sorted.end(), std::greater<>());
  const float edge = sorted[static_cast<size_t>(k - 1)];
  for (float& logit : logits) {
    if (logit < edge) logit = kRemoved;
  }
}

void keep_top_p(std::span<float> logits, double p) {
  const float top = largest(logits);
  const double total = sum_of_exponentials(logits, top);
  // Tokens of probability up to (1 - p) / V sum to at most 1 - p, so all of them go; only the others need sorting.
  // A token's probability is at most exp(logit - top), which spares a logarithm of the total.
  const double surely_removed = top + std::log(std::max(1.0 - p, 1e-30) / static_cast<double>(logits.size()));
  std::vector<std::pair<float, size_t>> candidates;
  for (size_t id = 0; id < logits.size(); ++id) {
    if (logits[id] > surely_removed) candidates.emplace_back(logits[id], id);
  }
  std::ranges::sort(candidates, [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  double mass = 0.0;  // of the tokens before this one, likeliest first
  size_t kept = 0;
  while (kept < candidates.size() && (kept == 0 || mass < p)) {
    mass += std::exp(candidates[kept].first - top) / total;
    ++kept;
  }
  std::fill(logits.begin(), logits.end(), kRemoved);
  for (size_t i = 0; i < kept; ++i) logits[candidates[i].second] = candidates[i].first;
}

void keep_min_p(std::span<float> logits, double min_p) {
  const float top = largest(logits);
  for (float& logit : logits) {
    if (logit < top && std::exp(logit - top) < static_cast<float>(min_p)) logit = kRemoved;
  }
}

int64_t argmax(std::span<const float> logits) {
  return std::max_element(logits.begin(), logits.end()) - logits.begin();
}

double log_sum_exp(std::span<const float> logits, double temperature) {
  const double log_sum = softmax_sums(logits, temperature).log_sum;
  if (!std::isfinite(log_sum)) {
    throw InputError(
        "the model gave logits that are not finite numbers: its weights are broken, or they overflow in this dtype; "
        "check the checkpoint with `r1v inspect` or compute with --dtype float32");
  }
  return log_sum;
}

}  // namespace r1v
