// From the canvas to the finished picture: pixel work that needs no Cairo (stamps, noise, JPEG).
#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "gym/canvas.h"

namespace r1v {

namespace {

/// Bilinear sample of a grid of values at (u, v) in grid units; nothing outside.
double sample(const std::vector<uint8_t>& grid, int columns, int rows, double u, double v) {
  const double column = std::floor(u), row = std::floor(v);
  double sum = 0;
  for (int dy = 0; dy <= 1; ++dy) {
    for (int dx = 0; dx <= 1; ++dx) {
      const int x = static_cast<int>(column) + dx, y = static_cast<int>(row) + dy;
      if (x >= 0 && x < columns && y >= 0 && y < rows) {
        sum += (dx ? u - column : 1 - (u - column)) * (dy ? v - row : 1 - (v - row)) *
               grid[static_cast<size_t>(y * columns + x)];
      }
    }
  }
  return sum;
}

uint32_t blend(uint32_t under, const Paint& paint, double coverage) {
  const double over[3] = {paint.blue, paint.green, paint.red};
  uint32_t out = 0;
  for (int i = 0; i < 3; ++i) {
    const double before = (under >> (8 * i)) & 0xFF;
    out |= static_cast<uint32_t>(std::lround(before + (255 * over[i] - before) * coverage)) << (8 * i);
  }
  return out;
}

void add_noise(Picture& picture, Rng& rng, int strength) {
  uint64_t bits = 0;
  for (size_t i = 0; i < picture.rgb.size(); ++i) {
    if (i % 8 == 0) {
      bits = rng.next();
    }
    const int change = static_cast<int>(((bits & 0xFF) * static_cast<uint64_t>(2 * strength + 1)) >> 8) - strength;
    bits >>= 8;
    picture.rgb[i] = static_cast<uint8_t>(std::clamp(picture.rgb[i] + change, 0, 255));
  }
}

}  // namespace

void Canvas::stamp(const std::vector<uint8_t>& coverage, int columns, int rows, double x, double y, double width,
                   double height, const Paint& paint, const std::string& label) {
  R1V_CHECK(coverage.size() == static_cast<size_t>(columns * rows), "stamp of ", columns, " x ", rows, " has ",
            coverage.size());
  const std::span<uint32_t> pixels = lock_pixels();
  double left = 1e9, right = -1e9, top = 1e9, bottom = -1e9;
  for (int py = std::max(0, static_cast<int>(y)); py < std::min<double>(this->height(), y + height); ++py) {
    for (int px = std::max(0, static_cast<int>(x)); px < std::min<double>(this->width(), x + width); ++px) {
      const double u = (px + 0.5 - x) / width * columns - 0.5, v = (py + 0.5 - y) / height * rows - 0.5;
      const double covered = sample(coverage, columns, rows, u, v) / 255;
      if (covered > 0.3) {
        left = std::min<double>(left, px), right = std::max(right, px + 1.0);
        top = std::min<double>(top, py), bottom = std::max(bottom, py + 1.0);
      }
      uint32_t& pixel = pixels[static_cast<size_t>(py * this->width() + px)];
      pixel = blend(pixel, paint, covered);
    }
  }
  unlock_pixels();
  R1V_CHECK(right > left, "an empty stamp for ", label);
  mark({.kind = "char",
        .label = label,
        .color = paint.name,
        .cx = (left + right) / 2,
        .cy = (top + bottom) / 2,
        .width = right - left,
        .height = bottom - top});
}

GymPicture Canvas::finish(Rng& rng, int level) {
  GymPicture out{.picture = {.width = width(), .height = height(), .rgb = {}}, .marks = take_marks()};
  const std::span<uint32_t> pixels = lock_pixels();
  out.picture.rgb.reserve(pixels.size() * 3);
  for (const uint32_t pixel : pixels) {
    for (const int shift : {16, 8, 0}) {
      out.picture.rgb.push_back(static_cast<uint8_t>((pixel >> shift) & 0xFF));
    }
  }
  if (level >= 2 && rng.chance(0.25)) {
    add_noise(out.picture, rng, static_cast<int>(rng.integer(2, level <= 2 ? 6 : 12)));
  }
  if (level >= 2 && rng.chance(0.1)) {
    const int quality = static_cast<int>(rng.integer(level <= 2 ? 80 : 60, 95));
    out.picture = decode_picture(encode_jpeg(out.picture, quality), "JPEG round trip");
  }
  return out;
}

}  // namespace r1v
