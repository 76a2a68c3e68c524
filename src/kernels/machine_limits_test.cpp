// Limits are numbers above zero, and every processor's loops do the work that they are paid for.
#include "kernels/machine_limits.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "kernels/instruction_set.h"
#include "kernels/machine_limits_loops.h"

namespace r1v {
namespace {

void expect_a_rate(const MeasuredRate& rate) {
  EXPECT_TRUE(std::isfinite(rate.median) && std::isfinite(rate.best));
  EXPECT_GT(rate.median, 0.0);
  EXPECT_GE(rate.best, rate.median);
}

TEST(MachineLimits, AreFiniteAndAboveZero) {
  const MachineLimits limits = measure_machine_limits({.buffer_bytes = 1 << 20, .seconds = 0.001, .tries = 3});
  for (const MeasuredRate& rate : {limits.read_one_thread, limits.read, limits.float32}) expect_a_rate(rate);
  EXPECT_EQ(limits.int8.has_value(), instruction_set() != InstructionSet::none);
  EXPECT_EQ(limits.bfloat16.has_value(), has_bfloat16_products());
  if (limits.int8) expect_a_rate(*limits.int8);
  if (limits.bfloat16) expect_a_rate(*limits.bfloat16);
  EXPECT_GE(limits.threads, 1);
  EXPECT_FALSE(limits.instructions.empty());
}

std::vector<const LimitLoops*> loops_of_this_processor() {
  std::vector<const LimitLoops*> all = {&kLimitLoopsPlain};
  if (instruction_set() != InstructionSet::none) all.push_back(&kLimitLoopsAvx2);
  if (instruction_set() == InstructionSet::avx512) all.push_back(&kLimitLoopsAvx512);
  return all;
}

TEST(LimitLoops, ReadEveryByteOfEveryLine) {
  // 1024 bytes as 128 words: word i holds i, so their sum is 127 * 128 / 2 = 8128.
  alignas(64) uint64_t words[128];
  for (uint64_t i = 0; i < 128; ++i) words[i] = i;
  for (const LimitLoops* loops : loops_of_this_processor()) {
    EXPECT_EQ(loops->read(reinterpret_cast<const uint8_t*>(words), 1024), 8128) << loops->name;
  }
}

TEST(LimitLoops, MultiplyAndAddAsOftenAsTheySay) {
  for (const LimitLoops* loops : loops_of_this_processor()) {
    // s <- 0.999 s + 0.001 tends to 1 in each of operations / 2 sums; the vector loops return one of 8 or 16 lanes.
    const float lanes = loops == &kLimitLoopsPlain ? 1.0F : loops == &kLimitLoopsAvx2 ? 8.0F : 16.0F;
    const float sums = static_cast<float>(loops->float32.operations / 2);
    EXPECT_NEAR(loops->float32.run(100000) * lanes, sums, 0.01F * sums) << loops->name;
    if (loops->int8.run == nullptr) continue;
    // A round adds 3 * 2 for each of operations / 2 byte pairs.
    EXPECT_EQ((loops->int8.run(10) - loops->int8.run(0)) * lanes,
              10.0F * 6.0F * static_cast<float>(loops->int8.operations / 2))
        << loops->name;
  }
}

}  // namespace
}  // namespace r1v
