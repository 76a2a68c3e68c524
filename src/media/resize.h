// Pillow's antialiased bicubic resize, bit for bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "io/picture.h"

namespace r1v {

/// What Pillow's Image.resize((width, height), BICUBIC) makes of an RGB picture: a = -0.5, support stretched by the
/// reduction, weights in 22-bit fixed point, horizontal pass first, 8-bit rounding after each pass; a pass that keeps
/// the size is left out. Takes the fastest kernel of this machine; all kernels give the same bytes.
Picture resize_bicubic(const Picture& picture, int width, int height);

/// For every output position the run of input positions it reads and their weights (22 fractional bits).
struct ResizeWeights {
  int stride = 0;  // weights kept for each output position; those beyond `count` are zero
  std::vector<int> first;
  std::vector<int> count;
  std::vector<int32_t> weights;
};

/// stride is a multiple of four.
ResizeWeights bicubic_weights(int in_size, int out_size);

/// Rows of interleaved 8-bit RGB somewhere in memory.
struct PixelRows {
  const uint8_t* data = nullptr;
  size_t stride = 0;  // bytes from row to row
  int width = 0;      // pixels
  int height = 0;
};

/// The two passes; `out` rows lie `out_stride` bytes apart.
/// horizontal   out gets in.height rows of weights.first.size() pixels; up to 13 bytes after each row are overwritten.
/// vertical     out gets weights.first.size() rows of in.width pixels.
struct ResizeKernel {
  void (*horizontal)(const PixelRows& in, const ResizeWeights& weights, uint8_t* out, size_t out_stride);
  void (*vertical)(const PixelRows& in, const ResizeWeights& weights, uint8_t* out, size_t out_stride);
};

extern const ResizeKernel kResizePlain;  // the definition, and the judge of the others
extern const ResizeKernel kResizeAvx2;   // needs a processor with AVX2

Picture resize_bicubic(const Picture& picture, int width, int height, const ResizeKernel& kernel);

}  // namespace r1v
