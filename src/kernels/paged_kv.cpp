// Keys and values in blocks: sizes, storing rows, reading them back.
#include "kernels/paged_kv.h"

#include <ATen/Parallel.h>

#include <bit>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "kernels/lazy_memory.h"

namespace r1v {
namespace {

constexpr int64_t kAlignment = 64;
constexpr int64_t kRowsATask = 64;  // decoding stores few rows, which are not worth a second thread

int64_t number_bytes(KvFormat format) {
  switch (format) {
    case KvFormat::float32:
      return 4;
    case KvFormat::bfloat16:
      return 2;
    case KvFormat::int8:
      return 1;
  }
  R1V_CHECK(false, "unknown format of keys and values ", static_cast<int>(format));
}

/// Upper half of a float, rounded to nearest, ties to even; NaN stays NaN.
uint16_t to_bfloat16(float value) {
  const auto word = std::bit_cast<uint32_t>(value);
  if (value != value) return 0x7FC0;
  return static_cast<uint16_t>((word + 0x7FFF + ((word >> 16) & 1)) >> 16);
}

float from_bfloat16(uint16_t value) { return std::bit_cast<float>(static_cast<uint32_t>(value) << 16); }

/// max |x| over a row. Bits of floats without sign are ordered like the floats; NaN comes last, so it is not lost.
float largest_size(const float* row, int64_t width) {
  uint32_t largest = 0;
  for (int64_t i = 0; i < width; ++i) {
    const uint32_t size = std::bit_cast<uint32_t>(row[i]) & 0x7FFFFFFF;
    largest = size > largest ? size : largest;
  }
  return std::bit_cast<float>(largest);
}

/// To nearest, ties to even: adding 1.5 * 2^23 leaves the integer in the low bits. NaN becomes something.
int8_t to_int8(float value, float scale) {
  const float steps = value / scale;
  const float held = steps < -127.0f ? -127.0f : steps > 127.0f ? 127.0f : steps;
  return static_cast<int8_t>(std::bit_cast<uint32_t>(held + 0x1.8p23f) & 0xFF);
}

/// Where the numbers of a row lie: number i at pair * (i / 2) + next * (i % 2), counted in numbers.
struct Places {
  uint8_t* first;
  int64_t next, pair;

  int64_t operator[](int64_t i) const { return i / 2 * pair + i % 2 * next; }
};

/// One token of a block and head.
struct TokenPlaces {
  Places key, value;
  float *key_scale, *value_scale;

  TokenPlaces(const KvLayout& layout, uint8_t* block, int64_t head, int64_t token) {
    const int64_t width = layout.head_width, bytes = number_bytes(layout.format);
    uint8_t* const keys = block + head * layout.head_bytes();
    uint8_t* const values = keys + kKvBlockTokens * width * bytes;
    const bool in_pairs = layout.format == KvFormat::int8;
    key = in_pairs ? Places{keys + 2 * token, 1, 2 * kKvBlockTokens}
                   : Places{keys + token * bytes, kKvBlockTokens, 2 * kKvBlockTokens};
    value = in_pairs ? Places{values + token / 2 * 2 * width + token % 2, 2, 4}
                     : Places{values + token * width * bytes, 1, 2};
    key_scale = reinterpret_cast<float*>(values + kKvBlockTokens * width * bytes) + token;
    value_scale = key_scale + kKvBlockTokens;
  }
};

/// Stores a row; returns the scale, for int8.
float store_row(KvFormat format, const float* row, int64_t width, const Places& to) {
  switch (format) {
    case KvFormat::float32:
      for (int64_t i = 0; i < width; ++i) reinterpret_cast<float*>(to.first)[to[i]] = row[i];
      return 1.0f;
    case KvFormat::bfloat16:
      for (int64_t i = 0; i < width; ++i) reinterpret_cast<uint16_t*>(to.first)[to[i]] = to_bfloat16(row[i]);
      return 1.0f;
    case KvFormat::int8: {
      const float scale = largest_size(row, width) / 127.0f;
      if (scale == 0.0f) {
        for (int64_t i = 0; i < width; ++i) to.first[to[i]] = 0;
      } else {
        for (int64_t i = 0; i < width; ++i) to.first[to[i]] = static_cast<uint8_t>(to_int8(row[i], scale));
      }
      return scale;
    }
  }
  return 1.0f;
}

void store_token(const KvLayout& layout, uint8_t* block, int64_t token, const float* keys, const float* values) {
  const int64_t width = layout.head_width;
  for (int64_t head = 0; head < layout.num_kv_heads; ++head, keys += width, values += width) {
    const TokenPlaces to(layout, block, head, token);
    const float key_scale = store_row(layout.format, keys, width, to.key);
    const float value_scale = store_row(layout.format, values, width, to.value);
    if (layout.format != KvFormat::int8) continue;
    *to.key_scale = key_scale;
    *to.value_scale = value_scale;
  }
}

void load_row(KvFormat format, const Places& from, float scale, int64_t width, float* row) {
  for (int64_t i = 0; i < width; ++i) {
    switch (format) {
      case KvFormat::float32:
        row[i] = reinterpret_cast<const float*>(from.first)[from[i]];
        break;
      case KvFormat::bfloat16:
        row[i] = from_bfloat16(reinterpret_cast<const uint16_t*>(from.first)[from[i]]);
        break;
      case KvFormat::int8:
        row[i] = static_cast<float>(reinterpret_cast<const int8_t*>(from.first)[from[i]]) * scale;
        break;
    }
  }
}

}  // namespace

const char* format_name(KvFormat format) {
  switch (format) {
    case KvFormat::float32:
      return "float32";
    case KvFormat::bfloat16:
      return "bfloat16";
    case KvFormat::int8:
      return "int8";
  }
  return "unknown";
}

int64_t KvLayout::head_bytes() const {
  const int64_t scales = format == KvFormat::int8 ? 2 * static_cast<int64_t>(sizeof(float)) : 0;
  return kKvBlockTokens * (2 * head_width * number_bytes(format) + scales);
}

KvPool::KvPool(const KvLayout& layout, int64_t blocks) : layout_(layout), blocks_(blocks) {
  R1V_CHECK(layout.num_layers > 0 && layout.num_kv_heads > 0 && layout.head_width > 0 && layout.head_width % 16 == 0 &&
                blocks >= 0 && blocks <= std::numeric_limits<int32_t>::max(),
            "keys and values of ", layout.num_layers, " layers, ", layout.num_kv_heads, " heads of ", layout.head_width,
            " numbers (a multiple of 16) in ", blocks, " blocks");
  memory_ = lazy_memory({blocks * layout.block_bytes()}, at::kByte);
  R1V_CHECK(blocks == 0 || reinterpret_cast<uintptr_t>(memory_.data_ptr()) % kAlignment == 0,
            "the memory of keys and values does not begin at a multiple of ", kAlignment, " bytes");
}

uint8_t* KvPool::at(int64_t layer, int64_t block) const {
  return memory_.data_ptr<uint8_t>() + (layer * blocks_ + block) * layout_.layer_bytes();
}

void KvPool::copy_block(int64_t from, int64_t to) {
  R1V_CHECK(from >= 0 && from < blocks_ && to >= 0 && to < blocks_, "copy of block ", from, " to ", to, " of ",
            blocks_);
  if (from == to) return;
  for (int64_t layer = 0; layer < layout_.num_layers; ++layer) {
    std::memcpy(at(layer, to), at(layer, from), static_cast<size_t>(layout_.layer_bytes()));
  }
}

void KvPool::write(int64_t layer, std::span<const int32_t> table, int64_t first, int64_t rows, const float* keys,
                   const float* values, int64_t stride) {
  R1V_CHECK(first >= 0 && first + rows <= static_cast<int64_t>(table.size()) * kKvBlockTokens, "rows ", first, " to ",
            first + rows, " do not fit ", table.size(), " blocks");
  at::parallel_for(0, rows, kRowsATask, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t position = first + row;
      const int32_t block = table[static_cast<size_t>(position / kKvBlockTokens)];
      R1V_CHECK(block >= 0 && block < blocks_, "block ", block, " of ", blocks_);
      store_token(layout_, at(layer, block), position % kKvBlockTokens, keys + row * stride, values + row * stride);
    }
  });
}

KvPool::Rows KvPool::read(int64_t layer, std::span<const int32_t> table, int64_t count) const {
  R1V_CHECK(count >= 0 && count <= static_cast<int64_t>(table.size()) * kKvBlockTokens, count, " rows are not in ",
            table.size(), " blocks");
  const int64_t heads = layout_.num_kv_heads, width = layout_.head_width;
  const bool is_scaled = layout_.format == KvFormat::int8;
  const Rows rows{at::empty({count, heads, width}), at::empty({count, heads, width})};
  for (int64_t position = 0; position < count; ++position) {
    uint8_t* const block = at(layer, table[static_cast<size_t>(position / kKvBlockTokens)]);
    for (int64_t head = 0; head < heads; ++head) {
      const TokenPlaces from(layout_, block, head, position % kKvBlockTokens);
      const int64_t offset = (position * heads + head) * width;
      load_row(layout_.format, from.key, is_scaled ? *from.key_scale : 1.0f, width,
               rows.keys_SGH.data_ptr<float>() + offset);
      load_row(layout_.format, from.value, is_scaled ? *from.value_scale : 1.0f, width,
               rows.values_SGH.data_ptr<float>() + offset);
    }
  }
  return rows;
}

}  // namespace r1v
