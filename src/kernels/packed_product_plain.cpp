// Products with packed weights in plain C++: for any processor, and the model that the fast integer products must
// equal.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/packed_product_loops.h"

namespace r1v {
namespace {

float float_of_half(uint16_t bits) {
  const int exponent = (bits >> 10) & 31, fraction = bits & 1023;
  const float size = exponent == 0    ? std::ldexp(static_cast<float>(fraction), -24)
                     : exponent == 31 ? (fraction == 0 ? std::numeric_limits<float>::infinity()
                                                       : std::numeric_limits<float>::quiet_NaN())
                                      : std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
  return (bits & 0x8000) != 0 ? -size : size;
}

template <typename Number>
Number load(const uint8_t* from) {
  Number number;
  std::memcpy(&number, from, sizeof(number));
  return number;
}

/// Calls sum(row, output in the panel) for every number of y and puts it there.
template <typename Sum>
void each_output(const PanelTask& task, const Sum& sum) {
  for (int64_t row = 0; row < task.rows; ++row) {
    for (int64_t output = 0; output < task.num_outputs; ++output) {
      float value = sum(row, output);
      if (task.bias != nullptr) value += task.bias[output];
      float& y = task.y[row * task.y_stride + output];
      y = task.adds ? value + y : value;
    }
  }
}

void prepare_floats(const PanelLayout& layout, const float* x, const PreparedRows& row) {
  std::memcpy(row.words, x, static_cast<size_t>(layout.inputs) * sizeof(float));
}

float word_as_float(uint32_t word) {
  float number;
  std::memcpy(&number, &word, sizeof(number));
  return number;
}

void multiply_floats(const PanelTask& task) {
  each_output(task, [&](int64_t row, int64_t o) {
    const uint32_t* const x = task.x.words + row * task.x.word_stride;
    float sum = 0.0f;
    for (int64_t i = 0; i < task.layout->inputs; ++i) {
      sum += load<float>(task.panel + (i * kPanelOutputs + o) * 4) * word_as_float(x[i]);
    }
    return sum;
  });
}

void multiply_bfloats(const PanelTask& task) {
  each_output(task, [&](int64_t row, int64_t o) {
    const uint32_t* const x = task.x.words + row * task.x.word_stride;
    float sum = 0.0f;
    for (int64_t i = 0; i < task.layout->inputs; ++i) {
      const uint16_t half = load<uint16_t>(task.panel + (i / 2 * kPanelOutputs + o) * 4 + i % 2 * 2);
      sum += word_as_float(static_cast<uint32_t>(half) << 16) * word_as_float(x[i]);
    }
    return sum;
  });
}

/// Calls visit(first input, inputs, group of the weight, number of the activations' group).
template <typename Visit>
void each_group(const PanelLayout& layout, const Visit& visit) {
  int64_t number = 0;
  for (int64_t begin = 0; begin < layout.inputs; begin += layout.group) {
    for (int64_t at = 0; at < layout.group; at += layout.activation_group, ++number) {
      visit(begin + at, std::min(layout.activation_group, layout.group - at), begin / layout.group, number);
    }
  }
}

void prepare_bytes(const PanelLayout& layout, const float* x, const PreparedRows& row) {
  each_group(layout, [&](int64_t begin, int64_t count, int64_t, int64_t number) {
    float most = 0.0f;
    bool is_finite = true;
    for (int64_t i = begin; i < begin + count; ++i) {
      most = std::max(most, std::abs(x[i]));
      is_finite = is_finite && std::isfinite(x[i]);
    }
    const float inverse = is_finite && most > 1e-30f ? 127.0f / most : 0.0f;
    int32_t sum = 0;
    for (int64_t i = begin; i < begin + count; ++i) {
      const auto rounded = is_finite ? static_cast<int8_t>(std::nearbyint(x[i] * inverse)) : int8_t{0};
      std::memcpy(reinterpret_cast<uint8_t*>(row.words) + i, &rounded, 1);
      sum += rounded;
    }
    row.scales[number] = is_finite ? most / 127.0f : std::numeric_limits<float>::quiet_NaN();
    row.sums[number] = sum;
  });
}

/// `numbers`: the numbers of a group, `input` counts from there.
template <bool is_int4>
int32_t value_at(const uint8_t* numbers, int64_t output, int64_t input) {
  const int64_t step = input / 4, vector = is_int4 ? step / 2 : step;
  const uint8_t byte = numbers[(vector * kPanelOutputs + output) * 4 + input % 4];
  if constexpr (!is_int4) return byte;
  return step % 2 == 0 ? byte & 15 : byte >> 4;
}

template <bool is_int4>
void multiply_integers(const PanelTask& task) {
  const PanelLayout& layout = *task.layout;
  each_output(task, [&](int64_t row, int64_t o) {
    const auto* const x = reinterpret_cast<const uint8_t*>(task.x.words + row * task.x.word_stride);
    float total = 0.0f;
    each_group(layout, [&](int64_t begin, int64_t count, int64_t group, int64_t number) {
      const uint8_t* const from = task.panel + group * layout.group_bytes;
      const float scale = layout.half_scales ? float_of_half(load<uint16_t>(from + o * 2)) : load<float>(from + o * 4);
      const int32_t zero = layout.has_zeros ? from[layout.zeros_offset + o] : layout.common_zeros[0];
      int32_t sum = 0;
      for (int64_t i = begin; i < begin + count; ++i) {
        const int32_t value = value_at<is_int4>(from + layout.numbers_offset, o, i - group * layout.group);
        sum += (value - zero) * static_cast<int8_t>(x[i]);
      }
      const float row_scale = task.x.scales[row * task.x.group_stride + number];
      total = std::fma(static_cast<float>(sum), scale * row_scale, total);
    });
    return total;
  });
}

}  // namespace

constinit const ProductLoops kFloatProductPlain = {"plain C++ float32", 1, false, prepare_floats, multiply_floats};
constinit const ProductLoops kBfloatProductPlain = {"plain C++ bfloat16 weights, float32 activations", 1, false,
                                                    prepare_floats, multiply_bfloats};
constinit const ProductLoops kInt8ProductPlain = {"plain C++ int8 weights and activations", 4, true, prepare_bytes,
                                                  multiply_integers<false>};
constinit const ProductLoops kInt4ProductPlain = {"plain C++ int4 weights, int8 activations", 4, true, prepare_bytes,
                                                  multiply_integers<true>};

}  // namespace r1v
