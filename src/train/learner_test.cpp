// Steps by hand, averages that come and go, and a checkpoint that another learner goes on from.
#include "train/learner.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/error.h"
#include "train/state.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

/// One weight that is its own master, at 1, with a learning rate of 0.1.
struct OneWeight {
  at::Tensor weight = at::ones({2}).set_requires_grad(true);
  Learner learner;

  explicit OneWeight(double weight_average)
      : learner({{.name = "w", .slot = &weight, .master = weight}},
                {{.learning_rate = 0.1, .parameters = {{"w", weight}}}}, {}, weight_average) {}

  double update(float first, float second, double max_norm = 0) {
    weight.mutable_grad() = at::tensor({first, second});
    return learner.update(1.0, max_norm, "step 7, loss 2.5");
  }
  std::vector<float> values() const {
    return {weight.const_data_ptr<float>(), weight.const_data_ptr<float>() + weight.numel()};
  }
};

void expect_near(const std::vector<float>& found, float first, float second) {
  EXPECT_NEAR(found.at(0), first, 1e-6);
  EXPECT_NEAR(found.at(1), second, 1e-6);
}

TEST(Learner, AStepReturnsTheNormAndForgetsTheGradient) {
  OneWeight one(0);
  EXPECT_EQ(one.learner.size(), 2);
  EXPECT_NEAR(one.update(3, -4, /*max_norm=*/1), 5, 1e-6);  // before it is shortened
  expect_near(one.values(), 0.9f, 1.1f);                    // AdamW's first step: the rate times the sign
  EXPECT_FALSE(one.weight.grad().defined());
}

TEST(Learner, AGradientThatIsNoNumberNamesTheStepAndMovesNothing) {
  OneWeight one(0);
  try {
    one.update(std::numeric_limits<float>::quiet_NaN(), 1);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("step 7, loss 2.5: the gradient is not finite"), std::string::npos);
  }
  expect_near(one.values(), 1, 1);
}

TEST(Learner, TheAveragesAreTheModelForAWhileOrForGood) {
  OneWeight one(0.9);
  one.update(1, -1);
  one.learner.average(0);  // decay min(0.9, 1 / 10): 0.1 * 1 + 0.9 * 0.9 = 0.91, and 0.1 + 0.9 * 1.1 = 1.09
  one.learner.with_averages([&] { expect_near(one.values(), 0.91f, 1.09f); });
  expect_near(one.values(), 0.9f, 1.1f);
  one.learner.become_averages();
  expect_near(one.values(), 0.91f, 1.09f);
}

TEST(Learner, ASavedOneGoesOnToTheBitAndTheModelIsSavedWithItsAverages) {
  const fs::path run = fs::path(testing::TempDir()) / "learner";
  fs::remove_all(run);
  OneWeight whole(0.9), first(0.9), second(0.9);
  const auto step = [](OneWeight& one, float gradient) {
    one.update(gradient, -2 * gradient);
    one.learner.average(0);
  };
  for (const float gradient : {0.5f, -0.25f}) step(whole, gradient);
  step(first, 0.5f);
  first.learner.save(run, 1, {{"step", 1}}, [&](const fs::path&) { expect_near(first.values(), 0.91f, 1.09f); });
  const Json position = second.learner.restore(latest_checkpoint(run).value());
  EXPECT_EQ(position, (Json{{"step", 1}}));
  step(second, -0.25f);
  EXPECT_EQ(second.values(), whole.values());
  std::vector<float> averages;
  whole.learner.with_averages([&] { averages = whole.values(); });
  second.learner.with_averages([&] { EXPECT_EQ(second.values(), averages); });
  fs::remove_all(run);
}

}  // namespace
}  // namespace r1v
