// Hosts whose turns take so and so long on a clock of the test's own.
#include "engine/turns.h"

#include <gtest/gtest.h>

namespace r1v {
namespace {

struct PlayedHost final : ModelHost {
  PlayedHost(double& time_s, double turn_s) : now_s(time_s), takes_s(turn_s) {}
  bool turn() override {
    ++asked;
    if (!has_work) return false;
    now_s += takes_s;
    used_s += takes_s;
    return true;
  }
  void end_all() override {}
  void close() override {}
  bool is_idle() const override { return !has_work; }

  double& now_s;
  double takes_s;
  bool has_work = true;
  int asked = 0;
  double used_s = 0.0;
};

class TurnsTest : public testing::Test {
 protected:
  double now_s = 100.0;
  PlayedHost quick{now_s, 0.001}, slow{now_s, 0.1};
  const std::vector<ModelHost*> hosts = {&quick, &slow};
  Turns turns{[this] { return now_s; }};
};

TEST_F(TurnsTest, BothGetTheSameTime) {
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(turns.round(hosts));
  EXPECT_NEAR(quick.used_s, slow.used_s, 0.102);
  EXPECT_GT(quick.asked, 950);  // it is never passed over for longer than one of the slow one's turns
}

TEST_F(TurnsTest, AloneOneNeedNotWait) {
  slow.has_work = false;
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(turns.round(hosts));
  EXPECT_EQ(quick.asked, 50);
  EXPECT_EQ(slow.asked, 50);  // is asked whether there is something
  quick.has_work = false;
  EXPECT_FALSE(turns.round(hosts));
}

TEST_F(TurnsTest, WhoComesBackHasSavedNothingUpAndOwesNothing) {
  slow.has_work = false;
  for (int i = 0; i < 5000; ++i) turns.round(hosts);  // 5 s of the quick one
  slow.has_work = true;
  slow.used_s = quick.used_s = 0.0;
  for (int i = 0; i < 1000; ++i) turns.round(hosts);
  EXPECT_NEAR(quick.used_s, slow.used_s, 0.102);
  slow.has_work = false;
  for (int i = 0; i < 300; ++i) turns.round(hosts);
  slow.has_work = true;
  const int asked = slow.asked;
  turns.round(hosts);
  EXPECT_EQ(slow.asked, asked + 1);  // at once
}

}  // namespace
}  // namespace r1v
