// Pillow's antialiased bicubic resize, bit for bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "io/picture.h"

namespace r1v {

/// What Pillow's Image.resize((width, height), BICUBIC) makes of an RGB picture: a = -0.5, support stretched by the
/// reduction, weights in 22-bit fixed point, 8-bit rounding after each pass; a pass that keeps the size is left out.
/// The horizontal pass comes first, unless the height shrinks by more than twice what the width loses (in pixels): so
/// does Pillow 13; Pillow 12 and older always begin with the horizontal one, and differ by a level here and there.
/// Takes the fastest kernel of this machine; all kernels give the same bytes.
Picture resize_bicubic(const Picture& picture, int width, int height);

/// Plain arrays, so that a file compiled for another instruction set instantiates nothing that others might link.
struct WeightTable {
  const int* first = nullptr;        // for every output position the first input position it reads
  const int* count = nullptr;        // and how many
  const int32_t* weights = nullptr;  // `stride` weights of 22 fractional bits for each; zero behind `count`
  const int16_t* halves = nullptr;   // the same in groups of four: 4 x (weight mod 2^14), then 4 x (weight >> 14)
  size_t stride = 0;                 // a multiple of four
  size_t outputs = 0;
};

/// Owns the arrays of a WeightTable.
struct ResizeWeights {
  std::vector<int> first;
  std::vector<int> count;
  std::vector<int32_t> weights;
  std::vector<int16_t> halves;
  size_t stride = 0;

  WeightTable table() const {
    return {.first = first.data(),
            .count = count.data(),
            .weights = weights.data(),
            .halves = halves.data(),
            .stride = stride,
            .outputs = first.size()};
  }
};

ResizeWeights bicubic_weights(int in_size, int out_size);

/// Rows of interleaved 8-bit RGB somewhere in memory.
struct PixelRows {
  const uint8_t* data = nullptr;
  size_t stride = 0;  // bytes from row to row
  int width = 0;      // pixels
  int height = 0;
};

/// The two passes; `out` rows lie `out_stride` bytes apart.
/// horizontal   out gets in.height rows of weights.outputs pixels.
/// vertical     out gets weights.outputs rows of in.width pixels.
struct ResizeKernel {
  void (*horizontal)(const PixelRows& in, const WeightTable& weights, uint8_t* out, size_t out_stride);
  void (*vertical)(const PixelRows& in, const WeightTable& weights, uint8_t* out, size_t out_stride);
};

extern const ResizeKernel kResizePlain;  // the definition, and the judge of the others
extern const ResizeKernel kResizeAvx2;   // needs a processor with AVX2

Picture resize_bicubic(const Picture& picture, int width, int height, const ResizeKernel& kernel);

}  // namespace r1v
