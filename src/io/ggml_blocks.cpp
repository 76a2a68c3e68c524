// Every block format read in plain loops. Scales are float16, little endian; the file's CMake options forbid fused
// multiply-add, which would round otherwise than the definition.
#include "io/ggml_blocks.h"

#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>

#include <array>
#include <cctype>
#include <cstring>

#include "base/error.h"

namespace r1v {
namespace {

struct NamedType {
  GgmlType type;
  GgmlLayout layout;
  bool can_write;
};
constexpr std::array<NamedType, 11> kTypes = {{{GgmlType::f32, {"F32", 1, 4}, true},
                                               {GgmlType::f16, {"F16", 1, 2}, true},
                                               {GgmlType::bf16, {"BF16", 1, 2}, true},
                                               {GgmlType::q8_0, {"Q8_0", 32, 34}, true},
                                               {GgmlType::q4_0, {"Q4_0", 32, 18}, true},
                                               {GgmlType::q4_1, {"Q4_1", 32, 20}, true},
                                               {GgmlType::q5_0, {"Q5_0", 32, 22}, true},
                                               {GgmlType::q5_1, {"Q5_1", 32, 24}, true},
                                               {GgmlType::q4_k, {"Q4_K", 256, 144}, true},
                                               {GgmlType::q5_k, {"Q5_K", 256, 176}, false},
                                               {GgmlType::q6_k, {"Q6_K", 256, 210}, true}}};

std::string type_names(bool to_write) {
  std::string names;
  for (const NamedType& known : kTypes) {
    if (!to_write || known.can_write) names += (names.empty() ? "" : ", ") + std::string(known.layout.name);
  }
  return names;
}

float half_at(const uint8_t* bytes) {
  uint16_t bits = 0;
  std::memcpy(&bits, bytes, sizeof bits);
  return c10::Half(bits, c10::Half::from_bits());
}

int low(uint8_t byte) { return byte & 15; }
int high(uint8_t byte) { return byte >> 4; }

// scale, 32 signed bytes: value = byte * scale.
void read_q8_0(const uint8_t* block, float* out) {
  const float scale = half_at(block);
  for (int i = 0; i < 32; ++i) out[i] = static_cast<float>(static_cast<int8_t>(block[2 + i])) * scale;
}

// scale, 16 bytes; the low halves are values 0 to 15, the high halves 16 to 31: value = scale * (half - 8).
void read_q4_0(const uint8_t* block, float* out) {
  const float scale = half_at(block);
  for (int i = 0; i < 16; ++i) {
    out[i] = scale * static_cast<float>(low(block[2 + i]) - 8);
    out[i + 16] = scale * static_cast<float>(high(block[2 + i]) - 8);
  }
}

// scale, least value, 16 bytes: value = scale * half + least.
void read_q4_1(const uint8_t* block, float* out) {
  const float scale = half_at(block);
  const float least = half_at(block + 2);
  for (int i = 0; i < 16; ++i) {
    out[i] = scale * static_cast<float>(low(block[4 + i])) + least;
    out[i + 16] = scale * static_cast<float>(high(block[4 + i])) + least;
  }
}

// The fifth bits of 32 values, value i in bit i.
struct FifthBits {
  explicit FifthBits(const uint8_t* bytes) { std::memcpy(&bits, bytes, sizeof bits); }
  int of(int i) const { return static_cast<int>((bits >> i) & 1U) << 4; }
  uint32_t bits = 0;
};

// scale, fifth bits, 16 bytes: value = scale * (number - 16).
void read_q5_0(const uint8_t* block, float* out) {
  const float scale = half_at(block);
  const FifthBits fifth(block + 2);
  for (int i = 0; i < 16; ++i) {
    out[i] = scale * static_cast<float>((low(block[6 + i]) | fifth.of(i)) - 16);
    out[i + 16] = scale * static_cast<float>((high(block[6 + i]) | fifth.of(i + 16)) - 16);
  }
}

// scale, least value, fifth bits, 16 bytes: value = scale * number + least.
void read_q5_1(const uint8_t* block, float* out) {
  const float scale = half_at(block);
  const float least = half_at(block + 2);
  const FifthBits fifth(block + 4);
  for (int i = 0; i < 16; ++i) {
    out[i] = scale * static_cast<float>(low(block[8 + i]) | fifth.of(i)) + least;
    out[i + 16] = scale * static_cast<float>(high(block[8 + i]) | fifth.of(i + 16)) + least;
  }
}

// Eight groups of 32 values share two float16; each group has a scale and a minimum of six bits, packed in 12 bytes:
// bytes 0-3 scales of groups 0-3, bytes 4-7 minima of groups 0-3 (six low bits each), bytes 8-11 the four low bits of
// scales (low half) and minima (high half) of groups 4-7, whose two high bits sit atop bytes 0-3 and 4-7.
struct GroupScales {
  GroupScales(const uint8_t* block) {
    const float scale_of_scales = half_at(block);
    const float scale_of_minima = half_at(block + 2);
    const uint8_t* packed = block + 4;
    for (int i = 0; i < 4; ++i) {
      const int low_scale = packed[i] & 63, low_minimum = packed[i + 4] & 63;
      const int high_scale = low(packed[i + 8]) | ((packed[i] >> 6) << 4);
      const int high_minimum = high(packed[i + 8]) | ((packed[i + 4] >> 6) << 4);
      scale[i] = scale_of_scales * static_cast<float>(low_scale);
      scale[i + 4] = scale_of_scales * static_cast<float>(high_scale);
      minimum[i] = scale_of_minima * static_cast<float>(low_minimum);
      minimum[i + 4] = scale_of_minima * static_cast<float>(high_minimum);
    }
  }
  float scale[8];
  float minimum[8];
};

// Group scales, then 128 bytes: groups 2g and 2g + 1 are the low and high halves of bytes 32g to 32g + 31.
void read_q4_k(const uint8_t* block, float* out) {
  const GroupScales group(block);
  for (int g = 0; g < 8; ++g) {
    const uint8_t* bytes = block + 16 + g / 2 * 32;
    for (int i = 0; i < 32; ++i) {
      const int number = g % 2 == 0 ? low(bytes[i]) : high(bytes[i]);
      out[g * 32 + i] = group.scale[g] * static_cast<float>(number) - group.minimum[g];
    }
  }
}

// As q4_k with 32 bytes of fifth bits in between: bit g of byte i belongs to value i of group g.
void read_q5_k(const uint8_t* block, float* out) {
  const GroupScales group(block);
  for (int g = 0; g < 8; ++g) {
    const uint8_t* bytes = block + 48 + g / 2 * 32;
    for (int i = 0; i < 32; ++i) {
      const int fifth = ((block[16 + i] >> g) & 1) << 4;
      const int number = (g % 2 == 0 ? low(bytes[i]) : high(bytes[i])) | fifth;
      out[g * 32 + i] = group.scale[g] * static_cast<float>(number) - group.minimum[g];
    }
  }
}

// 128 bytes of low halves, 64 bytes of upper two bits, 16 signed scales, one float16:
// value = scale * scale_of_16 * (number - 32). In each half of 128 values, runs 0 to 3 of 32 values take the low
// halves of bytes 0-31 and 32-63, then their high halves, and bits 0-1, 2-3, 4-5, 6-7 of the upper bytes.
void read_q6_k(const uint8_t* block, float* out) {
  const float scale_of_scales = half_at(block + 208);
  for (int run = 0; run < 8; ++run) {
    const uint8_t* lower = block + run / 4 * 64 + run % 2 * 32;
    const uint8_t* upper = block + 128 + run / 4 * 32;
    for (int i = 0; i < 32; ++i) {
      const int four = run % 4 < 2 ? low(lower[i]) : high(lower[i]);
      const int number = (four | (((upper[i] >> (run % 4 * 2)) & 3) << 4)) - 32;
      const auto scale = static_cast<int8_t>(block[192 + run * 2 + i / 16]);
      out[run * 32 + i] = scale_of_scales * static_cast<float>(scale) * static_cast<float>(number);
    }
  }
}

template <typename ReadBlock>  // a function pointer would hide the loop bounds from the compiler
void read_blocks(const GgmlLayout& layout, std::span<const std::byte> blocks, float* out, ReadBlock read_block) {
  const auto* at = reinterpret_cast<const uint8_t*>(blocks.data());
  for (const uint8_t* end = at + blocks.size(); at != end; at += layout.bytes, out += layout.elements) {
    read_block(at, out);
  }
}

template <typename Number>
void read_plain(std::span<const std::byte> bytes, std::span<float> values) {
  for (size_t i = 0; i < values.size(); ++i) {
    Number number;
    std::memcpy(&number, bytes.data() + i * sizeof(Number), sizeof(Number));
    values[i] = static_cast<float>(number);
  }
}

}  // namespace

const GgmlLayout& ggml_layout(GgmlType type) {
  for (const NamedType& known : kTypes) {
    if (known.type == type) return known.layout;
  }
  R1V_CHECK(false, "type ", static_cast<uint32_t>(type));
  return kTypes[0].layout;
}

GgmlType ggml_type(uint32_t number, const std::string& where) {
  for (const NamedType& known : kTypes) {
    if (static_cast<uint32_t>(known.type) == number) return known.type;
  }
  throw InputError(cat(where, " has the element type ", number, ", which this program cannot read; expected one of ",
                       type_names(false)));
}

GgmlType ggml_type_to_write(const std::string& name) {
  std::string upper = name;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (const NamedType& known : kTypes) {
    if (known.can_write && upper == known.layout.name) return known.type;
  }
  throw InputError(cat("GGUF type \"", printable(name), "\" cannot be written; expected one of ", type_names(true)));
}

void dequantize_blocks(GgmlType type, std::span<const std::byte> blocks, std::span<float> values) {
  const GgmlLayout& layout = ggml_layout(type);
  R1V_CHECK(
      blocks.size() % static_cast<size_t>(layout.bytes) == 0 &&
          blocks.size() / static_cast<size_t>(layout.bytes) * static_cast<size_t>(layout.elements) == values.size(),
      blocks.size(), " bytes of ", layout.name, " for ", values.size(), " values");
  switch (type) {
    case GgmlType::f32:
      return read_plain<float>(blocks, values);
    case GgmlType::f16:
      return read_plain<c10::Half>(blocks, values);
    case GgmlType::bf16:
      return read_plain<c10::BFloat16>(blocks, values);
    case GgmlType::q8_0:
      return read_blocks(layout, blocks, values.data(), read_q8_0);
    case GgmlType::q4_0:
      return read_blocks(layout, blocks, values.data(), read_q4_0);
    case GgmlType::q4_1:
      return read_blocks(layout, blocks, values.data(), read_q4_1);
    case GgmlType::q5_0:
      return read_blocks(layout, blocks, values.data(), read_q5_0);
    case GgmlType::q5_1:
      return read_blocks(layout, blocks, values.data(), read_q5_1);
    case GgmlType::q4_k:
      return read_blocks(layout, blocks, values.data(), read_q4_k);
    case GgmlType::q5_k:
      return read_blocks(layout, blocks, values.data(), read_q5_k);
    case GgmlType::q6_k:
      return read_blocks(layout, blocks, values.data(), read_q6_k);
  }
}

bool has_integers(GgmlType type) { return type == GgmlType::q8_0 || type == GgmlType::q4_0; }

void read_integers(GgmlType type, std::span<const std::byte> blocks, uint8_t* values, std::byte* scales) {
  R1V_CHECK(has_integers(type), "blocks without plain integers");
  constexpr uint64_t kTopBits = 0x8080808080808080, kLowHalves = 0x0F0F0F0F0F0F0F0F;
  constexpr size_t kScaleBytes = 2, kWords = 4;  // a block's integers, in words
  const auto block_bytes = static_cast<size_t>(ggml_layout(type).bytes);
  for (size_t at = 0; at < blocks.size(); at += block_bytes, scales += kScaleBytes, values += kWords * 8) {
    std::memcpy(scales, blocks.data() + at, kScaleBytes);
    uint64_t words[kWords];
    if (type == GgmlType::q8_0) {
      std::memcpy(words, blocks.data() + at + kScaleBytes, sizeof words);
      for (uint64_t& word : words) word ^= kTopBits;
    } else {
      std::memcpy(words, blocks.data() + at + kScaleBytes, sizeof words / 2);
      for (size_t i = 0; i < kWords / 2; ++i) words[i + kWords / 2] = words[i] >> 4 & kLowHalves;
      for (size_t i = 0; i < kWords / 2; ++i) words[i] &= kLowHalves;
    }
    std::memcpy(values, words, sizeof words);
  }
}

}  // namespace r1v
