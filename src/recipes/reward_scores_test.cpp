// Token losses and likelihoods of pairs against plain arithmetic.
#include "recipes/reward_scores.h"

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cmath>

#include "models/init.h"
#include "prompt/supervised.h"

namespace r1v {
namespace {

/// Pairs (1 2 | 3 4) over (1 2 | 5) and (7 | 8) over (7 | 9 9): "|" is where the answers begin.
PackedBatch two_pairs() {
  PackedBatch batch;
  batch.input_ids_T = at::tensor({1, 2, 3, 4, 1, 2, 5, 7, 8, 7, 9, 9}, at::kLong);
  const int64_t none = kIgnoredLabel;
  batch.targets_T = at::tensor({none, 3L, 4L, none, none, 5L, none, 8L, none, 9L, 9L, none}, at::kLong);
  batch.lengths = {4, 3, 2, 3};
  batch.pictures = {0, 0};
  batch.pairs.resize(2);
  return batch;
}

double loss_of(double lead) { return std::log1p(std::exp(-lead)); }

TEST(TokenLoss, ComparesEveryTokenFromTheFirstDifferenceToTheShorterEnd) {
  // pair 1 differs from place 2 on and the shorter has 3 tokens: one comparison, 0.5 against -0.5
  // pair 2 differs at place 1 and the shorter has 2 tokens: one comparison, 2 against 3
  const at::Tensor values_T = at::tensor({9.0, 9.0, 0.5, 9.0, 9.0, 9.0, -0.5, 9.0, 2.0, 9.0, 3.0, 9.0}).to(at::kFloat);
  EXPECT_NEAR(token_loss(values_T, two_pairs()).item<double>(), loss_of(1.0) + loss_of(-1.0), 1e-6);
}

TEST(TokenLoss, IsTheMeanOverTheTokensOfAPair) {
  PackedBatch batch;
  batch.input_ids_T = at::tensor({1, 2, 3, 1, 4, 5}, at::kLong);
  batch.lengths = {3, 3};
  batch.pairs.resize(1);
  const at::Tensor values_T = at::tensor({0.0, 1.0, 2.0, 0.0, 0.0, 4.0}).to(at::kFloat);
  EXPECT_NEAR(token_loss(values_T, batch).item<double>(), (loss_of(1.0) + loss_of(-2.0)) / 2, 1e-6);
}

struct Likelihood : testing::Test {
  Likelihood() {
    ModelConfig config;
    config.language = {.hidden_size = 16,
                       .num_layers = 1,
                       .num_heads = 2,
                       .num_kv_heads = 1,
                       .head_dim = 8,
                       .intermediate_size = 24,
                       .vocab_size = 12,
                       .max_position = 64};
    model = new_model(config, 4);
  }
  std::unique_ptr<R1vModel> model;
};

TEST_F(Likelihood, SumsTheLogProbabilitiesOfAnAnswerUpToEachToken) {
  const PackedBatch batch = two_pairs();
  const AnswerLikelihood found = answer_likelihood({.model = *model}, batch);
  const at::NoGradGuard no_grad;
  int64_t begin = 0;
  const std::vector<int64_t> answer_begins = {2, 2, 1, 1};
  for (size_t i = 0; i < batch.lengths.size(); ++i) {
    const int64_t length = batch.lengths[i];
    const at::Tensor ids = batch.input_ids_T.narrow(0, begin, length);
    const at::Tensor hidden = model->hidden(model->embed(ids, {}, -1), packed_plan({length}));
    const at::Tensor logp = at::log_softmax(model->logits(hidden), -1);
    double sum = 0;
    for (int64_t t = 0; t < length; ++t) {
      const bool is_answer = t >= answer_begins[i];
      EXPECT_EQ(found.is_answer_T[begin + t].item<bool>(), is_answer);
      if (is_answer) sum += logp[t - 1][ids[t].item<int64_t>()].item<double>();
      EXPECT_NEAR(found.nats_T[begin + t].item<double>(), sum, 1e-5);
    }
    begin += length;
  }
}

TEST_F(Likelihood, RunsOnBehindTheAnswerAsItEnded) {
  PackedBatch batch = two_pairs();
  batch.targets_T[2] = kIgnoredLabel;  // the first answer is the 3 alone; a template printed the 4
  const at::NoGradGuard no_grad;
  const at::Tensor hidden_TD = model->hidden(model->embed(batch.input_ids_T, {}, -1), packed_plan(batch.lengths));
  const at::Tensor nats_T = running_likelihood(hidden_TD, model->head_weight_VD(), batch);
  const at::Tensor logp_TV = at::log_softmax(model->logits(hidden_TD), -1);
  const auto logp = [&](int64_t row, int64_t id) { return logp_TV[row][id].item<double>(); };
  const double first = logp(1, 3), second = logp(5, 5), third = logp(7, 8), fourth = logp(9, 9);
  const std::vector<double> expected = {0, 0, first, first, 0, 0, second, 0, third, 0, fourth, fourth + logp(10, 9)};
  for (size_t t = 0; t < expected.size(); ++t) {
    EXPECT_NEAR(nats_T[static_cast<int64_t>(t)].item<double>(), expected[t], 1e-5) << t;
  }
}

TEST_F(Likelihood, TheLossIsTheMeanHuberDistanceOfEachPair) {
  const PackedBatch batch = two_pairs();
  const AnswerLikelihood likelihood = answer_likelihood({.model = *model}, batch);
  const at::Tensor bent_T = -6.0 * (1.0 - (likelihood.nats_T / 6.0).exp());
  // 0.5 off everywhere: Huber gives 0.5^2 / 2 a token, the mean over a pair is the same, two pairs are summed
  EXPECT_NEAR(likelihood_loss(bent_T + 0.5, likelihood, batch).item<double>(), 2 * 0.125, 1e-6);
  // 3 off: 1 * (3 - 0.5)
  EXPECT_NEAR(likelihood_loss(bent_T - 3.0, likelihood, batch).item<double>(), 2 * 2.5, 1e-5);
}

}  // namespace
}  // namespace r1v
