// One pass over memory each way: these matrices are the largest that a program touches.
#include "io/packed_integers.h"

#include <ATen/Parallel.h>

#include <array>

#include "base/error.h"

namespace r1v {
namespace {

constexpr int64_t kWordBits = 32;
constexpr int64_t kGrain = 64;      // rows a thread takes at least
constexpr float kSmallest = 1e-5f;  // a scale above zero that float16 still holds as a normal-enough number

// place[i]: which of a word's values lies at bit i * bits.
std::array<int64_t, 8> places(int64_t bits, WordOrder order) {
  R1V_CHECK(bits == 4 || bits == 8, "words of ", bits, " bits");
  R1V_CHECK(order == WordOrder::ascending || bits == 4, "only nibbles are interleaved");
  if (order == WordOrder::interleaved) return {0, 2, 4, 6, 1, 3, 5, 7};
  return {0, 1, 2, 3, 4, 5, 6, 7};
}

struct Row {
  const float* scales;
  const float* zeros;
  const int64_t* index;  // group of every input; null: groups of group_size inputs, in order
  int64_t inputs;
  int64_t group_size;
  float* out;
};

template <typename Integer>  // signed or unsigned bytes
void dequantise_row(const Integer* values, const Row& row) {
  if (row.index != nullptr) {
    for (int64_t i = 0; i < row.inputs; ++i) {
      row.out[i] = (static_cast<float>(values[i]) - row.zeros[row.index[i]]) * row.scales[row.index[i]];
    }
    return;
  }
  for (int64_t begin = 0; begin < row.inputs; begin += row.group_size) {
    const float zero = row.zeros[begin / row.group_size], scale = row.scales[begin / row.group_size];
    for (int64_t i = begin; i < begin + row.group_size; ++i) {
      row.out[i] = (static_cast<float>(values[i]) - zero) * scale;
    }
  }
}

}  // namespace

at::Tensor unpack_words(const at::Tensor& words_RW, int64_t bits, WordOrder order) {
  R1V_CHECK(words_RW.dim() == 2 && words_RW.scalar_type() == at::kInt, "unpack_words wants int32 [R, W]");
  const std::array<int64_t, 8> place = places(bits, order);
  const int64_t a_word = kWordBits / bits, width = words_RW.size(1);
  const uint32_t mask = (1u << bits) - 1;
  const at::Tensor words = words_RW.contiguous();
  at::Tensor values = at::empty({words_RW.size(0), width * a_word}, at::kByte);
  const auto* in = static_cast<const int32_t*>(words.const_data_ptr());
  auto* out = values.data_ptr<uint8_t>();
  at::parallel_for(0, words_RW.size(0), kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t w = begin * width; w < end * width; ++w) {
      const auto word = static_cast<uint32_t>(in[w]);
      for (int64_t i = 0; i < a_word; ++i) {
        out[w * a_word + place[static_cast<size_t>(i)]] = static_cast<uint8_t>(word >> (i * bits) & mask);
      }
    }
  });
  return values;
}

at::Tensor pack_words(const at::Tensor& values_RC, int64_t bits, WordOrder order) {
  R1V_CHECK(values_RC.dim() == 2 && values_RC.scalar_type() == at::kByte, "pack_words wants uint8 [R, C]");
  const std::array<int64_t, 8> place = places(bits, order);
  const int64_t a_word = kWordBits / bits;
  R1V_CHECK(values_RC.size(1) % a_word == 0, values_RC.size(1), " values do not fill words of ", a_word);
  const int64_t width = values_RC.size(1) / a_word;
  const at::Tensor values = values_RC.contiguous();
  at::Tensor words = at::empty({values_RC.size(0), width}, at::kInt);
  const auto* in = values.const_data_ptr<uint8_t>();
  auto* out = words.data_ptr<int32_t>();
  at::parallel_for(0, values_RC.size(0), kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t w = begin * width; w < end * width; ++w) {
      uint32_t word = 0;
      for (int64_t i = 0; i < a_word; ++i) {
        word |= static_cast<uint32_t>(in[w * a_word + place[static_cast<size_t>(i)]]) << (i * bits);
      }
      out[w] = static_cast<int32_t>(word);
    }
  });
  return words;
}

at::Tensor dequantise(const IntegerGroups& groups, const at::Tensor& group_I) {
  const int64_t outputs = groups.values_OI.size(0), inputs = groups.values_OI.size(1);
  const int64_t num_groups = groups.scales_OG.size(1);
  R1V_CHECK(group_I.defined() || inputs % num_groups == 0, inputs, " inputs in ", num_groups, " groups");
  const at::Tensor scales_OG = groups.scales_OG.to(at::kFloat).contiguous();
  const at::Tensor zeros_OG = groups.zeros_OG.defined()
                                  ? groups.zeros_OG.to(at::kFloat).expand_as(scales_OG).contiguous()
                                  : at::zeros_like(scales_OG);
  const at::Tensor values_OI = groups.values_OI.contiguous();
  const at::Tensor index_I = group_I.defined() ? group_I.contiguous() : at::Tensor();
  at::Tensor out_OI = at::empty({outputs, inputs}, at::kFloat);
  const bool is_signed = values_OI.scalar_type() == at::kChar;
  R1V_CHECK(is_signed || values_OI.scalar_type() == at::kByte, "integers are int8 or uint8");
  at::parallel_for(0, outputs, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; ++o) {
      const Row row{.scales = scales_OG.const_data_ptr<float>() + o * num_groups,
                    .zeros = zeros_OG.const_data_ptr<float>() + o * num_groups,
                    .index = index_I.defined() ? index_I.const_data_ptr<int64_t>() : nullptr,
                    .inputs = inputs,
                    .group_size = inputs / num_groups,
                    .out = out_OI.data_ptr<float>() + o * inputs};
      if (is_signed)
        dequantise_row(values_OI.const_data_ptr<int8_t>() + o * inputs, row);
      else
        dequantise_row(values_OI.const_data_ptr<uint8_t>() + o * inputs, row);
    }
  });
  return out_OI;
}

at::Tensor nearest_values(const at::Tensor& weight_OI, const at::Tensor& scales_OG, const at::Tensor& zeros_OG,
                          int64_t bits) {
  const at::Tensor in_groups = weight_OI.reshape({weight_OI.size(0), scales_OG.size(1), -1});
  const at::Tensor steps = at::round(in_groups / scales_OG.to(at::kFloat).unsqueeze(2));
  const double top = static_cast<double>((1 << bits) - 1);
  return (steps + zeros_OG.to(at::kFloat).unsqueeze(2)).clamp(0, top).to(at::kByte).view(weight_OI.sizes());
}

IntegerGroups quantise_groups(const at::Tensor& weight_OI, int64_t group_size, int64_t bits) {
  R1V_CHECK(weight_OI.size(1) % group_size == 0, weight_OI.size(1), " inputs in groups of ", group_size);
  const at::Tensor in_groups = weight_OI.reshape({weight_OI.size(0), -1, group_size});
  const double top = static_cast<double>((1 << bits) - 1);
  const at::Tensor low = in_groups.amin(2).clamp_max(0), high = in_groups.amax(2).clamp_min(0);
  const at::Tensor scales_OG = ((high - low) / top).clamp_min(kSmallest).to(at::kHalf);
  const at::Tensor zeros_OG = at::round(-low / scales_OG.to(at::kFloat)).clamp(0, top).to(at::kByte);
  return {
      .values_OI = nearest_values(weight_OI, scales_OG, zeros_OG, bits), .scales_OG = scales_OG, .zeros_OG = zeros_OG};
}

IntegerGroups quantise_rows(const at::Tensor& weight_OI, at::ScalarType scale_dtype) {
  constexpr double kTop = 127;  // -128 stays unused: symmetric
  const at::Tensor largest_O1 = weight_OI.abs().amax(1, /*keepdim=*/true);
  const at::Tensor scales_O1 = (largest_O1 / kTop).clamp_min(kSmallest * 1e-3).to(scale_dtype);
  const at::Tensor values = at::round(weight_OI / scales_O1.to(at::kFloat)).clamp(-kTop, kTop).to(at::kChar);
  return {.values_OI = values, .scales_OG = scales_O1, .zeros_OG = {}};
}

}  // namespace r1v
