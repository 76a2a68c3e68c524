// Products with packed weights: from one row (decoding) to thousands (prompts, picture towers).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/packed_weight.h"

namespace r1v {

/// y[m, o] (+)= sum over i of x[m, i] weight[o, i] (+ bias[o]), float32 in and out; strides in numbers.
///
/// Row m of y depends on row m of x alone, to the bit, whatever `rows`, the threads or the row's place are: every sum
/// is taken in one order. Integer formats round each row of x to int8 in groups of 32 to 128 inputs with a scale each
/// (absmax / 127) and add whole numbers; bfloat16 rounds x to bfloat16 where the processor multiplies bfloat16.
struct ProductTask {
  const float* x = nullptr;
  int64_t x_stride = 0;
  int64_t rows = 0;
  const float* bias = nullptr;  // [O] or null
  float* y = nullptr;
  int64_t y_stride = 0;
  bool adds = false;  // y += instead of y =
};
void packed_product(const PackedWeight& weight, const ProductTask& task);

/// Rounds a row of floats to int8 (-127..127) with a scale for every `group` inputs (a multiple of 32), as integer
/// products round x: the largest magnitude of a group becomes 127.
void round_to_int8(const float* x, int64_t inputs, int64_t group, int8_t* values, float* scales);

/// The definition: x W^T (+ b) with weight.unpack(), in plain operations. float32 [M, I] -> [M, O].
at::Tensor packed_product_reference(const PackedWeight& weight, const at::Tensor& x_MI, const at::Tensor& bias_O);

/// Every set of inner loops that this processor runs for a format, the one that packed_product takes first; and the
/// product with one of them.
std::vector<const ProductLoops*> product_loops(WeightFormat format);
void packed_product_with(const ProductLoops& loops, const PackedWeight& weight, const ProductTask& task);

/// What runs here for a format, for people: "avx512 vnni int8 activations", "plain C++".
std::string product_kernel_name(WeightFormat format);

}  // namespace r1v
