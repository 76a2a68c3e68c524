// Weights, the plain passes, and the choice of a kernel. source: the algorithm of Pillow's Resample.c, described in
// resize.h and checked against Pillow by resize_test.cpp.
#include "media/resize.h"

#include <algorithm>
#include <cmath>
#include <cstring>

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

void horizontal_plain(const PixelRows& in, const ResizeWeights& weights, uint8_t* out, size_t out_stride) {
  for (int y = 0; y < in.height; ++y) {
    const uint8_t* row = in.data + static_cast<size_t>(y) * in.stride;
    uint8_t* out_row = out + static_cast<size_t>(y) * out_stride;
    for (size_t x = 0; x < weights.first.size(); ++x) {
      const int32_t* weight = &weights.weights[x * static_cast<size_t>(weights.stride)];
      const uint8_t* pixel = row + static_cast<size_t>(weights.first[x]) * 3;
      int sum[3] = {kHalf, kHalf, kHalf};
      for (int i = 0; i < weights.count[x]; ++i, pixel += 3) {
        for (int c = 0; c < 3; ++c) sum[c] += pixel[c] * weight[i];
      }
      for (size_t c = 0; c < 3; ++c) out_row[3 * x + c] = clip_8bit(sum[c]);
    }
  }
}

void vertical_plain(const PixelRows& in, const ResizeWeights& weights, uint8_t* out, size_t out_stride) {
  const size_t bytes = static_cast<size_t>(in.width) * 3;
  std::vector<int> sums(bytes);
  for (size_t y = 0; y < weights.first.size(); ++y) {
    std::fill(sums.begin(), sums.end(), kHalf);
    for (int i = 0; i < weights.count[y]; ++i) {
      const int32_t weight = weights.weights[y * static_cast<size_t>(weights.stride) + static_cast<size_t>(i)];
      const uint8_t* row = in.data + static_cast<size_t>(weights.first[y] + i) * in.stride;
      for (size_t x = 0; x < bytes; ++x) sums[x] += row[x] * weight;
    }
    for (size_t x = 0; x < bytes; ++x) out[y * out_stride + x] = clip_8bit(sums[x]);
  }
}

const ResizeKernel& fastest_kernel() { return __builtin_cpu_supports("avx2") ? kResizeAvx2 : kResizePlain; }

}  // namespace

const ResizeKernel kResizePlain{.horizontal = horizontal_plain, .vertical = vertical_plain};

ResizeWeights bicubic_weights(int in_size, int out_size) {
  const double scale = static_cast<double>(in_size) / out_size;
  const double filter_scale = std::max(scale, 1.0);
  const double support = kSupport * filter_scale;
  ResizeWeights result;
  result.stride = (static_cast<int>(std::ceil(support)) * 2 + 1 + 3) / 4 * 4;
  result.weights.resize(static_cast<size_t>(out_size) * static_cast<size_t>(result.stride));
  std::vector<double> exact(static_cast<size_t>(result.stride));
  for (int out = 0; out < out_size; ++out) {
    const double center = (out + 0.5) * scale;
    const int first = std::max(static_cast<int>(center - support + 0.5), 0);
    const int count = std::min(static_cast<int>(center + support + 0.5), in_size) - first;
    double sum = 0.0;
    for (int i = 0; i < count; ++i) {
      exact[static_cast<size_t>(i)] = bicubic((i + first - center + 0.5) * (1.0 / filter_scale));
      sum += exact[static_cast<size_t>(i)];
    }
    int32_t* weight = &result.weights[static_cast<size_t>(out) * static_cast<size_t>(result.stride)];
    for (int i = 0; i < count; ++i) {
      const double share = (sum != 0.0 ? exact[static_cast<size_t>(i)] / sum : exact[static_cast<size_t>(i)]);
      weight[i] = static_cast<int32_t>(share * (1 << kPrecisionBits) + (share < 0 ? -0.5 : 0.5));
    }
    result.first.push_back(first);
    result.count.push_back(count);
  }
  return result;
}

Picture resize_bicubic(const Picture& picture, int width, int height) {
  return resize_bicubic(picture, width, height, fastest_kernel());
}

Picture resize_bicubic(const Picture& picture, int width, int height, const ResizeKernel& kernel) {
  R1V_CHECK(picture.width > 0 && picture.height > 0 && width > 0 && height > 0, "resize from ", picture.width, " x ",
            picture.height, " to ", width, " x ", height);
  if (width == picture.width && height == picture.height) return picture;
  PixelRows rows{.data = picture.rgb.data(), .stride = static_cast<size_t>(picture.width) * 3, .width = picture.width,
                 .height = picture.height};
  Picture out{.width = width, .height = height};
  const size_t out_stride = static_cast<size_t>(width) * 3;
  out.rgb.resize(out_stride * static_cast<size_t>(height));
  std::vector<uint8_t> wide;
  if (width != picture.width) {
    const size_t stride = (out_stride + 63) / 32 * 32;  // room for whole vectors behind each row
    wide.resize(stride * static_cast<size_t>(picture.height));
    kernel.horizontal(rows, bicubic_weights(picture.width, width), wide.data(), stride);
    rows = {.data = wide.data(), .stride = stride, .width = width, .height = picture.height};
  }
  if (height != picture.height) {
    kernel.vertical(rows, bicubic_weights(picture.height, height), out.rgb.data(), out_stride);
    return out;
  }
  for (int y = 0; y < height; ++y) {
    const auto row = static_cast<size_t>(y);
    std::memcpy(out.rgb.data() + row * out_stride, rows.data + row * rows.stride, out_stride);
  }
  return out;
}

}  // namespace r1v
