#include "engine/token_report.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.h"

namespace r1v {
namespace {

std::vector<int64_t> ids_of(const TokenReport& report) {
  std::vector<int64_t> ids;
  for (const TokenReport::Alternative& one : report.top) ids.push_back(one.id);
  return ids;
}

TEST(TokenReport, TellsTheTokenAndTheLikeliestByTheNetworksOwnDistribution) {
  // Weights 1, 4, 2, 4, 5 of 16.
  const std::vector<float> row = {0.0F, std::log(4.0F), std::log(2.0F), std::log(4.0F), std::log(5.0F)};
  const TokenReport report = report_token(row, 2, 3);
  EXPECT_EQ(report.id, 2);
  EXPECT_NEAR(report.logprob, std::log(2.0 / 16), 1e-6);
  EXPECT_EQ(ids_of(report), (std::vector<int64_t>{4, 1, 3}));  // 1 before 3, its equal
  EXPECT_NEAR(report.top[0].logprob, std::log(5.0 / 16), 1e-6);
  EXPECT_NEAR(report.top[2].logprob, std::log(4.0 / 16), 1e-6);
  EXPECT_EQ(ids_of(report_token(row, 0, 20)), (std::vector<int64_t>{4, 1, 3, 2, 0}));
  EXPECT_TRUE(report_token(row, 0, 0).top.empty());
}

TEST(TokenReport, RefusesLogitsThatAreNoNumbers) {
  const std::vector<float> row = {0.0F, std::numeric_limits<float>::quiet_NaN()};
  EXPECT_THROW(report_token(row, 0, 1), InputError);
}

}  // namespace
}  // namespace r1v
