// Words by hand, groups by hand.
#include "io/packed_integers.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace r1v {
namespace {

at::Tensor bytes(const std::vector<int64_t>& values) { return at::tensor(values).to(at::kByte).view({1, -1}); }

int32_t word(uint32_t bits) { return static_cast<int32_t>(bits); }

TEST(PackedIntegers, LowestBitsComeFirst) {
  // values 0..7, value i at bit 4 i: 0x76543210
  const at::Tensor values = bytes({0, 1, 2, 3, 4, 5, 6, 7});
  EXPECT_EQ(pack_words(values, 4, WordOrder::ascending).item<int32_t>(), word(0x76543210));
  // bytes 0x10 0x20 0x30 0xF0: 0xF0302010, negative as int32
  EXPECT_EQ(pack_words(bytes({0x10, 0x20, 0x30, 0xF0}), 8, WordOrder::ascending).item<int32_t>(), word(0xF0302010));
}

TEST(PackedIntegers, AwqPutsEvenValuesIntoTheLowHalf) {
  // nibbles from the lowest: values 0 2 4 6 1 3 5 7, so the word reads 7531 6420 from the left
  const at::Tensor values = bytes({0, 1, 2, 3, 4, 5, 6, 7});
  const at::Tensor words = pack_words(values, 4, WordOrder::interleaved);
  EXPECT_EQ(words.item<int32_t>(), word(0x75316420));
  EXPECT_TRUE(at::equal(unpack_words(words, 4, WordOrder::interleaved), values));
}

TEST(PackedIntegers, UnpackingUndoesPackingForEveryByte) {
  const at::Tensor all = at::arange(256).to(at::kByte);
  EXPECT_TRUE(at::equal(unpack_words(pack_words(all.view({8, 32}), 8, WordOrder::ascending), 8, WordOrder::ascending),
                        all.view({8, 32})));
  const at::Tensor nibbles = at::cat({all.remainder(16), all.floor_divide(16)}).view({2, 256});
  for (const WordOrder order : {WordOrder::ascending, WordOrder::interleaved}) {
    EXPECT_TRUE(at::equal(unpack_words(pack_words(nibbles, 4, order), 4, order), nibbles));
  }
  const at::Tensor transposed = nibbles.t().contiguous().t();  // strides do not matter
  EXPECT_TRUE(at::equal(pack_words(transposed, 4, WordOrder::ascending), pack_words(nibbles, 4, WordOrder::ascending)));
}

TEST(PackedIntegers, RefusesWhatDoesNotFillWords) {
  EXPECT_THROW(pack_words(bytes({1, 2, 3}), 4, WordOrder::ascending), InternalError);
  EXPECT_THROW(pack_words(bytes({1, 2, 3, 4}), 8, WordOrder::interleaved), InternalError);
}

TEST(IntegerGroups, DequantiseByHand) {
  // one row, two groups of two: (3 - 1) * 0.5, (1 - 1) * 0.5 | (0 - 2) * 2, (7 - 2) * 2
  const IntegerGroups groups{.values_OI = bytes({3, 1, 0, 7}),
                             .scales_OG = at::tensor({0.5, 2.0}).to(at::kHalf).view({1, 2}),
                             .zeros_OG = bytes({1, 2})};
  EXPECT_TRUE(at::equal(dequantise(groups), at::tensor({1.0f, 0.0f, -4.0f, 10.0f}).view({1, 4})));
  // inputs 0 and 3 in group 1, the others in group 0: (3 - 2) * 2, (1 - 1) / 2, (0 - 1) / 2, (7 - 2) * 2
  EXPECT_TRUE(at::equal(dequantise(groups, at::tensor({int64_t{1}, int64_t{0}, int64_t{0}, int64_t{1}})),
                        at::tensor({2.0f, 0.0f, -0.5f, 10.0f}).view({1, 4})));
}

TEST(IntegerGroups, FourBitGroupsSpanTheirRangeAndZero) {
  // -1 .. 2 in 15 steps of 0.2, zero point round(1 / 0.2) = 5: 0, 10 | and 1.5 .. 3 with zero: steps of 0.2, zero point
  // 0
  const at::Tensor weight = at::tensor({-1.0f, 2.0f, 1.6f, 3.0f}).view({1, 4});
  const IntegerGroups groups = quantise_groups(weight, 2, 4);
  EXPECT_NEAR(groups.scales_OG[0][0].item<double>(), 0.2, 1e-4);
  EXPECT_NEAR(groups.scales_OG[0][1].item<double>(), 0.2, 1e-4);
  EXPECT_TRUE(at::equal(groups.zeros_OG, bytes({5, 0})));
  EXPECT_TRUE(at::equal(groups.values_OI, bytes({0, 15, 8, 15})));
  EXPECT_TRUE(at::allclose(dequantise(groups), weight, 0, 2e-3));
}

TEST(IntegerGroups, NoWeightIsFurtherThanHalfAStepFromItsValue) {
  const at::Tensor weight = at::sin(at::arange(4096).to(at::kFloat)).view({16, 256});
  const IntegerGroups nibbles = quantise_groups(weight, 32, 4);
  const at::Tensor steps = nibbles.scales_OG.to(at::kFloat).repeat_interleave(32, 1);
  // the zero point's rounding may push a group's end half a step out of reach: one step there
  EXPECT_LE(((dequantise(nibbles) - weight).abs() / steps).max().item<double>(), 1.01);
  EXPECT_LE(((dequantise(nibbles) - weight).abs() / steps).mean().item<double>(), 0.3);  // about a quarter step
  const IntegerGroups rows = quantise_rows(weight, at::kBFloat16);
  EXPECT_LE(((dequantise(rows) - weight).abs() / rows.scales_OG.to(at::kFloat)).max().item<double>(), 0.51);
}

TEST(IntegerGroups, ZerosStayZero) {
  EXPECT_EQ(dequantise(quantise_groups(at::zeros({2, 64}), 32, 4)).abs().max().item<double>(), 0);
  EXPECT_EQ(dequantise(quantise_rows(at::zeros({2, 64}), at::kBFloat16)).abs().max().item<double>(), 0);
}

}  // namespace
}  // namespace r1v
