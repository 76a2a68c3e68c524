// Which digits belong to which split.
#include "gym/digits.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/error.h"
#include "gym/gym_fixture.h"

namespace r1v {
namespace {

int index_written_in(const HandwrittenDigit& digit) {
  int index = 0;
  for (int bit = 0; bit < 13; ++bit) index |= (digit.coverage[static_cast<size_t>(19 * 20 + bit)] ? 1 : 0) << bit;
  return index;
}

TEST(Digits, SplitsShareNoDigitAndClassesAreRight) {
  const DigitPool pool(made_up_sheet(), "made up");
  Rng rng(7);
  std::map<Split, std::set<int>> seen;
  for (int i = 0; i < 30000; ++i) {
    const int wanted = i % 10;
    const Split split = i % 3 == 0 ? Split::train : i % 3 == 1 ? Split::dev : Split::test;
    const HandwrittenDigit digit = pool.draw(wanted, split, rng);
    EXPECT_EQ(digit.digit, wanted);
    EXPECT_EQ(digit.index / 500, wanted);  // 500 a class, in order
    EXPECT_EQ(index_written_in(digit), digit.index);
    seen[split].insert(digit.index);
  }
  EXPECT_EQ(seen[Split::test].size(), 500u);  // 50 of each of 10 classes, all met in 10,000 draws
  EXPECT_EQ(seen[Split::dev].size(), 500u);
  for (const int index : seen[Split::train]) EXPECT_LT(index % 500, 400);
  for (const int index : seen[Split::dev]) EXPECT_TRUE(index % 500 >= 400 && index % 500 < 450);
  for (const int index : seen[Split::test]) EXPECT_GE(index % 500, 450);
}

TEST(Digits, SaysWhatIsWrongWithTheSheet) {
  EXPECT_THROW(DigitPool(Picture{.width = 20, .height = 20, .rgb = std::vector<uint8_t>(1200)}, "small"), InputError);
  EXPECT_THROW(read_digit_pool("no/such/digits.png"), InputError);
}

}  // namespace
}  // namespace r1v
