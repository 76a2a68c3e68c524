// The schedules at points that can be checked by hand.
#include "train/schedule.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace r1v {
namespace {

TEST(Schedule, WarmsUpFromZeroThenDecaysLinearlyToZero) {
  const Schedule schedule{.kind = ScheduleKind::linear, .warmup_steps = 4, .total_steps = 14};
  EXPECT_DOUBLE_EQ(schedule_factor(schedule, 0), 0.0);
  EXPECT_DOUBLE_EQ(schedule_factor(schedule, 1), 0.25);
  EXPECT_DOUBLE_EQ(schedule_factor(schedule, 4), 1.0);
  EXPECT_DOUBLE_EQ(schedule_factor(schedule, 9), 0.5);  // (14 - 9) / (14 - 4)
  EXPECT_DOUBLE_EQ(schedule_factor(schedule, 14), 0.0);
  EXPECT_DOUBLE_EQ(schedule_factor(schedule, 20), 0.0);
}

TEST(Schedule, CosineIsHalfWayAtHalfTime) {
  const Schedule schedule{.kind = ScheduleKind::cosine, .warmup_steps = 0, .total_steps = 12};
  EXPECT_DOUBLE_EQ(schedule_factor(schedule, 0), 1.0);
  EXPECT_NEAR(schedule_factor(schedule, 4), 0.75, 1e-12);  // (1 + cos 60 degrees) / 2
  EXPECT_NEAR(schedule_factor(schedule, 6), 0.5, 1e-12);
  EXPECT_NEAR(schedule_factor(schedule, 8), 0.25, 1e-12);  // (1 + cos 120 degrees) / 2
}

TEST(Schedule, ConstantStaysAfterItsWarmUp) {
  const Schedule schedule{.kind = ScheduleKind::constant, .warmup_steps = 2, .total_steps = 5};
  EXPECT_DOUBLE_EQ(schedule_factor(schedule, 1), 0.5);
  EXPECT_DOUBLE_EQ(schedule_factor(schedule, 100), 1.0);
}

TEST(Schedule, WarmUpRatioIsRoundedUpAndStepsWin) {
  EXPECT_EQ(warmup_steps(0, 0.03, 101), 4);  // 3.03
  EXPECT_EQ(warmup_steps(7, 0.03, 101), 7);
}

TEST(Schedule, UnknownNameIsAnInputError) { EXPECT_THROW(parse_schedule("exponential"), InputError); }

}  // namespace
}  // namespace r1v
