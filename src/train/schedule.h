// How the learning rate moves over a run: warm-up, then constant, linear or cosine decay.
#pragma once

#include <cstdint>
#include <string>

namespace r1v {

enum class ScheduleKind { constant, linear, cosine };

/// throws InputError for names other than constant, linear, cosine.
ScheduleKind parse_schedule(const std::string& name);

struct Schedule {
  ScheduleKind kind = ScheduleKind::cosine;
  int64_t warmup_steps = 0;
  int64_t total_steps = 0;
};

/// --warmup-steps wins over --warmup-ratio when it is positive; the ratio is rounded up. source: transformers
/// TrainingArguments.get_warmup_steps.
int64_t warmup_steps(int64_t steps, double ratio, int64_t total_steps);

/// What the base learning rate is multiplied with in step `step` (from 0). source: transformers optimization.py,
/// get_{constant,linear,cosine}_schedule_with_warmup.
double schedule_factor(const Schedule& schedule, int64_t step);

}  // namespace r1v
