// Warm-up and decay.
#include "train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.h"

namespace r1v {

ScheduleKind parse_schedule(const std::string& name) {
  if (name == "constant") return ScheduleKind::constant;
  if (name == "linear") return ScheduleKind::linear;
  if (name == "cosine") return ScheduleKind::cosine;
  throw InputError(cat("--lr-scheduler: found \"", printable(name), "\", expected constant, linear or cosine"));
}

int64_t warmup_steps(int64_t steps, double ratio, int64_t total_steps) {
  return steps > 0 ? steps : static_cast<int64_t>(std::ceil(ratio * static_cast<double>(total_steps)));
}

double schedule_factor(const Schedule& schedule, int64_t step) {
  if (step < schedule.warmup_steps) {
    return static_cast<double>(step) / static_cast<double>(std::max<int64_t>(1, schedule.warmup_steps));
  }
  const auto decay_steps = static_cast<double>(std::max<int64_t>(1, schedule.total_steps - schedule.warmup_steps));
  const double progress = static_cast<double>(step - schedule.warmup_steps) / decay_steps;
  switch (schedule.kind) {
    case ScheduleKind::constant:
      return 1.0;
    case ScheduleKind::linear:
      return std::max(0.0, 1.0 - progress);
    case ScheduleKind::cosine:
      return std::max(0.0, 0.5 * (1.0 + std::cos(std::numbers::pi * progress)));
  }
  R1V_CHECK(false, "unknown schedule");
}

}  // namespace r1v
