// Every block format written in plain loops; see ggml_blocks.cpp for how the bytes lie.
#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/error.h"
#include "io/ggml_blocks.h"
#include "io/ggml_blocks_k.h"

namespace r1v {
namespace {

constexpr int kBlock = 32;

void put_half(float value, uint8_t* bytes) {
  const uint16_t bits = c10::Half(value).x;
  std::memcpy(bytes, &bits, sizeof bits);
}

float inverse(float scale) { return scale == 0.0F ? 0.0F : 1.0F / scale; }

// Truncated to 0 ... most. Finite input keeps `value` inside or, for scales below float32's normal range, at infinity.
int clip(float value, int most) {
  return value > 0.0F ? static_cast<int>(std::min(value, static_cast<float>(most))) : 0;
}

// Halves away from zero.
float round_away(float value) {
  const float size = std::abs(value);
  const float floor = std::floor(size);
  return std::copysign(floor + std::floor(2.0F * (size - floor)), value);
}

void write_q8_0(const float* values, uint8_t* block) {
  float largest = 0.0F;
  for (int i = 0; i < kBlock; ++i) largest = std::max(largest, std::abs(values[i]));
  const float scale = largest / 127.0F;
  const float per_scale = inverse(scale);
  put_half(scale, block);
  for (int i = 0; i < kBlock; ++i) {
    const float number = std::clamp(round_away(values[i] * per_scale), -128.0F, 127.0F);
    block[2 + i] = static_cast<uint8_t>(static_cast<int8_t>(number));
  }
}

// The value of largest size, the first of equals.
float extreme(const float* values) {
  return *std::max_element(values, values + kBlock, [](float a, float b) { return std::abs(a) < std::abs(b); });
}

void put_halves(const int* numbers, uint8_t* bytes) {
  for (int i = 0; i < 16; ++i) bytes[i] = static_cast<uint8_t>((numbers[i] & 15) | ((numbers[i + 16] & 15) << 4));
}

void put_fifth_bits(const int* numbers, uint8_t* bytes) {
  uint32_t bits = 0;
  for (int i = 0; i < kBlock; ++i) bits |= static_cast<uint32_t>(numbers[i] >> 4) << i;
  std::memcpy(bytes, &bits, sizeof bits);
}

// The extreme value becomes number 0, so that its sign decides which side gets the extra step.
float numbers_around_zero(const float* values, int half_range, int* numbers) {
  const float scale = extreme(values) / static_cast<float>(-half_range);
  const float per_scale = inverse(scale);
  for (int i = 0; i < kBlock; ++i) {
    numbers[i] = clip(values[i] * per_scale + (static_cast<float>(half_range) + 0.5F), 2 * half_range - 1);
  }
  return scale;
}

// From the least value (number 0) to the largest (number `most`). Returns {scale, least value}.
std::pair<float, float> numbers_from_least(const float* values, int most, int* numbers) {
  const auto [least, largest] = std::minmax_element(values, values + kBlock);
  const float scale = (*largest - *least) / static_cast<float>(most);
  const float per_scale = inverse(scale);
  for (int i = 0; i < kBlock; ++i) numbers[i] = clip((values[i] - *least) * per_scale + 0.5F, most);
  return {scale, *least};
}

void write_q4_0(const float* values, uint8_t* block) {
  int numbers[kBlock];
  put_half(numbers_around_zero(values, 8, numbers), block);
  put_halves(numbers, block + 2);
}

void write_q4_1(const float* values, uint8_t* block) {
  int numbers[kBlock];
  const auto [scale, least] = numbers_from_least(values, 15, numbers);
  put_half(scale, block);
  put_half(least, block + 2);
  put_halves(numbers, block + 4);
}

void write_q5_0(const float* values, uint8_t* block) {
  int numbers[kBlock];
  put_half(numbers_around_zero(values, 16, numbers), block);
  put_fifth_bits(numbers, block + 2);
  put_halves(numbers, block + 6);
}

void write_q5_1(const float* values, uint8_t* block) {
  int numbers[kBlock];
  const auto [scale, least] = numbers_from_least(values, 31, numbers);
  put_half(scale, block);
  put_half(least, block + 2);
  put_fifth_bits(numbers, block + 4);
  put_halves(numbers, block + 8);
}

template <typename WriteBlock>  // as in ggml_blocks.cpp
void write_blocks(const GgmlLayout& layout, std::span<const float> values, std::byte* out, WriteBlock write_block) {
  auto* at = reinterpret_cast<uint8_t*>(out);
  for (const float* value = values.data(); value != values.data() + values.size(); value += layout.elements) {
    write_block(value, at);
    at += layout.bytes;
  }
}

template <typename Number>
void write_plain(std::span<const float> values, std::byte* out) {
  for (const float value : values) {
    const Number number(value);
    std::memcpy(out, &number, sizeof number);
    out += sizeof number;
  }
}

}  // namespace

void quantize_blocks(GgmlType type, std::span<const float> values, std::span<std::byte> blocks) {
  const GgmlLayout& layout = ggml_layout(type);
  R1V_CHECK(
      values.size() % static_cast<size_t>(layout.elements) == 0 &&
          values.size() / static_cast<size_t>(layout.elements) * static_cast<size_t>(layout.bytes) == blocks.size(),
      values.size(), " values for ", blocks.size(), " bytes of ", layout.name);
  switch (type) {
    case GgmlType::f32:
      return write_plain<float>(values, blocks.data());
    case GgmlType::f16:
      return write_plain<c10::Half>(values, blocks.data());
    case GgmlType::bf16:
      return write_plain<c10::BFloat16>(values, blocks.data());
    case GgmlType::q8_0:
      return write_blocks(layout, values, blocks.data(), write_q8_0);
    case GgmlType::q4_0:
      return write_blocks(layout, values, blocks.data(), write_q4_0);
    case GgmlType::q4_1:
      return write_blocks(layout, values, blocks.data(), write_q4_1);
    case GgmlType::q5_0:
      return write_blocks(layout, values, blocks.data(), write_q5_0);
    case GgmlType::q5_1:
      return write_blocks(layout, values, blocks.data(), write_q5_1);
    case GgmlType::q4_k:
      return write_blocks(layout, values, blocks.data(), write_q4_k);
    case GgmlType::q6_k:
      return write_blocks(layout, values, blocks.data(), write_q6_k);
    case GgmlType::q5_k:
      break;
  }
  R1V_CHECK(false, layout.name, " cannot be written");
}

}  // namespace r1v
