// One pass for the sum, one for the likeliest.
#include "engine/token_report.h"

#include <algorithm>

#include "engine/logits_rules.h"

namespace r1v {

TokenReport report_token(std::span<const float> logits, int64_t id, int64_t top) {
  const double total = log_sum_exp(logits, 1.0);
  TokenReport report{.id = id, .logprob = logits[static_cast<size_t>(id)] - total};
  const auto is_likelier = [&](int64_t a, int64_t b) {
    const float first = logits[static_cast<size_t>(a)], second = logits[static_cast<size_t>(b)];
    return first != second ? first > second : a < b;
  };
  // A heap of the best so far, the worst of them in front: nearly every other id fails against that one.
  const size_t most = std::min(static_cast<size_t>(top), logits.size());
  std::vector<int64_t> best;
  for (int64_t other = 0; other < static_cast<int64_t>(logits.size()) && most > 0; ++other) {
    if (best.size() == most) {
      if (!is_likelier(other, best.front())) continue;
      std::ranges::pop_heap(best, is_likelier);
      best.pop_back();
    }
    best.push_back(other);
    std::ranges::push_heap(best, is_likelier);
  }
  std::ranges::sort(best, is_likelier);
  for (const int64_t other : best) {
    report.top.push_back({.id = other, .logprob = logits[static_cast<size_t>(other)] - total});
  }
  return report;
}

}  // namespace r1v
