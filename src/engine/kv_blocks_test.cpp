#include "engine/kv_blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/invariants.h"

namespace r1v {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<int32_t> table(const KvBlocks& blocks, int64_t sequence) {
  const auto held = blocks.table(sequence);
  return {held.begin(), held.end()};
}

void fill(KvBlocks& blocks, int64_t sequence, int64_t count) {
  ASSERT_TRUE(blocks.reserve(sequence, count));
  blocks.store(sequence, count);
  EXPECT_THAT(block_violations(blocks.snapshot()), IsEmpty());
}

TEST(KvBlocks, ASequenceGetsBlocksAsItGrows) {
  KvBlocks blocks(5, 4);
  blocks.begin(7);
  fill(blocks, 7, 6);
  EXPECT_THAT(table(blocks, 7), ElementsAre(0, 1));
  fill(blocks, 7, 2);  // the second block had room for them
  EXPECT_EQ(blocks.num_available(), 3);
  fill(blocks, 7, 1);
  EXPECT_THAT(table(blocks, 7), ElementsAre(0, 1, 2));
  blocks.release(7);
  EXPECT_EQ(blocks.num_available(), 5);
}

TEST(KvBlocks, WithoutRoomNothingChanges) {
  KvBlocks blocks(2, 4);
  blocks.begin(1);
  fill(blocks, 1, 4);
  EXPECT_FALSE(blocks.reserve(1, 5));
  EXPECT_EQ(blocks.num_available(), 1);
  EXPECT_THAT(table(blocks, 1), ElementsAre(0));
  EXPECT_TRUE(blocks.reserve(1, 4));
}

TEST(KvBlocks, AForkSharesAllBlocksAndCopiesThePartlyFilledOneWhenItGoesOn) {
  KvBlocks blocks(8, 4);
  blocks.begin(1);
  fill(blocks, 1, 6);
  blocks.fork(1, 2);
  blocks.fork(1, 3);
  EXPECT_EQ(blocks.num_available(), 6);
  EXPECT_THAT(*blocks.reserve(2, 1), ElementsAre(BlockCopy{.from = 1, .to = 2}));
  EXPECT_THAT(table(blocks, 2), ElementsAre(0, 2));
  EXPECT_THAT(*blocks.reserve(2, 3), IsEmpty());  // asked again: its own by now
  EXPECT_THAT(*blocks.reserve(3, 1), ElementsAre(BlockCopy{.from = 1, .to = 4}));
  EXPECT_THAT(*blocks.reserve(1, 1), IsEmpty());  // nobody shares it any more
  EXPECT_THAT(block_violations(blocks.snapshot()), IsEmpty());
}

TEST(KvBlocks, TruncatingGivesBackWhatIsNotNeeded) {
  KvBlocks blocks(4, 4);
  blocks.begin(1);
  fill(blocks, 1, 13);
  blocks.truncate(1, 5);
  EXPECT_EQ(blocks.stored(1), 5);
  EXPECT_EQ(blocks.num_available(), 2);
  fill(blocks, 1, 3);
  EXPECT_EQ(blocks.num_available(), 2);
}

TEST(KvBlocks, KeptBlocksStayUntilNothingElseIsFreeAndTheLastOfAChainGoesFirst) {
  KvBlocks blocks(4, 4);
  blocks.begin(1);
  fill(blocks, 1, 12);  // blocks 0, 1, 2
  for (const int32_t block : {0, 1, 2}) blocks.keep(block);
  blocks.release(1);
  EXPECT_EQ(blocks.num_idle(), 3);
  EXPECT_EQ(blocks.num_available(), 4);
  blocks.begin(2);
  fill(blocks, 2, 8);  // the free one, then the end of the chain
  EXPECT_THAT(table(blocks, 2), ElementsAre(3, 2));
  EXPECT_THAT(blocks.take_forgotten(), ElementsAre(2));
  const std::vector<int32_t> beginning = {0, 1};
  blocks.begin(3, beginning);  // found again
  EXPECT_EQ(blocks.num_available(), 0);
  EXPECT_EQ(blocks.stored(3), 8);
  EXPECT_THAT(block_violations(blocks.snapshot()), IsEmpty());
}

TEST(KvBlocks, AKeptBlockTakesThePlaceOfAnEqualOne) {
  KvBlocks blocks(4, 4);
  blocks.begin(1);
  blocks.begin(2);
  fill(blocks, 1, 4);
  fill(blocks, 2, 4);
  blocks.keep(0);
  blocks.replace(2, 0, 0);
  EXPECT_THAT(table(blocks, 2), ElementsAre(0));
  EXPECT_EQ(blocks.num_available(), 3);
  blocks.release(1);
  EXPECT_EQ(blocks.num_idle(), 0);  // sequence 2 still uses it
  EXPECT_THAT(block_violations(blocks.snapshot()), IsEmpty());
}

TEST(KvBlocks, OldContentsMakeRoomBeforeUntouchedMemoryOnceTheyAreMany) {
  KvBlocks blocks(8, 4, /*max_idle=*/2);
  for (int64_t sequence = 0; sequence < 20; ++sequence) {
    blocks.begin(sequence);
    ASSERT_TRUE(blocks.reserve(sequence, 4));
    blocks.store(sequence, 4);
    const int32_t block = blocks.table(sequence).front();
    EXPECT_LT(block, 2);  // two are kept for their contents; the third takes the place of the longest idle
    blocks.keep(block);
    blocks.release(sequence);
    EXPECT_EQ(blocks.take_forgotten().size(), sequence < 2 ? 0U : 1U);
  }
}

}  // namespace
}  // namespace r1v
