// The rate at which places become free.
#include "engine/waiting_line.h"

namespace r1v {

void EndRate::end(double now_s) {
  constexpr double kNewest = 0.1;  // weight
  const double gap_s = now_s - last_s_;
  mean_s_ = is_known_ ? (1 - kNewest) * mean_s_ + kNewest * gap_s : gap_s;
  is_known_ = true;
  last_s_ = now_s;
}

double EndRate::wait_s(int64_t count) const {
  // Nobody has ended yet: it takes at least as long again as the first has taken by now.
  const double each_s = is_known_ ? std::max(mean_s_, 0.0) : std::max(monotonic_s() - last_s_, 0.0);
  return std::clamp(each_s * static_cast<double>(std::max<int64_t>(count, 1)), 1.0, 600.0);
}

}  // namespace r1v
