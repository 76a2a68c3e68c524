// Scales are searched for: several first guesses, each improved by least squares, and the one with the smallest squared
// error stays. The format only says what a block means, not how it is found; other writers weigh errors otherwise.
#include "io/ggml_blocks_k.h"

#include <c10/util/Half.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace r1v {
namespace {

constexpr int kValues = 256;
constexpr int kGuesses = 9;  // first guesses on each side of the plain one

// Stores the float16 nearest to `value` and returns what a reader will see.
float put_half(float value, uint8_t* bytes) {
  const c10::Half half(value);
  std::memcpy(bytes, &half.x, sizeof half.x);
  return half;
}

int nearest(float value, int least, int most) {
  return static_cast<int>(std::clamp(std::nearbyint(value), static_cast<float>(least), static_cast<float>(most)));
}

float ratio(float value, float unit) { return unit == 0.0F ? 0.0F : value / unit; }

// value = scale * number - minimum, numbers 0 to 15, minimum not negative.
struct Line {
  float scale = 0.0F;
  float minimum = 0.0F;
};

double squared_error(const float* values, int count, const int* numbers, Line line) {
  double sum = 0.0;
  for (int i = 0; i < count; ++i) {
    const double error = line.scale * static_cast<float>(numbers[i]) - line.minimum - values[i];
    sum += error * error;
  }
  return sum;
}

// The line of least squares through (number, value); without a minimum where it would be negative.
Line fit_line(const float* values, int count, const int* numbers) {
  double n = 0.0, nn = 0.0, v = 0.0, nv = 0.0;
  for (int i = 0; i < count; ++i) {
    n += numbers[i];
    nn += static_cast<double>(numbers[i]) * numbers[i];
    v += values[i];
    nv += static_cast<double>(numbers[i]) * values[i];
  }
  const double determinant = count * nn - n * n;
  if (determinant > 0.0) {
    const double minimum = (n * nv - nn * v) / determinant;
    if (minimum >= 0.0) {
      return {static_cast<float>((count * nv - n * v) / determinant), static_cast<float>(minimum)};
    }
  }
  return {nn > 0.0 ? static_cast<float>(nv / nn) : 0.0F, 0.0F};
}

Line best_line(const float* values, int count) {
  const float least = std::min(*std::min_element(values, values + count), 0.0F);
  const float largest = std::max(*std::max_element(values, values + count), 0.0F);
  if (largest == least) return {};
  Line best;
  double best_error = INFINITY;
  std::array<int, 32> numbers{};
  for (int guess = -kGuesses; guess <= kGuesses; ++guess) {
    const float per_scale = (15.0F + 0.1F * static_cast<float>(guess)) / (largest - least);
    for (int i = 0; i < count; ++i) numbers[static_cast<size_t>(i)] = nearest((values[i] - least) * per_scale, 0, 15);
    const Line line = fit_line(values, count, numbers.data());
    const double error = squared_error(values, count, numbers.data(), line);
    if (line.scale < 0.0F || error >= best_error) continue;
    best_error = error;
    best = line;
  }
  return best;
}

// value = scale * number, numbers -32 to 31; the scale may be negative.
float best_scale(const float* values, int count) {
  const float extreme =
      *std::max_element(values, values + count, [](float a, float b) { return std::abs(a) < std::abs(b); });
  if (extreme == 0.0F) return 0.0F;
  float best = 0.0F;
  double best_gain = -1.0;
  for (int guess = -kGuesses; guess <= kGuesses; ++guess) {
    const float per_scale = -(32.0F + 0.1F * static_cast<float>(guess)) / extreme;
    double nn = 0.0, nv = 0.0;
    for (int i = 0; i < count; ++i) {
      const double number = nearest(values[i] * per_scale, -32, 31);
      nn += number * number;
      nv += number * values[i];
    }
    // With the best scale nv / nn the squared error is the values' own minus this.
    const double gain = nn > 0.0 ? nv * nv / nn : 0.0;
    if (gain <= best_gain) continue;
    best_gain = gain;
    best = static_cast<float>(nn > 0.0 ? nv / nn : 0.0);
  }
  return best;
}

// Six bits each of eight scales and eight minima; the other way round of GroupScales in ggml_blocks.cpp.
void pack_sixes(const int* scales, const int* minima, uint8_t* packed) {
  for (int i = 0; i < 4; ++i) {
    packed[i] = static_cast<uint8_t>(scales[i] | (scales[i + 4] >> 4 << 6));
    packed[i + 4] = static_cast<uint8_t>(minima[i] | (minima[i + 4] >> 4 << 6));
    packed[i + 8] = static_cast<uint8_t>((scales[i + 4] & 15) | ((minima[i + 4] & 15) << 4));
  }
}

}  // namespace

void write_q4_k(const float* values, uint8_t* block) {
  std::array<Line, 8> lines;
  float largest_scale = 0.0F, largest_minimum = 0.0F;
  for (size_t g = 0; g < 8; ++g) {
    lines[g] = best_line(values + g * 32, 32);
    largest_scale = std::max(largest_scale, lines[g].scale);
    largest_minimum = std::max(largest_minimum, lines[g].minimum);
  }
  const float unit_scale = put_half(largest_scale / 63.0F, block);
  const float unit_minimum = put_half(largest_minimum / 63.0F, block + 2);
  int scales[8], minima[8];
  for (int g = 0; g < 8; ++g) {
    scales[g] = nearest(ratio(lines[static_cast<size_t>(g)].scale, unit_scale), 0, 63);
    minima[g] = nearest(ratio(lines[static_cast<size_t>(g)].minimum, unit_minimum), 0, 63);
  }
  pack_sixes(scales, minima, block + 4);
  std::memset(block + 16, 0, kValues / 2);
  for (int g = 0; g < 8; ++g) {
    const float scale = unit_scale * static_cast<float>(scales[g]);
    const float minimum = unit_minimum * static_cast<float>(minima[g]);
    for (int i = 0; i < 32; ++i) {
      const int number = nearest(ratio(values[g * 32 + i] + minimum, scale), 0, 15);
      block[16 + g / 2 * 32 + i] |= static_cast<uint8_t>(g % 2 == 0 ? number : number << 4);
    }
  }
}

void write_q6_k(const float* values, uint8_t* block) {
  std::array<float, 16> scales;
  for (size_t g = 0; g < 16; ++g) scales[g] = best_scale(values + g * 16, 16);
  const float extreme =
      *std::max_element(scales.begin(), scales.end(), [](float a, float b) { return std::abs(a) < std::abs(b); });
  const float unit = put_half(extreme / -128.0F, block + 208);
  std::memset(block, 0, 192);
  for (int g = 0; g < 16; ++g) {
    const int eighth = nearest(ratio(scales[static_cast<size_t>(g)], unit), -128, 127);
    block[192 + g] = static_cast<uint8_t>(static_cast<int8_t>(eighth));
    const float scale = unit * static_cast<float>(eighth);
    for (int i = 0; i < 16; ++i) {
      const int at = g * 16 + i;
      const int number = nearest(ratio(values[at], scale), -32, 31) + 32;
      const int run = at / 32;
      const int four = run % 4 < 2 ? number & 15 : (number & 15) << 4;
      block[run / 4 * 64 + run % 2 * 32 + at % 32] |= static_cast<uint8_t>(four);
      block[128 + run / 4 * 32 + at % 32] |= static_cast<uint8_t>(number >> 4 << (run % 4 * 2));
    }
  }
}

}  // namespace r1v
