#include "engine/memory_budget.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace r1v {
namespace {

TEST(MemoryBudget, AShareOfWhatIsFreeUnlessBytesAreAskedFor) {
  EXPECT_EQ(key_value_bytes({.available_bytes = 1000, .total_bytes = 4000, .weight_bytes = 500}), 500);
  // 4000 in all less 3500 of weights, some of which only seem available: 500
  // are free
  EXPECT_EQ(key_value_bytes({.available_bytes = 3000, .total_bytes = 4000, .weight_bytes = 3500}), 250);
  EXPECT_EQ(key_value_bytes({.available_bytes = 3000, .total_bytes = 4000, .weight_bytes = 5000}), 0);
  EXPECT_EQ(key_value_bytes({.available_bytes = 1, .total_bytes = 2, .asked_bytes = 77}), 77);
}

TEST(MemoryBudget, BlocksFillTheBytesButNeverMoreThanTwoBatchesOfContexts) {
  const BlockDemand demand{.block_bytes = 100, .block_tokens = 32, .context = 1000, .max_batch = 4};
  EXPECT_EQ(blocks_that_fit(20050, demand), 200);
  EXPECT_EQ(blocks_that_fit(int64_t{1} << 40, demand),
            2 * 4 * 32);  // 1000 tokens are 32 blocks
}

TEST(MemoryBudget, TooLittleForAShortConversationIsAnError) {
  const BlockDemand demand{.block_bytes = 100, .block_tokens = 32, .context = 1000, .max_batch = 4};
  EXPECT_EQ(blocks_that_fit(800, demand), 8);  // 256 tokens
  try {
    blocks_that_fit(799, demand);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("256 tokens of this model take 800"), std::string::npos);
  }
  EXPECT_EQ(blocks_that_fit(100, {.block_bytes = 100, .block_tokens = 32, .context = 20, .max_batch = 1}), 1);
}

}  // namespace
}  // namespace r1v
