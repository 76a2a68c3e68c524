#include "engine/sampler.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "base/error.h"

namespace r1v {
namespace {

const std::vector<float> kRow = {0.0F, std::log(2.0F), std::log(5.0F)};  // probabilities 1/8, 2/8, 5/8

const std::vector<int64_t> kZero = {0}, kOne = {1}, kTwo = {2};

TEST(Sampler, GreedyTakesTheLikeliestAndSaysItsLogProbability) {
  Sampler sampler({.temperature = 0.0}, 0);
  const Choice choice = sampler.draw(kRow, {});
  EXPECT_EQ(choice.id, 2);
  EXPECT_NEAR(choice.logprob, std::log(5.0 / 8.0), 1e-6);
}

TEST(Sampler, FrequenciesAreTheProbabilities) {
  Sampler sampler({.temperature = 1.0, .top_p = 1.0, .seed = 3}, 0);
  std::array<int, 3> counts{};
  constexpr int kDraws = 80000;
  for (int i = 0; i < kDraws; ++i) ++counts[static_cast<size_t>(sampler.draw(kRow, {}).id)];
  // Five standard deviations of a binomial: 5 * sqrt(n p (1 - p)).
  for (const auto& [id, p] : {std::pair{0, 0.125}, std::pair{1, 0.25}, std::pair{2, 0.625}}) {
    EXPECT_NEAR(counts[static_cast<size_t>(id)], kDraws * p, 5 * std::sqrt(kDraws * p * (1 - p)));
  }
}

TEST(Sampler, TheLogProbabilityIsOfTheTemperedRowBeforeAnyFilter) {
  // At temperature 0.5 weights are squared: 1, 4, 25. Top-k 1 leaves only the last, which has 25/30 all the same; a
  // penalty and a ban on other ids do not touch it either.
  Sampler sampler({.temperature = 0.5, .top_k = 1, .repetition_penalty = 1.2}, 0);
  const Choice choice = sampler.draw(kRow, {.banned_ids = kOne, .seen_ids = kZero});
  EXPECT_EQ(choice.id, 2);
  EXPECT_NEAR(choice.logprob, std::log(25.0 / 30.0), 1e-6);
}

TEST(Sampler, LogitsThatAreNoNumbersAreTheModelsFault) {
  const std::vector<float> broken(3, std::nanf(""));
  for (const SamplingParams& params : {SamplingParams{.temperature = 0.0},
                                       {.temperature = 1.0, .top_p = 1.0},
                                       {.temperature = 1.0, .top_p = 0.9},
                                       {.temperature = 1.0, .top_p = 1.0, .min_p = 0.1},
                                       {.temperature = 1.0, .top_k = 2, .top_p = 1.0}}) {
    Sampler sampler(params, 0);
    EXPECT_THROW(sampler.draw(broken, {}), InputError);  // not InternalError: nothing is wrong with the program
  }
}

TEST(Sampler, BannedIdsNeverCome) {
  Sampler greedy({.temperature = 0.0}, 0);
  EXPECT_EQ(greedy.draw(kRow, {.banned_ids = kTwo}).id, 1);
  Sampler sampler({.temperature = 1.0, .top_p = 1.0}, 0);
  for (int i = 0; i < 1000; ++i) EXPECT_NE(sampler.draw(kRow, {.banned_ids = kTwo}).id, 2);
}

TEST(Sampler, ThePenaltyHoldsForSeenIds) {
  // Seen 2: log 5 / 3 = 0.54 falls below log 2 = 0.69.
  Sampler greedy({.temperature = 0.0, .repetition_penalty = 3.0}, 0);
  EXPECT_EQ(greedy.draw(kRow, {.seen_ids = kTwo}).id, 1);
}

TEST(Sampler, SampleStreamsDependOnSeedAndIndexAlone) {
  const auto ids = [](uint64_t seed, int64_t index, int64_t n) {
    Sampler sampler({.temperature = 1.0, .top_p = 1.0, .seed = seed, .n = n}, index);
    std::vector<int64_t> drawn;
    for (int i = 0; i < 40; ++i) drawn.push_back(sampler.draw(kRow, {}).id);
    return drawn;
  };
  EXPECT_EQ(ids(1, 2, 3), ids(1, 2, 16));
  EXPECT_NE(ids(1, 2, 3), ids(1, 1, 3));
  EXPECT_NE(ids(1, 2, 3), ids(2, 2, 3));
}

TEST(SamplingParams, EveryParameterOutOfItsRangeIsNamed) {
  const auto message = [](const SamplingParams& params) {
    try {
      check_sampling(params);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message({}), "");
  EXPECT_EQ(message({.temperature = -1}), "sampling: temperature is -1 but must be 0 (greedy) or 0.001 to 100");
  EXPECT_NE(message({.temperature = 1e-38}).find("temperature"), std::string::npos);  // logits / 1e-38 overflow
  EXPECT_NE(message({.repetition_penalty = 1e-60}).find("repetition_penalty"), std::string::npos);
  EXPECT_NE(message({.temperature = std::nan("")}).find("temperature"), std::string::npos);
  EXPECT_NE(message({.top_k = -2}).find("top_k"), std::string::npos);
  EXPECT_NE(message({.top_p = 0.0}).find("top_p"), std::string::npos);
  EXPECT_NE(message({.min_p = 1.5}).find("min_p"), std::string::npos);
  EXPECT_NE(message({.repetition_penalty = 0.0}).find("repetition_penalty"), std::string::npos);
  EXPECT_NE(message({.max_tokens = 0}).find("max_tokens"), std::string::npos);
  EXPECT_NE(message({.thinking_budget = -2}).find("thinking_budget"), std::string::npos);
  EXPECT_NE(message({.n = 0}).find("n is 0"), std::string::npos);
  EXPECT_NE(message({.stop = {""}}).find("stop string"), std::string::npos);
  EXPECT_EQ(message({.presence_penalty = 2.5}), "sampling: presence_penalty is 2.5 but must be -2 to 2; 0 is off");
  EXPECT_NE(message({.presence_penalty = std::nan("")}).find("presence_penalty"), std::string::npos);
  EXPECT_NE(message({.frequency_penalty = -2.1}).find("frequency_penalty"), std::string::npos);
  EXPECT_EQ(message({.logit_bias = {{7, 101.0}}}), "sampling: logit_bias of id 7 is 101 but must be -100 to 100");
  EXPECT_NE(message({.logit_bias = {{-1, 1.0}}}).find("logit_bias"), std::string::npos);
  EXPECT_NE(message({.logit_bias = {{3, 1.0}, {3, 2.0}}}).find("logit_bias is 3"), std::string::npos);
  EXPECT_NE(message({.top_logprobs = 21}).find("top_logprobs"), std::string::npos);
  EXPECT_EQ(message({.presence_penalty = -2, .frequency_penalty = 2, .logit_bias = {{1, -100}}, .top_logprobs = 20}),
            "");
}

}  // namespace
}  // namespace r1v
