// The element types of GGUF files and what their bytes mean: blocks of quantised numbers to float32 and back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace r1v {

/// Numbers as in the file. Types that are not listed here cannot be read.
enum class GgmlType : uint32_t {
  f32 = 0,
  f16 = 1,
  q4_0 = 2,
  q4_1 = 3,
  q5_0 = 6,
  q5_1 = 7,
  q8_0 = 8,
  q4_k = 12,
  q5_k = 13,
  q6_k = 14,
  bf16 = 30,
};

/// A row is cut into blocks of `elements` numbers that take `bytes` bytes each.
struct GgmlLayout {
  const char* name;  // "Q4_K"
  int64_t elements;
  int64_t bytes;
};
const GgmlLayout& ggml_layout(GgmlType type);

/// `number` as read from a file. throws InputError naming the types that can be read; `where` names the tensor.
GgmlType ggml_type(uint32_t number, const std::string& where);
/// "q8_0" or "Q8_0". throws InputError naming the types that can be written.
GgmlType ggml_type_to_write(const std::string& name);

/// Whole blocks to float32, every product and sum rounded once, as Python's gguf.quants.dequantize does.
void dequantize_blocks(GgmlType type, std::span<const std::byte> blocks, std::span<float> values);

/// Whether a type is made of integers that share a scale, and nothing else: Q8_0 and Q4_0.
bool has_integers(GgmlType type);
/// Those integers as bytes, moved up to be unsigned (by 128, or 8), and each block's scale in float16. `values` has
/// room for 32 bytes a block, `scales` for two.
void read_integers(GgmlType type, std::span<const std::byte> blocks, uint8_t* values, std::byte* scales);

/// float32 to whole blocks; equal, byte for byte, to Python's gguf.quants.quantize where that package can (all but q4_k
/// and q6_k, whose scales are searched for the smallest squared error). Values must be finite; q5_k is not written.
void quantize_blocks(GgmlType type, std::span<const float> values, std::span<std::byte> blocks);

}  // namespace r1v
