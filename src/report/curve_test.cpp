// Curves by hand: order, repeated steps, means, extremes and thinning.
#include "report/curve.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "report/curve_kind.h"

namespace r1v {
namespace {

Curve saw(size_t count) {  // 0 1 2 3 4 5 6 0 1 2 ...
  Curve curve{.name = "saw"};
  for (size_t i = 0; i < count; ++i) curve.points.push_back({static_cast<double>(i + 1), static_cast<double>(i % 7)});
  return curve;
}

TEST(Curves, EveryNumberBecomesOneAndTextDoesNot) {
  const auto curves = read_curves({Json{{"step", 1}, {"loss", 2.5}, {"note", "x"}, {"done", true}},
                                   Json{{"step", 2}, {"loss", 2}, {"eval_loss", 3}}});
  ASSERT_EQ(curves.size(), 2u);
  EXPECT_EQ(curves[0].name, "loss");
  EXPECT_EQ(curves[0].points[1].value, 2);
  EXPECT_EQ(curves[1].name, "eval_loss");
  EXPECT_EQ(curves[1].points[0].step, 2);
}

TEST(Curves, NullIsAGapThatIsRemembered) {
  const auto curves = read_curves({Json{{"step", 1}, {"loss", 1}}, Json{{"step", 2}, {"loss", nullptr}}});
  EXPECT_EQ(curves[0].points.size(), 1u);
  EXPECT_EQ(curves[0].not_finite, std::vector<double>{2});
}

TEST(Curves, LinesOutOfOrderAreSortedAndTheLaterOfOneStepCounts) {
  const auto curves = read_curves({Json{{"step", 1}, {"loss", 1}}, Json{{"step", 3}, {"loss", 3}},
                                   Json{{"step", 2}, {"loss", 2}}, Json{{"step", 3}, {"loss", 30}}});
  ASSERT_EQ(curves[0].points.size(), 3u);
  EXPECT_EQ(curves[0].points[1].value, 2);
  EXPECT_EQ(curves[0].points[2].value, 30);
}

TEST(Curves, WithoutStepsTheLinesAreCounted) {
  const auto curves = read_curves({Json{{"loss", 1}}, Json{{"loss", 2}}});
  EXPECT_EQ(curves[0].points[1].step, 2);
}

TEST(Curves, TheSummaryNamesLastExtremesAndLateMean) {
  Curve curve{.name = "x"};
  for (int i = 1; i <= 20; ++i) curve.points.push_back({static_cast<double>(i), i == 5 ? -9.0 : i});
  const CurveSummary summary = summarize(curve);
  EXPECT_EQ(summary.last.value, 20);
  EXPECT_EQ(summary.lowest.step, 5);
  EXPECT_EQ(summary.highest.step, 20);
  EXPECT_DOUBLE_EQ(summary.mean_of_last_tenth, 19.5);  // (19 + 20) / 2
}

TEST(Curves, AShortCurveStaysAsItIs) {
  const ThinCurve thin = thin_out(saw(10), 10);
  ASSERT_EQ(thin.to.size(), 10u);
  EXPECT_EQ(thin.from, thin.to);
  EXPECT_EQ(thin.mean, thin.low);
  EXPECT_EQ(thin.mean[6], 6);
}

TEST(Curves, ThinningKeepsEveryExtremeTheEndsAndTheMean) {
  Curve curve = saw(50000);
  curve.points[31234].value = 1000;
  curve.points[777].value = -1000;
  const ThinCurve thin = thin_out(curve, 800);
  ASSERT_EQ(thin.to.size(), 800u);
  EXPECT_EQ(thin.from.front(), 1);
  EXPECT_EQ(thin.to.front(), 1);
  EXPECT_EQ(thin.to.back(), 50000);
  EXPECT_EQ(*std::ranges::max_element(thin.high), 1000);
  EXPECT_EQ(*std::ranges::min_element(thin.low), -1000);
  EXPECT_NEAR(thin.mean[300], 3, 0.1);  // 0..6 on average
  for (size_t i = 0; i + 1 < 800; ++i) {
    ASSERT_EQ(thin.from[i + 1], thin.to[i] + 1);
    if (i > 0) {
      ASSERT_NEAR(thin.to[i] - thin.from[i] + 1, 49998 / 798.0, 1);  // evenly
    }
  }
}

TEST(Curves, KindsSayGroupAndDirection) {
  EXPECT_EQ(curve_kind("reward").group, "Reward");
  EXPECT_EQ(curve_kind("reward").better, Better::higher);
  EXPECT_EQ(curve_kind("reward_std").better, Better::unknown);
  EXPECT_EQ(curve_kind("eval_loss").group, "Evaluation");
  EXPECT_EQ(curve_kind("eval_loss").better, Better::lower);
  EXPECT_EQ(curve_kind("tokens_per_s").better, Better::higher);
  EXPECT_EQ(curve_kind("generate_s").better, Better::lower);
  EXPECT_EQ(curve_kind("effective_share_with_buffer").group, "Exploration");
  EXPECT_EQ(curve_kind("something").group, "Others");
}

}  // namespace
}  // namespace r1v
