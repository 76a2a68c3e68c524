#include "base/rng.h"

#include <gtest/gtest.h>

namespace r1v {
namespace {

TEST(Rng, FollowsXoshiro256PlusPlus) {
  // State {1,2,3,4}: first output = rotl(1 + 4, 23) + 1 = 5 * 2^23 + 1 = 41943041 (the authors' reference vector).
  Rng rng(0);
  rng.state = {1, 2, 3, 4};
  EXPECT_EQ(rng.next(), 41943041ULL);
  EXPECT_EQ(rng.next(), 58720359ULL);
}

TEST(Rng, IntegersCoverTheWholeRangeAndNothingElse) {
  Rng rng(7);
  std::array<int, 5> counts{};
  for (int i = 0; i < 5000; ++i) ++counts[static_cast<size_t>(rng.integer(-2, 2) + 2)];
  for (const int count : counts) EXPECT_NEAR(count, 1000, 150);  // 5 sigma of a binomial(5000, 1/5) is 141
}

}  // namespace
}  // namespace r1v
