// The denominator of a softmax: hand arithmetic, its definition, and rows that are no numbers.
#include "kernels/softmax_sums.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace r1v {
namespace {

TEST(SoftmaxSums, IsWhatHandArithmeticGives) {
  // Logits 0 and ln 3 at temperature 1: 1 + 3 = 4; probabilities 1/4 and 3/4, entropy ln 4 - 3/4 ln 3.
  const std::vector<float> logits = {0.0F, std::log(3.0F)};
  const SoftmaxSums sums = softmax_sums(logits, 1.0);
  EXPECT_NEAR(sums.log_sum, std::log(4.0), 1e-6);
  EXPECT_NEAR(sums.entropy, std::log(4.0) - 0.75 * std::log(3.0), 1e-6);
  // At temperature 1/2 the logits count twice: 1 + 9 = 10.
  EXPECT_NEAR(softmax_sums(logits, 0.5).log_sum, std::log(10.0), 1e-6);
}

TEST(SoftmaxSums, MatchesItsDefinitionForRowsOfAllLengths) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0.0F, 5.0F);
  for (const size_t length : {1, 15, 16, 17, 1000, 1024, 4097, 152064}) {
    std::vector<float> logits(length);
    for (float& logit : logits) logit = normal(random);
    for (const double temperature : {0.6, 1.0, 1.7}) {
      const SoftmaxSums found = softmax_sums(logits, temperature);
      const SoftmaxSums expected = softmax_sums_reference(logits, temperature);
      EXPECT_NEAR(found.log_sum, expected.log_sum, 1e-6) << length;
      EXPECT_NEAR(found.entropy, expected.entropy, 1e-5) << length;
    }
  }
}

TEST(SoftmaxSums, FarLogitsAddNothing) {
  // exp(-200) is nothing beside 1, in float and in double.
  EXPECT_NEAR(softmax_sums(std::vector<float>{0.0F, -200.0F}, 1.0).log_sum, 0.0, 1e-12);
}

TEST(SoftmaxSums, WeightsAreExponentialsAndNothingForWhatWasRemoved) {
  std::vector<float> logits(37, -std::numeric_limits<float>::infinity());
  logits[3] = 2.0F;
  logits[20] = 1.0F;
  logits[36] = -3.0F;
  to_weights(logits);
  for (size_t i = 0; i < logits.size(); ++i) {
    const double expected = i == 3 ? 1.0 : i == 20 ? std::exp(-1.0) : i == 36 ? std::exp(-5.0) : 0.0;
    EXPECT_NEAR(logits[i], expected, 1e-7) << i;
  }
  EXPECT_EQ(logits[0], 0.0F);
}

TEST(SoftmaxSums, RowsThatAreNotNumbersGiveNone) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const float broken : {std::nanf(""), kInfinity, -kInfinity}) {
    EXPECT_TRUE(std::isnan(softmax_sums(std::vector<float>{0.0F, broken, 1.0F}, 1.0).log_sum)) << broken;
    EXPECT_TRUE(std::isnan(softmax_sums_reference(std::vector<float>{0.0F, broken, 1.0F}, 1.0).log_sum)) << broken;
  }
}

}  // namespace
}  // namespace r1v
