// One walk backwards over the text.
#include "engine/draft.h"

namespace r1v {

std::vector<int64_t> look_up_draft(std::span<const int64_t> ids, const DraftLimits& limits) {
  const auto length = static_cast<int64_t>(ids.size());
  int64_t best = limits.min_match - 1, follows = length;
  for (int64_t end = length - 1; end > best && best < limits.max_match && limits.max_tokens > 0; --end) {
    int64_t match = 0;
    while (match < limits.max_match && match < end &&
           ids[static_cast<size_t>(end - 1 - match)] == ids[static_cast<size_t>(length - 1 - match)]) {
      ++match;
    }
    if (match <= best) continue;
    best = match;
    follows = end;
  }
  std::vector<int64_t> guess;
  if (follows == length) return guess;
  const auto period = static_cast<size_t>(length - follows);
  while (static_cast<int64_t>(guess.size()) < limits.max_tokens) {
    const size_t index = guess.size();
    guess.push_back(index < period ? ids[static_cast<size_t>(follows) + index] : guess[index - period]);
  }
  return guess;
}

}  // namespace r1v
