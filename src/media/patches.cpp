// Sizes in double precision as Python computes them; pixels by Pillow's resize and one table a channel.
#include "media/patches.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "media/resize.h"

namespace r1v {
namespace {

constexpr double kMaxAspect = 200.0;
constexpr int64_t kMaxSide = int64_t{1} << 28;  // pixels; the product of two such sides still fits

/// Python's round(): half to even, which is what the default rounding mode does.
int64_t round_to(int64_t value, int64_t factor) {
  return static_cast<int64_t>(std::nearbyint(static_cast<double>(value) / static_cast<double>(factor))) * factor;
}

std::array<std::array<float, 256>, 3> normalisation_tables(const PatchLimits& limits) {
  std::array<std::array<float, 256>, 3> tables;
  for (size_t c = 0; c < 3; ++c) {
    for (size_t byte = 0; byte < 256; ++byte) {
      // the reference scales in double precision and rounds, then normalises in single
      const auto unit = static_cast<float>(static_cast<double>(byte) * (1.0 / 255.0));
      tables[c][byte] = (unit - limits.mean[c]) / limits.deviation[c];
    }
  }
  return tables;
}

/// One patch: frames equal copies of every channel.
float* write_patch(const Picture& picture, int64_t top, int64_t left, const PatchLimits& limits,
                   const std::array<std::array<float, 256>, 3>& tables, float* out) {
  for (size_t channel = 0; channel < 3; ++channel) {
    for (int64_t frame = 0; frame < limits.frames; ++frame) {
      for (int64_t y = 0; y < limits.patch; ++y) {
        const uint8_t* in =
            picture.rgb.data() +
            (static_cast<size_t>(top + y) * static_cast<size_t>(picture.width) + static_cast<size_t>(left)) * 3;
        for (int64_t x = 0; x < limits.patch; ++x) *out++ = tables[channel][in[static_cast<size_t>(x) * 3 + channel]];
      }
    }
  }
  return out;
}

}  // namespace

PictureSize smart_resize(int64_t height, int64_t width, const PatchLimits& limits) {
  if (width < 1 || height < 1) throw InputError(cat("picture of ", width, " x ", height, " pixels: empty"));
  if (width > kMaxSide || height > kMaxSide) {
    throw InputError(cat("picture of ", width, " x ", height, " pixels: expected at most ", kMaxSide, " a side"));
  }
  const auto h = static_cast<double>(height), w = static_cast<double>(width);
  if (std::max(h, w) / std::min(h, w) > kMaxAspect) {
    throw InputError(cat("picture of ", width, " x ", height, " pixels: one side is more than ", kMaxAspect,
                         " times the other, which this model does not take; cut the picture"));
  }
  const int64_t factor = limits.factor();
  const auto step = static_cast<double>(factor);
  PictureSize size{.height = round_to(height, factor), .width = round_to(width, factor)};
  const auto down = [&](double side, double beta) {
    return std::max(factor, static_cast<int64_t>(std::floor(side / beta / step)) * factor);
  };
  const auto up = [&](double side, double beta) {
    return static_cast<int64_t>(std::ceil(side * beta / step)) * factor;
  };
  if (size.height * size.width > limits.max_pixels) {
    const double beta = std::sqrt(h * w / static_cast<double>(limits.max_pixels));
    size = {.height = down(h, beta), .width = down(w, beta)};
  } else if (size.height * size.width < limits.min_pixels) {
    const double beta = std::sqrt(static_cast<double>(limits.min_pixels) / (h * w));
    size = {.height = up(h, beta), .width = up(w, beta)};
  }
  if (size.height < factor || size.width < factor) {
    throw InputError(cat("picture of ", width, " x ", height, " pixels: too thin for cells of ", factor, " pixels"));
  }
  return size;
}

PictureGrid patch_grid(int64_t height, int64_t width, const PatchLimits& limits) {
  const PictureSize size = smart_resize(height, width, limits);
  return {.frames = 1, .rows = size.height / limits.patch, .columns = size.width / limits.patch};
}

int64_t patch_tokens(const PictureGrid& grid, const PatchLimits& limits) {
  return grid.patches() / (limits.merge * limits.merge);
}

at::Tensor picture_patches_NF(const Picture& picture, const PatchLimits& limits) {
  const PictureSize size = smart_resize(picture.height, picture.width, limits);
  const bool has_size = picture.height == size.height && picture.width == size.width;
  const Picture resized =
      has_size ? Picture() : resize_bicubic(picture, static_cast<int>(size.width), static_cast<int>(size.height));
  const Picture& whole = has_size ? picture : resized;
  const int64_t rows = size.height / limits.patch, columns = size.width / limits.patch;
  at::Tensor patches_NF = at::empty({rows * columns, limits.row_width()}, at::kFloat);
  const auto tables = normalisation_tables(limits);
  auto* out = patches_NF.mutable_data_ptr<float>();
  for (int64_t cell_row = 0; cell_row < rows; cell_row += limits.merge) {
    for (int64_t cell_column = 0; cell_column < columns; cell_column += limits.merge) {
      for (int64_t i = 0; i < limits.merge * limits.merge; ++i) {
        out = write_patch(whole, (cell_row + i / limits.merge) * limits.patch,
                          (cell_column + i % limits.merge) * limits.patch, limits, tables, out);
      }
    }
  }
  return patches_NF;
}

}  // namespace r1v
