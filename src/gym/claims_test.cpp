// Claims counted by hand.
#include "gym/claims.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "gym/export.h"
#include "gym/families.h"
#include "gym/gym_fixture.h"
#include "gym/solution.h"
#include "gym/split.h"

namespace r1v {
namespace {

void expect_claims(const std::string& answer, const std::string& transcript, int64_t made, int64_t wrong) {
  const Claims claims = count_claims(answer, transcript);
  EXPECT_EQ(claims.made, made) << answer;
  EXPECT_EQ(claims.wrong, wrong) << answer;
}

TEST(Claims, OneAnItemAndWrongWhenItIsNotThereSoOften) {
  const std::string truth = "green triangle; red star, yellow star; yellow star";
  expect_claims("<think>\nI see green triangle; red star, yellow star; yellow star. So 2.\n</think>\n\n\\boxed{2}",
                truth, 4, 0);
  expect_claims("I see yellow star, yellow star, red star; green triangle.", truth, 4, 0);     // another order
  expect_claims("I see green triangle; red star, red star; yellow star. So 1.", truth, 4, 1);  // one red star too many
  expect_claims("I see blue moon.", truth, 1, 1);
  expect_claims("I see red star.", truth, 1, 0);  // what is left out is no claim
  expect_claims("There are 2.\n\\boxed{2}", truth, 0, 0);
}

TEST(Claims, PlaceAndOwnerBelongToTheItem) {
  expect_claims("I see top left red star, bottom right blue cross.", "top left blue cross, bottom right red star", 2,
                2);
  expect_claims("I see first: circles 3, second: circles 1.", "first: circles 1, second: circles 3", 2, 2);
  expect_claims("I see points: blue (3,2), purple (4,1).", "points: blue (3,2), purple (1,4)", 2, 1);
}

TEST(Claims, ATableReadsTheSameByRowsAndByColumns) {
  expect_claims("I see thu: anna 7, hugo 9.", "anna: thu 7, fri 17; hugo: thu 9, fri 10", 2, 0);
  expect_claims("I see thu: anna 17, hugo 9.", "anna: thu 7, fri 17; hugo: thu 9, fri 10", 2, 1);
}

TEST(Claims, ThingsCountedUnderOneWordAreInNoOrder) {
  expect_claims("I see dice 3, 1.", "dice 1, 3", 2, 0);
  expect_claims("I see dice 1.", "dice 1, 3", 1, 0);
  expect_claims("I see dice 4, 4.", "dice 4", 2, 1);
  expect_claims("I see triangle, sides 6, 7, 8.", "triangle, sides 6, 7, 9", 4, 1);
}

TEST(Claims, StepsAreNoClaims) {
  expect_claims("I see short hand past 6, long hand at 6: 6*5=30, so 6:30.", "short hand past 6, long hand at 6", 2, 0);
  expect_claims("I see dates 4, kiwis 6. dates 4, kiwis 7: 7-4=3. So 3.", "dates 4, kiwis 6", 2, 0);
  expect_claims("I see 2.5 by 3. Wait. I see 2.6 by 3.", "2.5 by 3", 2, 1);  // two readings
}

// Solutions are true: whatever a family writes must read as claims that its own transcript has.
TEST(Claims, TheGymsOwnSolutionsMakeNoWrongClaim) {
  for (const TaskFamily& family : gym_families()) {
    if (!family.has_picture || family.make_with_digits) continue;
    for (int level = 1; level <= 5; ++level) {
      for (uint64_t i = 0; i < 4; ++i) {
        const Task task = make_task(family, Split::test, i, level, 1, nullptr);
        const Claims claims = count_claims(assistant_text(task), task.transcript);
        EXPECT_EQ(claims.wrong, 0) << family.name << " " << level << ": " << task.transcript << "\n" << task.solution;
        EXPECT_GE(claims.made, 1) << family.name << " " << level << ": " << task.solution;
      }
    }
  }
}

TEST(ClaimRate, CountsAnswersAndClaims) {
  ClaimRate rate;
  rate.add({.made = 4, .wrong = 1});
  rate.add({.made = 4, .wrong = 0});
  rate.add({.made = 2, .wrong = 2});
  rate.add({});
  EXPECT_EQ(rate.made(), 10);
  EXPECT_EQ(rate.wrong(), 3);
  EXPECT_EQ(rate.answers(), 3);
  EXPECT_EQ(rate.answers_wrong(), 2);
  EXPECT_EQ(rate.silent(), 1);
  EXPECT_DOUBLE_EQ(rate.rate(), 0.3);
  // Residuals 1-1.2, 0-1.2, 2-0.6: squares 0.04 + 1.44 + 1.96 = 3.44, variance 0.0344: as 0.21 / 0.0344 = 6.104651
  // claims. Wilson at n = 6.104651, z^2 = 3.841459: centre (0.3 + 0.314634) / 1.629268 = 0.377246, half 1.959964
  // / 1.629268 * sqrt(0.0344 + 0.025769) = 1.202972 * 0.245294 = 0.295082
  const auto [low, high] = rate.interval();
  EXPECT_NEAR(low, 0.0822, 1e-3);
  EXPECT_NEAR(high, 0.6723, 1e-3);
}

TEST(ClaimRate, WithoutWrongOnesItIsAsSureAsItHasAnswers) {
  ClaimRate rate;
  for (int i = 0; i < 10; ++i) rate.add({.made = 7, .wrong = 0});
  EXPECT_DOUBLE_EQ(rate.interval().first, 0.0);
  EXPECT_NEAR(rate.interval().second, 3.841459 / (10 + 3.841459), 1e-6);  // z^2 / (n + z^2) for 0 of 10
  EXPECT_EQ(ClaimRate().interval(), (std::pair<double, double>{0, 1}));
}

}  // namespace
}  // namespace r1v
