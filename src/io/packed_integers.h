// Small integers packed into int32 words, and groups of them that share a scale: the arithmetic of quantised weights.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>

namespace r1v {

/// Which value lies where in a word; the lowest bits come first.
enum class WordOrder {
  ascending,    // values 0 1 2 3 4 5 6 7
  interleaved,  // values 0 2 4 6 1 3 5 7: AutoAWQ's "GEMM" layout, 4 bits only
};

/// int32 [R, W] -> uint8 [R, W * 32 / bits], `bits` 4 or 8.
at::Tensor unpack_words(const at::Tensor& words_RW, int64_t bits, WordOrder order);

/// uint8 [R, C] -> int32 [R, C * bits / 32]; C must fill whole words, every value must fit.
at::Tensor pack_words(const at::Tensor& values_RC, int64_t bits, WordOrder order);

/// Weights of one matrix, O output rows and I input features in G groups of equal length.
struct IntegerGroups {
  at::Tensor values_OI;  // uint8 or int8
  at::Tensor scales_OG;  // any floating point
  at::Tensor zeros_OG;   // integers; undefined = all zero
};

/// (value - zero) * scale in float32: [O, I]. `group_I` (int64) names each input's group; undefined: groups of
/// consecutive inputs, I a multiple of G.
at::Tensor dequantise(const IntegerGroups& groups, const at::Tensor& group_I = {});

/// Nearest unsigned `bits`-bit values of weight_OI float32 with the given scales and zeros: clamp(round(w / scale) +
/// zero).
at::Tensor nearest_values(const at::Tensor& weight_OI, const at::Tensor& scales_OG, const at::Tensor& zeros_OG,
                          int64_t bits);

/// Asymmetric groups: the range of every group, zero included, over 2^bits - 1 steps. Scales are rounded to float16,
/// as they are stored, before values are chosen.
IntegerGroups quantise_groups(const at::Tensor& weight_OI, int64_t group_size, int64_t bits);

/// Symmetric int8 rows: scale = largest magnitude / 127, rounded to `scale_dtype` before values are chosen.
IntegerGroups quantise_rows(const at::Tensor& weight_OI, at::ScalarType scale_dtype);

}  // namespace r1v
