// The policy loss against TRL's and verl's formulas (tests/golden/make_grpo.py), by hand, and by finite differences.
#include "train/loss_grpo.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "base/json.h"
#include "train/advantage.h"

namespace r1v {
namespace {

std::vector<double> numbers(const Json& list) { return list.get<std::vector<double>>(); }
at::Tensor vector_of(const Json& list) { return at::tensor(numbers(list), at::kDouble); }

/// One entry of grpo.json with its batch.
struct GoldenCase {
  GrpoBatch batch;
  GrpoLossOptions options;
};

GoldenCase golden_case(const Json& golden, const Json& entry) {
  GoldenCase made;
  const Json& told = entry.at("options");
  const auto number = [&](const char* key, double fallback) { return told.value(key, fallback); };
  made.options = {.epsilon_low = number("epsilon_low", 0.2),
                  .epsilon_high = number("epsilon_high", 0.2),
                  .delta = number("delta", 0),
                  .dual_clip = number("dual_clip", 0),
                  .log_ratio_limit = number("log_ratio_limit", 0),
                  .level = parse_importance_level(told.value("level", "token")),
                  .beta = number("beta", 0),
                  .kl = parse_kl_estimator(told.value("kl", "k3")),
                  .kl_input_limit = number("kl_input_limit", 0),
                  .kl_output_limit = number("kl_output_limit", 0),
                  .kl_times_ratio = told.value("kl_times_ratio", false)};
  const auto lengths = golden.at("lengths").get<std::vector<int64_t>>();
  GroupRewards rewards;
  const std::vector<double> all = numbers(golden.at("rewards"));
  const size_t group = golden.at("group");
  for (size_t i = 0; i < all.size(); ++i) {
    if (i % group == 0) rewards.emplace_back();
    rewards.back().push_back(all[i]);
  }
  for (const auto& own :
       group_advantages(rewards, {.scale = parse_advantage_scale(entry.at("scale")), .epsilon = entry.at("epsilon")})) {
    made.batch.advantages.insert(made.batch.advantages.end(), own.begin(), own.end());
  }
  made.batch.lengths = lengths;
  made.batch.weights =
      answer_weights(parse_loss_type(told.value("loss_type", "dapo")), lengths, golden.at("max_tokens"));
  made.batch.logprobs_R = vector_of(golden.at("new")).requires_grad_(true);
  made.batch.old_R = vector_of(golden.at("old"));
  made.batch.reference_R = vector_of(golden.at(entry.at("far") ? "far_reference" : "reference"));
  return made;
}

TEST(GrpoLoss, AgreesWithTheFormulasOfTrlAndVerlInEveryPreset) {
  const Json golden = read_json_file(std::string(R1V_SOURCE_DIR) + "/tests/golden/grpo.json");
  ASSERT_EQ(golden.at("cases").size(), 18);
  for (const Json& entry : golden.at("cases")) {
    SCOPED_TRACE(entry.at("name").get<std::string>());
    GoldenCase made = golden_case(golden, entry);
    const std::vector<double> advantages = numbers(entry.at("advantages"));
    for (size_t i = 0; i < advantages.size(); ++i) EXPECT_NEAR(made.batch.advantages[i], advantages[i], 1e-12);
    const GrpoLoss loss = grpo_loss(made.batch, made.options);
    loss.sum.backward();
    EXPECT_NEAR(loss.sum.item<double>(), entry.at("loss").get<double>(), 1e-10);
    const double worst = (made.batch.logprobs_R.grad() - vector_of(entry.at("gradient"))).abs().max().item<double>();
    EXPECT_LT(worst, 1e-10);
  }
}

TEST(GrpoLoss, IsTheSameHoweverAnswersAreCutIntoPasses) {
  const Json golden = read_json_file(std::string(R1V_SOURCE_DIR) + "/tests/golden/grpo.json");
  for (const Json& entry : golden.at("cases")) {
    GoldenCase made = golden_case(golden, entry);
    double sum = 0;
    int64_t begin = 0;
    for (size_t i = 0; i < made.batch.lengths.size(); ++i) {
      const int64_t length = made.batch.lengths[i];
      const auto part = [&](const at::Tensor& values) { return values.narrow(0, begin, length); };
      sum += grpo_loss({.logprobs_R = part(made.batch.logprobs_R),
                        .old_R = part(made.batch.old_R),
                        .reference_R = part(made.batch.reference_R),
                        .lengths = {length},
                        .advantages = {made.batch.advantages[i]},
                        .weights = {made.batch.weights[i]}},
                       made.options)
                 .sum.item<double>();
      begin += length;
    }
    EXPECT_NEAR(sum, entry.at("loss").get<double>(), 1e-10) << entry.at("name");
  }
}

TEST(GrpoLoss, HasTheGradientOfFiniteDifferences) {
  const Json golden = read_json_file(std::string(R1V_SOURCE_DIR) + "/tests/golden/grpo.json");
  for (const Json& entry : golden.at("cases")) {
    GoldenCase made = golden_case(golden, entry);
    grpo_loss(made.batch, made.options).sum.backward();
    const at::Tensor gradient = made.batch.logprobs_R.grad();
    const at::Tensor start = made.batch.logprobs_R.detach().clone();
    for (int64_t i = 0; i < start.size(0); ++i) {
      constexpr double kStep = 1e-6;
      const auto loss_at = [&](double offset) {
        GrpoBatch moved = made.batch;
        moved.logprobs_R = start.clone();
        moved.logprobs_R[i] += offset;
        return grpo_loss(moved, made.options).sum.item<double>();
      };
      const double expected = (loss_at(kStep) - loss_at(-kStep)) / (2 * kStep);
      // The loss is below 30 and rounds at 1e-15 of it: differences carry errors of 30e-15 / 1e-6 = 3e-8.
      EXPECT_NEAR(gradient[i].item<double>(), expected, 2e-7) << entry.at("name") << " token " << i;
    }
  }
}

TEST(GrpoLoss, ClipsTheGainOnceTheRatioLeavesTheTrustRegion) {
  // One token, twice as likely as when sampled: ratio 2, held at 1.2, advantage 3: -min(2 * 3, 1.2 * 3) = -3.6.
  const GrpoLoss loss = grpo_loss({.logprobs_R = at::tensor({std::log(2.0)}, at::kDouble),
                                   .old_R = at::zeros({1}, at::kDouble),
                                   .lengths = {1},
                                   .advantages = {3.0},
                                   .weights = {1.0}},
                                  {});
  EXPECT_NEAR(loss.sum.item<double>(), -3.6, 1e-12);
  EXPECT_EQ(loss.clipped_high, 1);
  EXPECT_EQ(loss.clipped_low, 0);
  EXPECT_NEAR(loss.ratio_max, 2.0, 1e-12);
}

TEST(GrpoLoss, ATwoSidedClipAndADualClipBoundWhatABadAnswerCosts) {
  // Ratio 10 and advantage -1 cost 10; with delta 4 they cost 4, with c = 3 they cost 3.
  const GrpoBatch batch{.logprobs_R = at::tensor({std::log(10.0)}, at::kDouble),
                        .old_R = at::zeros({1}, at::kDouble),
                        .lengths = {1},
                        .advantages = {-1.0},
                        .weights = {1.0}};
  EXPECT_NEAR(grpo_loss(batch, {}).sum.item<double>(), 10.0, 1e-12);
  EXPECT_NEAR(grpo_loss(batch, {.delta = 4}).sum.item<double>(), 4.0, 1e-12);
  EXPECT_NEAR(grpo_loss(batch, {.dual_clip = 3}).sum.item<double>(), 3.0, 1e-12);
}

TEST(AnswerWeights, CountMaskedAnswersAsTrlDoes) {
  // Two answers of 2 and 4 tokens and a masked one; 10 tokens were allowed.
  EXPECT_EQ(answer_weights(LossType::grpo, {2, 0, 4}, 10), (std::vector<double>{1.0 / 6, 0, 1.0 / 12}));
  EXPECT_EQ(answer_weights(LossType::dapo, {2, 0, 4}, 10), (std::vector<double>{1.0 / 6, 0, 1.0 / 6}));
  EXPECT_EQ(answer_weights(LossType::dr_grpo, {2, 0, 4}, 10), (std::vector<double>{1.0 / 30, 0, 1.0 / 30}));
}

TEST(GrpoNames, AreRefusedWhenUnknown) {
  EXPECT_THROW(parse_loss_type("bnpo"), InputError);
  EXPECT_THROW(parse_kl_estimator("k4"), InputError);
  EXPECT_THROW(parse_importance_level("word"), InputError);
}

}  // namespace
}  // namespace r1v
