// One counter a period: a block of p tokens has been repeated r times when the last (r - 1) * p tokens match.
#include "engine/loop.h"

#include <algorithm>

namespace r1v {

bool LoopDetector::push(int64_t id) {
  const size_t past = ids_.size();
  bool is_loop = false;
  for (size_t period = 1; period <= std::min(past, kMaxPeriod); ++period) {
    uint32_t& matches = matches_[period - 1];
    matches = ids_[past - period] == id ? matches + 1 : 0;
    const size_t covered = matches + period;  // the first of the blocks matches nothing before it
    is_loop = is_loop || covered >= std::max(kMinRepeats * period, kMinTokens);
  }
  ids_.push_back(id);
  return is_loop;
}

}  // namespace r1v
