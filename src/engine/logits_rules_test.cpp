#include "engine/logits_rules.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace r1v {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> row_of(const Json& values) {
  std::vector<float> row;
  for (const Json& value : values) row.push_back(value.is_null() ? -kInfinity : value.get<float>());
  return row;
}

// Written by tests/golden/make_sampling.py.
Json golden_cases() { return read_json_file(R1V_SOURCE_DIR "/tests/golden/sampling.json"); }

void apply_rules_of(const Json& golden, std::span<float> logits) {
  if (golden.contains("repetition_penalty")) {
    std::set<int64_t> ids;
    for (const Json& id : golden.at("ids")) ids.insert(id.get<int64_t>());
    apply_repetition_penalty(logits, std::vector<int64_t>(ids.begin(), ids.end()), golden.at("repetition_penalty"));
  }
  if (golden.contains("temperature")) apply_temperature(logits, golden.at("temperature"));
  if (golden.contains("top_k")) keep_top_k(logits, golden.at("top_k"));
  if (golden.contains("top_p")) keep_top_p(logits, golden.at("top_p"));
  if (golden.contains("min_p")) keep_min_p(logits, golden.at("min_p"));
}

TEST(LogitsRules, EveryRuleGivesWhatTransformersGivesToTheLastBit) {
  int checked = 0;
  for (const Json& golden : golden_cases()) {
    if (!golden.contains("expected")) continue;
    std::vector<float> logits = row_of(golden.at("logits"));
    apply_rules_of(golden, logits);
    const std::vector<float> expected = row_of(golden.at("expected"));
    for (size_t id = 0; id < expected.size(); ++id) {
      EXPECT_EQ(logits[id], expected[id]) << golden.at("name") << " id " << id << " case " << checked;
    }
    ++checked;
  }
  EXPECT_EQ(checked, 45);
}

TEST(LogitsRules, LogProbabilityIsThatOfTheTemperedRow) {
  for (const Json& golden : golden_cases()) {
    if (!golden.contains("logprobs")) continue;
    const std::vector<float> logits = row_of(golden.at("logits"));
    const double temperature = golden.at("logprob_temperature");
    const double total = log_sum_exp(logits, temperature);
    for (size_t id = 0; id < logits.size(); ++id) {
      // float32 exponentials: each is right to 2^-23, so is their sum, and |d log x| = |dx / x|.
      EXPECT_NEAR(logits[id] / temperature - total, golden.at("logprobs")[id].get<double>(), 1e-6);
    }
  }
}

TEST(LogitsRules, BannedIdsAreRemovedAndIdsOutsideTheRowIgnored) {
  std::vector<float> logits = {1.0F, 2.0F, 3.0F};
  ban_ids(logits, std::vector<int64_t>{2, 0, 17, -1});
  EXPECT_EQ(logits, (std::vector<float>{-kInfinity, 2.0F, -kInfinity}));
}

TEST(LogitsRules, TopPWorksOnWhatEarlierRulesLeft) {
  // Only two tokens are left, with probabilities e / (e + 1) = 0.731 and 0.269: p = 0.7 keeps one, 0.8 both.
  std::vector<float> logits = {-kInfinity, 1.0F, -kInfinity, 0.0F};
  keep_top_p(logits, 0.8);
  EXPECT_EQ(logits, (std::vector<float>{-kInfinity, 1.0F, -kInfinity, 0.0F}));
  keep_top_p(logits, 0.7);
  EXPECT_EQ(logits, (std::vector<float>{-kInfinity, 1.0F, -kInfinity, -kInfinity}));
}

TEST(LogitsRules, OfTokensThatTieAtTheEdgeOfTopPTheSmallerIdsStay) {
  // Four tokens of 1/4 each: p = 0.5 needs two of them.
  std::vector<float> logits = {1.0F, 1.0F, 1.0F, 1.0F};
  keep_top_p(logits, 0.5);
  EXPECT_EQ(logits, (std::vector<float>{1.0F, 1.0F, -kInfinity, -kInfinity}));
}

TEST(LogitsRules, ArgmaxIsTheFirstOfEquals) { EXPECT_EQ(argmax(std::vector<float>{1.0F, 4.0F, 4.0F}), 1); }

TEST(LogitsRules, LogitsThatAreNotNumbersAreRefused) {
  for (const float broken : {std::nanf(""), kInfinity}) {
    EXPECT_THROW(log_sum_exp(std::vector<float>{0.0F, broken, 1.0F}, 1.0), InputError);
    EXPECT_THROW(log_sum_exp(std::vector<float>{broken, 0.0F}, 1.0), InputError);
  }
}

TEST(LogitsRules, OnlyAllowedIdsStayAndThoseBesideThem) {
  // 70 ids: two words. Allowed: 1, 63, 64 (bits 1 and 63 of the first, bit 0 of the second); beside them 5.
  std::vector<float> logits(70);
  for (size_t id = 0; id < logits.size(); ++id) logits[id] = static_cast<float>(id);
  logits[64] = -kInfinity;  // removed before: stays so
  const std::vector<uint64_t> allowed = {uint64_t{1} << 1 | uint64_t{1} << 63, 1};
  keep_allowed(logits, allowed, std::vector<int64_t>{5, 900});
  for (size_t id = 0; id < logits.size(); ++id) {
    const bool stays = id == 1 || id == 63 || id == 5;
    EXPECT_EQ(logits[id], stays ? static_cast<float>(id) : -kInfinity) << id;
  }
  std::vector<float> few(3, 1.0F);
  keep_allowed(few, {}, std::vector<int64_t>{2});  // ids behind the words are not allowed
  EXPECT_EQ(few, (std::vector<float>{-kInfinity, -kInfinity, 1.0F}));
  std::vector<float> all(130, 1.0F);
  keep_allowed(all, std::vector<uint64_t>{~uint64_t{0}, ~uint64_t{0}, 3}, {});
  EXPECT_EQ(all, std::vector<float>(130, 1.0F));
}

TEST(LogitsRules, PenaltiesOverTheOutputAreOpenAis) {
  // mu[j] - c[j] * frequency - (c[j] > 0) * presence: 5 - 3 * 0.5 - 0.25 = 3.25; -1 - 1 * 0.5 - 0.25 = -1.75.
  std::vector<float> logits = {5.0F, 2.0F, -1.0F};
  const std::vector<int64_t> ids = {2, 0}, counts = {1, 3};
  apply_output_penalties(logits, {.ids = ids, .counts = counts}, 0.25, 0.5);
  EXPECT_EQ(logits, (std::vector<float>{3.25F, 2.0F, -1.75F}));
  apply_output_penalties(logits, {.ids = ids, .counts = counts}, 0.0, -1.0);  // below 0 it invites repetition
  EXPECT_EQ(logits, (std::vector<float>{6.25F, 2.0F, -0.75F}));
}

TEST(LogitsRules, ABiasIsAddedAndRemovedIdsStayRemoved) {
  std::vector<float> logits = {1.0F, -kInfinity, 3.0F};
  add_bias(logits, std::vector<std::pair<int64_t, double>>{{0, 2.5}, {1, 100.0}});
  EXPECT_EQ(logits, (std::vector<float>{3.5F, -kInfinity, 3.0F}));
}

}  // namespace
}  // namespace r1v
