// Packed weights stand for the numbers they were made from, and refuse what they cannot hold.
#include "kernels/packed_weight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace r1v {
namespace {

TEST(PackedWeight, GivesFloatsBack) {
  at::manual_seed(1);
  for (const auto& [outputs, inputs] : {std::pair{1, 1}, {16, 32}, {33, 37}, {40, 896}}) {
    const at::Tensor weight = at::randn({outputs, inputs});
    EXPECT_TRUE(PackedWeight(weight, WeightFormat::float32).unpack().equal(weight));
    const at::Tensor rounded = weight.to(at::kBFloat16);
    EXPECT_TRUE(PackedWeight(rounded, WeightFormat::bfloat16).unpack().equal(rounded.to(at::kFloat)));
    EXPECT_TRUE(PackedWeight(weight, WeightFormat::bfloat16).unpack().equal(rounded.to(at::kFloat)));
  }
}

// (value - zero) * scale by hand, from the numbers that went in.
TEST(PackedWeight, GivesIntegersBackValueForValue) {
  at::manual_seed(2);
  const int64_t outputs = 21, inputs = 192;
  for (const int64_t group : {32, 64, 96, 192}) {
    const int64_t groups = inputs / group;
    for (const auto scale_type : {at::kFloat, at::kHalf, at::kBFloat16}) {
      const at::Tensor scales = at::rand({outputs, groups}).to(scale_type);
      const at::Tensor zeros = at::randint(16, {outputs, groups}, at::kInt);
      const at::Tensor four = at::randint(16, {outputs, inputs}, at::kByte);
      const at::Tensor eight = at::randint(-128, 128, {outputs, inputs}, at::kInt).to(at::kChar);
      const auto expected = [&](const at::Tensor& values, const at::Tensor& zero) {
        const at::Tensor grouped = values.to(at::kFloat).view({outputs, groups, group});
        return ((grouped - zero.unsqueeze(2)) * scales.to(at::kFloat).unsqueeze(2)).view({outputs, inputs});
      };
      const at::Tensor none = at::zeros({outputs, groups});
      const auto unpacked = [&](const at::Tensor& values, const at::Tensor& zero, WeightFormat format) {
        return PackedWeight(IntegerWeight{values, scales, zero}, format).unpack();
      };
      EXPECT_TRUE(unpacked(four, zeros, WeightFormat::int4).equal(expected(four, zeros)));
      EXPECT_TRUE(unpacked(four, {}, WeightFormat::int4).equal(expected(four, none)));
      const at::Tensor signed_four = four.to(at::kInt).sub(8).to(at::kChar);
      EXPECT_TRUE(unpacked(signed_four, {}, WeightFormat::int4).equal(expected(signed_four, none)));
      EXPECT_TRUE(unpacked(eight, {}, WeightFormat::int8).equal(expected(eight, none)));
      EXPECT_TRUE(unpacked(eight, zeros, WeightFormat::int8).equal(expected(eight, zeros)));
    }
  }
}

// One panel of 64 outputs x 64 inputs of int4 in groups of 32: 2048 bytes; float16 scales 2 * 64 * 2 = 256, float32
// scales 512; zero points 2 * 64 = 128.
TEST(PackedWeight, TakesTheBytesOfItsFormat) {
  const at::Tensor four = at::zeros({50, 64}, at::kByte), scales = at::full({50, 2}, 0.5);
  EXPECT_EQ(PackedWeight(IntegerWeight{four, scales, {}}, WeightFormat::int4).bytes(), 2048 + 256);
  const at::Tensor zeros = at::arange(100).remainder(16).view({50, 2});
  EXPECT_EQ(PackedWeight(IntegerWeight{four, scales, zeros}, WeightFormat::int4).bytes(), 2048 + 256 + 128);
  EXPECT_EQ(PackedWeight(IntegerWeight{four, scales + 1e-4, {}}, WeightFormat::int4).bytes(), 2048 + 512);
  EXPECT_EQ(PackedWeight(at::zeros({65, 64}), WeightFormat::bfloat16).bytes(), 2 * 64 * 64 * 2);
}

// Two panels of 64 outputs and 33 inputs in float32 take 2 * 64 * 33 * 4 bytes, which fill whole cache lines.
TEST(PackedWeight, LiesBesideOthersOfItsModel) {
  const at::Tensor numbers = at::randn({70, 33}), more = at::randn({900, 700});
  PackedWeight first, second;
  {
    PackedMemory memory;  // the weights keep what they lie in
    first = PackedWeight(numbers, WeightFormat::float32, &memory);
    second = PackedWeight(more, WeightFormat::float32, &memory);
  }
  EXPECT_TRUE(first.unpack().equal(numbers));
  EXPECT_TRUE(second.unpack().equal(more));
  EXPECT_EQ(second.panels() - first.panels(), 2 * 64 * 33 * 4);
}

// A larger block than the memory takes at a time, and one that no longer fits what is left.
TEST(PackedMemory, GivesAnyNumberOfBytes) {
  PackedMemory memory;
  const at::Tensor small = memory.bytes(100), large = memory.bytes(int64_t{200} << 20), next = memory.bytes(1);
  EXPECT_EQ(large.numel(), int64_t{200} << 20);
  for (const at::Tensor& bytes : {small, large, next}) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(bytes.const_data_ptr()) % 64, 0U);
    bytes[0] = bytes[bytes.numel() - 1] = 7;
  }
}

std::string refusal(const IntegerWeight& weight, WeightFormat format) {
  try {
    const PackedWeight packed(weight, format);
    return "accepted";
  } catch (const InputError& error) {
    return error.what();
  }
}

TEST(PackedWeight, RefusesWhatItCannotHold) {
  const at::Tensor values = at::full({2, 64}, 15, at::kByte), scales = at::ones({2, 2});
  EXPECT_EQ(refusal({values, scales, {}}, WeightFormat::int4), "accepted");
  EXPECT_THAT(refusal({values + 1, scales, {}}, WeightFormat::int4), testing::HasSubstr("16..16"));
  EXPECT_THAT(refusal({values, at::ones({2, 4}), {}}, WeightFormat::int4), testing::HasSubstr("64 inputs in 4 groups"));
  EXPECT_THAT(refusal({values, at::ones({3, 2}), {}}, WeightFormat::int4), testing::HasSubstr("scales [3, 2]"));
  EXPECT_THAT(refusal({values, scales, scales - 2}, WeightFormat::int4), testing::HasSubstr("-1..-1"));
  EXPECT_THAT(refusal({values.to(at::kFloat), scales, {}}, WeightFormat::int8), testing::HasSubstr("Float"));
}

}  // namespace
}  // namespace r1v
