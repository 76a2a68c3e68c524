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
