#include "engine/loop.h"

#include <gtest/gtest.h>

#include "base/rng.h"

namespace r1v {
namespace {

// Index of the push that reported a loop, -1 if none did.
int64_t first_loop(const std::vector<int64_t>& ids) {
  LoopDetector detector;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (detector.push(ids[i])) return static_cast<int64_t>(i);
  }
  return -1;
}

std::vector<int64_t> repeated_block(size_t period, size_t tokens) {
  std::vector<int64_t> ids;
  for (size_t i = 0; i < tokens; ++i) ids.push_back(static_cast<int64_t>(i % period));
  return ids;
}

TEST(LoopDetector, ALoneTokenLoopsOnceItFillsAHundredAndTwentyEightPlaces) {
  EXPECT_EQ(first_loop(repeated_block(1, 127)), -1);
  EXPECT_EQ(first_loop(repeated_block(1, 128)), 127);
}

TEST(LoopDetector, ALongBlockLoopsAtItsEighthRepeat) {
  EXPECT_EQ(first_loop(repeated_block(100, 799)), -1);
  EXPECT_EQ(first_loop(repeated_block(100, 800)), 799);  // 8 * 100
  EXPECT_EQ(first_loop(repeated_block(256, 2048)), 2047);
  EXPECT_EQ(first_loop(repeated_block(257, 4000)), -1);  // longer than any period it looks for
}

TEST(LoopDetector, ABlockMayStartAfterOtherText) {
  std::vector<int64_t> ids = {900, 901, 902};
  const std::vector<int64_t> block = repeated_block(16, 128);
  ids.insert(ids.end(), block.begin(), block.end());
  EXPECT_EQ(first_loop(ids), 130);
}

TEST(LoopDetector, ABlockThatChangesNowAndThenIsNoLoop) {
  std::vector<int64_t> ids;
  for (int64_t row = 0; row < 200; ++row) {  // a table: same frame, another number in each row
    for (const int64_t id : {int64_t{1}, int64_t{2}, 1000 + row, int64_t{3}}) ids.push_back(id);
  }
  EXPECT_EQ(first_loop(ids), -1);
}

TEST(LoopDetector, RandomTextIsNoLoop) {
  Rng rng(7);
  std::vector<int64_t> ids;
  for (int i = 0; i < 20000; ++i) ids.push_back(rng.integer(0, 3));
  EXPECT_EQ(first_loop(ids), -1);
}

}  // namespace
}  // namespace r1v
