// AdamW against hand arithmetic, groups, clipping and the weight average.
#include "train/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "train/average.h"
#include "train/gradients.h"

namespace r1v {
namespace {

TEST(AdamW, TwoStepsMatchTheFormula) {
  at::Tensor weight = at::ones({1}).set_requires_grad(true);
  AdamW optimizer({{.learning_rate = 0.1, .weight_decay = 0.01, .parameters = {{"w", weight}}}}, {});
  // Step 1, g = 0.5: decay 1 - 0.1 * 0.01; m = 0.05, v = 0.00025, corrected 0.5 and 0.25; 0.999 - 0.1 * 0.5 / 0.5.
  weight.mutable_grad() = at::full({1}, 0.5);
  optimizer.step(1.0);
  EXPECT_NEAR(weight.item<double>(), 0.899, 1e-6);
  // Step 2, g = -0.5: 0.899 * 0.999 = 0.898101; m = -0.005 / (1 - 0.81) = -0.0263158, v = 0.00049975 / 0.001999 = 0.25;
  // 0.898101 + 0.1 * 0.0263158 / 0.5 = 0.9033642.
  weight.mutable_grad() = at::full({1}, -0.5);
  optimizer.step(1.0);
  EXPECT_NEAR(weight.item<double>(), 0.9033642, 1e-6);
}

TEST(AdamW, ParametersWithoutGradientStayAndKeepTheirStepCount) {
  at::Tensor moved = at::ones({2}).set_requires_grad(true), still = at::ones({2}).set_requires_grad(true);
  AdamW optimizer({{.learning_rate = 0.1, .weight_decay = 0.5, .parameters = {{"a", moved}, {"b", still}}}}, {});
  moved.mutable_grad() = at::ones({2});
  optimizer.step(1.0);
  EXPECT_NEAR(moved[0].item<double>(), 0.85, 1e-6);  // 1 - 0.05 - 0.1
  EXPECT_EQ(still[0].item<double>(), 1.0);
  for (const auto& [name, tensor] : optimizer.state()) {
    if (name.starts_with("step.")) {
      EXPECT_EQ(tensor.item<double>(), name == "step.a" ? 1.0 : 0.0) << name;
    }
  }
}

TEST(ParameterGroups, PartsHaveTheirOwnRatesAndNormsDoNotDecay) {
  const std::vector<TrainedParameter> parameters = {
      {.name = "vision_model.encoder.layers.0.norm1.weight", .part = NetworkPart::vision},
      {.name = "mlp1.1.weight", .part = NetworkPart::projector},
      {.name = "language_model.model.embed_tokens.weight", .part = NetworkPart::language},
      {.name = "language_model.model.layers.0.self_attn.q_proj.bias", .part = NetworkPart::language}};
  const auto groups =
      parameter_groups(parameters, {.learning_rate = 1e-3, .vision_learning_rate = 1e-4, .weight_decay = 0.1});
  ASSERT_EQ(groups.size(), 4);
  for (const ParameterGroup& group : groups) {
    const std::string& name = group.parameters.at(0).first;
    EXPECT_EQ(group.learning_rate, name.starts_with("vision") ? 1e-4 : 1e-3) << name;
    EXPECT_EQ(group.weight_decay, name.ends_with("norm1.weight") || name.ends_with("bias") ? 0.0 : 0.1) << name;
  }
}

TEST(Gradients, AreMeasuredAndScaledToTheLimit) {
  // Norm of (3, 4) and (12) together: sqrt(9 + 16 + 144) = 13.
  std::vector<at::Tensor> parameters = {at::zeros({2}), at::zeros({1}), at::zeros({5})};
  parameters[0].mutable_grad() = at::tensor({3.0f, 4.0f});
  parameters[1].mutable_grad() = at::tensor({12.0f});
  EXPECT_NEAR(clip_gradients(parameters, 0.0), 13.0, 1e-6);
  EXPECT_NEAR(clip_gradients(parameters, 26.0), 13.0, 1e-6);
  EXPECT_EQ(parameters[1].grad().item<double>(), 12.0);
  EXPECT_NEAR(clip_gradients(parameters, 6.5), 13.0, 1e-6);
  EXPECT_NEAR(parameters[1].grad().item<double>(), 6.0, 1e-5);
  drop_gradients(parameters);
  EXPECT_EQ(clip_gradients(parameters, 1.0), 0.0);
}

TEST(WeightAverage, MovesSlowlyAndSwapsBothWays) {
  const std::vector<TrainedParameter> parameters = {{.name = "w", .slot = nullptr, .master = at::zeros({1})}};
  at::Tensor weight = parameters[0].master;
  std::vector<TrainedParameter> live = parameters;
  live[0].slot = &weight;
  WeightAverage average(live, 0.999);
  weight.fill_(10.0);
  average.update(0);  // decay min(0.999, 1/10): 0.1 * 0 + 0.9 * 10
  average.swap();
  EXPECT_NEAR(weight.item<double>(), 9.0, 1e-6);
  average.swap();
  EXPECT_EQ(weight.item<double>(), 10.0);
}

}  // namespace
}  // namespace r1v
