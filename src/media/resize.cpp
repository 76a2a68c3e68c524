// Weights, the plain passes, and the choice of a kernel. source: the algorithm of Pillow's Resample.c, described in
// resize.h and checked against Pillow by resize_test.cpp.
#include "media/resize.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace r1v {
namespace {

constexpr int kPrecisionBits = 22;
constexpr int kHalf = 1 << (kPrecisionBits - 1);
constexpr double kSupport = 2.0;  // bicubic reaches two pixels to each side

// Keys' cubic convolution with a = -0.5, in Pillow's order of operations.
double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

uint8_t clip_8bit(int fixed) { return static_cast<uint8_t>(std::clamp(fixed >> kPrecisionBits, 0, 255)); }

void horizontal_plain(const PixelRows& in, const WeightTable& weights, uint8_t* out, size_t out_stride) {
  for (int y = 0; y < in.height; ++y) {
    const uint8_t* row = in.data + static_cast<size_t>(y) * in.stride;
    uint8_t* out_row = out + static_cast<size_t>(y) * out_stride;
    for (size_t x = 0; x < weights.outputs; ++x) {
      const int32_t* weight = weights.weights + x * weights.stride;
      const uint8_t* pixel = row + static_cast<size_t>(weights.first[x]) * 3;
      int sum[3] = {kHalf, kHalf, kHalf};
      for (int i = 0; i < weights.count[x]; ++i, pixel += 3) {
        for (int c = 0; c < 3; ++c) sum[c] += pixel[c] * weight[i];
      }
      for (size_t c = 0; c < 3; ++c) out_row[3 * x + c] = clip_8bit(sum[c]);
    }
  }
}

void vertical_plain(const PixelRows& in, const WeightTable& weights, uint8_t* out, size_t out_stride) {
  const size_t bytes = static_cast<size_t>(in.width) * 3;
  std::vector<int> sums(bytes);
  for (size_t y = 0; y < weights.outputs; ++y) {
    std::fill(sums.begin(), sums.end(), kHalf);
    for (int i = 0; i < weights.count[y]; ++i) {
      const int32_t weight = weights.weights[y * weights.stride + static_cast<size_t>(i)];
      const uint8_t* row = in.data + static_cast<size_t>(weights.first[y] + i) * in.stride;
      for (size_t x = 0; x < bytes; ++x) sums[x] += row[x] * weight;
    }
    for (size_t x = 0; x < bytes; ++x) out[y * out_stride + x] = clip_8bit(sums[x]);
  }
}

// See WeightTable::halves.
std::vector<int16_t> split_weights(const std::vector<int32_t>& weights) {
  std::vector<int16_t> halves(weights.size() * 2);
  for (size_t i = 0; i < weights.size(); ++i) {
    const size_t place = i / 4 * 8 + i % 4;
    halves[place] = static_cast<int16_t>(weights[i] & 0x3FFF);
    halves[place + 4] = static_cast<int16_t>(weights[i] >> 14);
  }
  return halves;
}

Picture empty_picture(int width, int height) {
  Picture picture{.width = width, .height = height};
  picture.rgb.resize(static_cast<size_t>(width) * static_cast<size_t>(height) * 3);
  return picture;
}

PixelRows rows_of(const Picture& picture) {
  return {.data = picture.rgb.data(),
          .stride = static_cast<size_t>(picture.width) * 3,
          .width = picture.width,
          .height = picture.height};
}

Picture resize_width(const Picture& in, int width, const ResizeKernel& kernel) {
  Picture out = empty_picture(width, in.height);
  kernel.horizontal(rows_of(in), bicubic_weights(in.width, width).table(), out.rgb.data(),
                    static_cast<size_t>(width) * 3);
  return out;
}

Picture resize_height(const Picture& in, int height, const ResizeKernel& kernel) {
  Picture out = empty_picture(in.width, height);
  kernel.vertical(rows_of(in), bicubic_weights(in.height, height).table(), out.rgb.data(),
                  static_cast<size_t>(in.width) * 3);
  return out;
}

const ResizeKernel& fastest_kernel() { return __builtin_cpu_supports("avx2") ? kResizeAvx2 : kResizePlain; }

}  // namespace

const ResizeKernel kResizePlain{.horizontal = horizontal_plain, .vertical = vertical_plain};

ResizeWeights bicubic_weights(int in_size, int out_size) {
  const double scale = static_cast<double>(in_size) / out_size;
  const double filter_scale = std::max(scale, 1.0);
  const double support = kSupport * filter_scale;
  ResizeWeights result;
  result.stride = (static_cast<size_t>(std::ceil(support)) * 2 + 1 + 3) / 4 * 4;
  std::vector<double> exact(result.stride);
  for (int out = 0; out < out_size; ++out) {
    const double center = (out + 0.5) * scale;
    const int first = std::max(static_cast<int>(center - support + 0.5), 0);
    const int count = std::min(static_cast<int>(center + support + 0.5), in_size) - first;
    double sum = 0.0;
    for (int i = 0; i < count; ++i) {
      exact[static_cast<size_t>(i)] = bicubic((i + first - center + 0.5) * (1.0 / filter_scale));
      sum += exact[static_cast<size_t>(i)];
    }
    for (size_t i = 0; i < result.stride; ++i) {
      const double share = i < static_cast<size_t>(count) ? exact[i] / sum : 0.0;
      result.weights.push_back(static_cast<int32_t>(share * (1 << kPrecisionBits) + (share < 0 ? -0.5 : 0.5)));
    }
    result.first.push_back(first);
    result.count.push_back(count);
  }
  result.halves = split_weights(result.weights);
  return result;
}

Picture resize_bicubic(const Picture& picture, int width, int height) {
  return resize_bicubic(picture, width, height, fastest_kernel());
}

Picture resize_bicubic(const Picture& picture, int width, int height, const ResizeKernel& kernel) {
  R1V_CHECK(picture.width > 0 && picture.height > 0 && width > 0 && height > 0, "resize from ", picture.width, " x ",
            picture.height, " to ", width, " x ", height);
  if (width == picture.width && height == picture.height) return picture;
  if (width == picture.width) return resize_height(picture, height, kernel);
  if (height == picture.height) return resize_width(picture, width, kernel);
  const bool is_vertical_first = height < picture.height && picture.height - height > 2 * (picture.width - width);
  return is_vertical_first ? resize_width(resize_height(picture, height, kernel), width, kernel)
                           : resize_height(resize_width(picture, width, kernel), height, kernel);
}

}  // namespace r1v
