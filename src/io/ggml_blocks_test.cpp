// Block formats against Python's gguf package, to the last bit; files by tests/golden/make_gguf.py.
#include "io/ggml_blocks.h"

#include <gtest/gtest.h>

#include <cstring>

#include "base/error.h"
#include "io/safetensors.h"

namespace r1v {
namespace {

const SafetensorsFile& golden() {
  static const SafetensorsFile file(std::filesystem::path(R1V_SOURCE_DIR) / "tests/golden/gguf_blocks.safetensors");
  return file;
}

std::span<const std::byte> bytes_of(const at::Tensor& tensor) {
  return {static_cast<const std::byte*>(tensor.const_data_ptr()), tensor.nbytes()};
}

TEST(GgmlBlocks, EveryTypeIsReadAsTheReferenceReadsIt) {
  for (const GgmlType type :
       {GgmlType::f32, GgmlType::f16, GgmlType::bf16, GgmlType::q8_0, GgmlType::q4_0, GgmlType::q4_1, GgmlType::q5_0,
        GgmlType::q5_1, GgmlType::q4_k, GgmlType::q5_k, GgmlType::q6_k}) {
    const std::string name = ggml_layout(type).name;
    const at::Tensor expected = golden().tensor(name + ".values");
    std::vector<float> values(static_cast<size_t>(expected.numel()));
    dequantize_blocks(type, bytes_of(golden().tensor(name + ".blocks")), values);
    const float* wanted = expected.const_data_ptr<float>();
    for (size_t i = 0; i < values.size(); ++i) {
      ASSERT_EQ(std::memcmp(&values[i], &wanted[i], sizeof(float)), 0)
          << name << " value " << i << ": found " << values[i] << ", expected " << wanted[i];
    }
  }
}

TEST(GgmlBlocks, EveryTypeIsWrittenAsTheReferenceWritesIt) {
  const at::Tensor rows = golden().tensor("rows");
  const std::span<const float> values(rows.const_data_ptr<float>(), static_cast<size_t>(rows.numel()));
  for (const char* name : {"F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1"}) {
    const at::Tensor expected = golden().tensor(std::string(name) + ".quantized");
    std::vector<std::byte> blocks(expected.nbytes());
    quantize_blocks(ggml_type_to_write(name), values, blocks);
    const auto wanted = bytes_of(expected);
    for (size_t i = 0; i < blocks.size(); ++i) ASSERT_EQ(blocks[i], wanted[i]) << name << " byte " << i;
  }
}

// Mean squared error of a type over some rows.
double error_of(GgmlType type, std::span<const float> values) {
  const GgmlLayout& layout = ggml_layout(type);
  std::vector<std::byte> blocks(values.size() / static_cast<size_t>(layout.elements) *
                                static_cast<size_t>(layout.bytes));
  std::vector<float> read(values.size());
  quantize_blocks(type, values, blocks);
  dequantize_blocks(type, blocks, read);
  double sum = 0.0;
  for (size_t i = 0; i < values.size(); ++i) sum += (read[i] - values[i]) * (read[i] - values[i]);
  return sum / static_cast<double>(values.size());
}

TEST(GgmlBlocks, KTypesBeatThePlainTypesOfTheSameWidth) {
  // The first rows are normal numbers of deviation 1 and 0.02. Four bits with a searched scale and minimum must do
  // better than four bits from least to largest; six bits better than five, in the limit by 4 squared steps.
  const at::Tensor rows = golden().tensor("rows");
  for (int64_t row = 0; row < 2; ++row) {
    const std::span<const float> values(rows.const_data_ptr<float>() + row * 256, 256);
    EXPECT_LT(error_of(GgmlType::q4_k, values), error_of(GgmlType::q4_0, values)) << row;
    EXPECT_LT(error_of(GgmlType::q4_k, values), error_of(GgmlType::q4_1, values)) << row;
    EXPECT_LT(error_of(GgmlType::q6_k, values), error_of(GgmlType::q5_1, values) / 2) << row;
  }
}

TEST(GgmlBlocks, KTypesHoldWhatFitsTheirGrid) {
  std::vector<float> values(256);
  EXPECT_EQ(error_of(GgmlType::q4_k, values), 0.0);  // zeros
  EXPECT_EQ(error_of(GgmlType::q6_k, values), 0.0);
  // -32 ... 31 in steps of 1: scale 1 for every 16 values that hold a -32, written as -128 times -1/128.
  for (size_t i = 0; i < 256; ++i) values[i] = i % 16 == 0 ? -32.0F : static_cast<float>(i * 7 % 64) - 32.0F;
  EXPECT_EQ(error_of(GgmlType::q6_k, values), 0.0);
  // One step of Q4_K's 15 over the range 0 ... 30 is 2, so that rounding costs at most 1 and on average 1/3 of 1
  // squared; storing the scale in six bits and float16 adds little.
  for (size_t i = 0; i < 256; ++i) values[i] = static_cast<float>(i % 31);
  EXPECT_LT(error_of(GgmlType::q4_k, values), 0.55);
}

TEST(GgmlBlocks, Q41IsScaleTimesNumberPlusLeast) {
  // scale 0.5 = 0x3800, least -2 = 0xC000; byte 0 holds 3 (value 0) and 15 (value 16), the others 0.
  std::vector<uint8_t> block = {0x00, 0x38, 0x00, 0xC0, 0xF3};
  block.resize(20);
  std::vector<float> values(32);
  dequantize_blocks(GgmlType::q4_1, std::as_bytes(std::span(block)), values);
  EXPECT_EQ(values[0], 0.5F * 3 - 2);
  EXPECT_EQ(values[1], -2.0F);
  EXPECT_EQ(values[16], 0.5F * 15 - 2);
}

TEST(GgmlBlocks, UnknownTypesAreRefusedByNumberAndName) {
  EXPECT_THROW(ggml_type(4, "tensor \"a\""), InputError);   // removed from the format
  EXPECT_THROW(ggml_type(16, "tensor \"a\""), InputError);  // IQ2_XXS
  EXPECT_THROW(ggml_type(UINT32_MAX, "tensor \"a\""), InputError);
  EXPECT_THROW(ggml_type_to_write("q5_k"), InputError);
  EXPECT_THROW(ggml_type_to_write(""), InputError);
  EXPECT_EQ(ggml_type_to_write("q4_1"), GgmlType::q4_1);
}

}  // namespace
}  // namespace r1v
