// Rewards, losses and the running delta by hand; gradients by finite differences.
#include "train/loss_mpo.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/json.h"

namespace r1v {
namespace {

double minus_log_sigmoid(double x) { return std::log1p(std::exp(-x)); }

const at::Tensor kPolicy_P2 = at::tensor({-10.0, -20.0, -7.0, -6.0}, at::kDouble).view({2, 2});
const at::Tensor kReference_P2 = at::tensor({-15.0, -18.0, -4.0, -9.0}, at::kDouble).view({2, 2});

// beta 0.1: chosen 0.5 and -0.3, rejected -0.2 and 0.3.
at::Tensor rewards() { return implicit_rewards(kPolicy_P2, kReference_P2, 0.1); }

TEST(MpoLoss, RewardsAreBetaTimesLogRatios) {
  EXPECT_TRUE(at::allclose(rewards(), at::tensor({0.5, -0.2, -0.3, 0.3}, at::kDouble).view({2, 2})));
}

TEST(MpoLoss, PreferenceAndQualityByHand) {
  // -log sigmoid(0.7) = 0.403186, -log sigmoid(-0.6) = 1.037488
  const LossSum preference = dpo_loss(rewards());
  EXPECT_NEAR(preference.sum.item<double>(), 1.440674, 1e-6);
  EXPECT_EQ(preference.count, 2.0);
  // delta 0.1: chosen lie 0.4 and -0.4 above it, rejected 0.3 and -0.2 below it:
  // 0.513015 + 0.913015 + 0.554355 + 0.798139
  EXPECT_NEAR(bco_loss(rewards(), 0.1).sum.item<double>(), 2.778524, 1e-6);
  const double without =
      minus_log_sigmoid(0.5) + minus_log_sigmoid(-0.3) + minus_log_sigmoid(0.2) + minus_log_sigmoid(-0.3);
  EXPECT_NEAR(bco_loss(rewards(), 0.0).sum.item<double>(), without, 1e-9);
}

TEST(MpoLoss, GenerationIsAMeanOverTokensOrOverAnswers) {
  const at::Tensor logps_P = at::tensor({-10.0, -6.0}, at::kDouble), tokens_P = at::tensor({5.0, 2.0}, at::kDouble);
  const LossSum tokens = chosen_loss(logps_P, tokens_P, SftMean::tokens);
  EXPECT_NEAR(tokens.sum.item<double>() / tokens.count, 16.0 / 7.0, 1e-12);
  const LossSum sequences = chosen_loss(logps_P, tokens_P, SftMean::sequences);
  EXPECT_NEAR(sequences.sum.item<double>() / sequences.count, (2.0 + 3.0) / 2.0, 1e-12);
}

TEST(MpoLoss, DeltaIsTheMeanOfWhatItWasGiven) {
  RunningDelta delta;
  delta.update(0.075);
  EXPECT_DOUBLE_EQ(delta.mean, 0.075);  // the first count, 1e-24, vanishes
  delta.update(0.375);
  EXPECT_NEAR(delta.mean, 0.225, 1e-15);
  delta.update(-0.3);
  EXPECT_NEAR(delta.mean, 0.05, 1e-15);
  EXPECT_EQ(delta.count, 3.0);
}

at::Tensor table(const Json& rows) {
  at::Tensor table_P2 = at::empty({static_cast<int64_t>(rows.size()), 2}, at::kDouble);
  for (size_t i = 0; i < rows.size(); ++i) {
    for (size_t k = 0; k < 2; ++k) {
      table_P2[static_cast<int64_t>(i)][static_cast<int64_t>(k)] = rows[i][k].get<double>();
    }
  }
  return table_P2;
}

// The delta-free form; slopes are with respect to the first token of each answer.
TEST(MpoLoss, WithoutDeltaItIsTrls) {
  const Json trl = read_json_file(std::filesystem::path(R1V_SOURCE_DIR) / "tests/golden/mpo/trl.json");
  const at::Tensor policy_P2 = table(trl["policy"]).set_requires_grad(true);
  const at::Tensor rewards_P2 = implicit_rewards(policy_P2, table(trl["reference"]), trl["beta"]);
  const at::Tensor tokens_P = at::tensor(trl["chosen_tokens"].get<std::vector<double>>(), at::kDouble);
  const LossSum parts[] = {dpo_loss(rewards_P2), bco_loss(rewards_P2, 0.0),
                           chosen_loss(policy_P2.select(1, 0), tokens_P, SftMean::tokens)};
  at::Tensor loss = at::zeros({}, at::kDouble);
  for (size_t i = 0; i < 3; ++i) loss = loss + trl["weights"][i].get<double>() * parts[i].sum / parts[i].count;
  EXPECT_NEAR(loss.item<double>(), trl["loss"].get<double>(), 1e-12);
  loss.backward();
  EXPECT_TRUE(at::allclose(policy_P2.grad(), table(trl["slope"]), 0.0, 1e-12));
}

TEST(MpoLoss, GradientsAreFiniteDifferences) {
  const auto total = [](const at::Tensor& policy_P2) {
    const at::Tensor rewards_P2 = implicit_rewards(policy_P2, kReference_P2, 0.1);
    const LossSum generation =
        chosen_loss(policy_P2.select(1, 0), at::tensor({5.0, 2.0}, at::kDouble), SftMean::tokens);
    return 0.8 * dpo_loss(rewards_P2).sum / 2 + 0.2 * bco_loss(rewards_P2, 0.05).sum / 2 +
           1.0 * generation.sum / generation.count;
  };
  at::Tensor policy_P2 = kPolicy_P2.clone().set_requires_grad(true);
  total(policy_P2).backward();
  constexpr double kStep = 1e-6;
  for (int64_t i = 0; i < 4; ++i) {
    at::Tensor up = kPolicy_P2.clone(), down = kPolicy_P2.clone();
    up.view({-1})[i] += kStep;
    down.view({-1})[i] -= kStep;
    const double slope = (total(up).item<double>() - total(down).item<double>()) / (2 * kStep);
    EXPECT_NEAR(policy_P2.grad().view({-1})[i].item<double>(), slope, 1e-9) << i;
  }
}

}  // namespace
}  // namespace r1v
