// Products of small float matrices out of registers, for the files that are compiled once for each instruction set.
#pragma once

#include "kernels/lanes.h"

namespace r1v {
namespace {

#ifdef __AVX512F__
constexpr int kTileRows = 8;  // 8 x 2 sums of sixteen floats fill half of the 32 registers
constexpr int kTileLanes = 2;
#else
constexpr int kTileRows = 6;  // 6 x 1 sums, each two of the 16 registers
constexpr int kTileLanes = 1;
#endif

/// A matrix whose element (row, k) is at data[row * row_stride + k * k_stride].
struct Strided {
  const float* data;
  int64_t row_stride;
  int64_t k_stride;
};

/// `rows` x (16 lanes) of c: (+)= a b.
template <int rows, int lanes, bool add>
R1V_LANES void tile(int64_t depth, const Strided& a, const float* b, int64_t b_stride, float* c, int64_t c_stride) {
  Lanes sums[rows][lanes];
#pragma GCC unroll 8
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 2
    for (int l = 0; l < lanes; ++l) sums[r][l] = add ? load(c + r * c_stride + l * kLanes) : splat(0.0f);
  }
  for (int64_t k = 0; k < depth; ++k) {
    Lanes row_of_b[lanes];
#pragma GCC unroll 2
    for (int l = 0; l < lanes; ++l) row_of_b[l] = load(b + k * b_stride + l * kLanes);
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) {
      const Lanes value = splat(a.data[r * a.row_stride + k * a.k_stride]);
#pragma GCC unroll 2
      for (int l = 0; l < lanes; ++l) sums[r][l] += value * row_of_b[l];
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 2
    for (int l = 0; l < lanes; ++l) store(c + r * c_stride + l * kLanes, sums[r][l]);
  }
}

template <int rows, bool add>
void tile_row(int64_t columns, int64_t depth, const Strided& a, const float* b, int64_t b_stride, float* c,
              int64_t c_stride) {
  int64_t column = 0;
  for (; column + kTileLanes * kLanes <= columns; column += kTileLanes * kLanes) {
    tile<rows, kTileLanes, add>(depth, a, b + column, b_stride, c + column, c_stride);
  }
  for (; column < columns; column += kLanes) tile<rows, 1, add>(depth, a, b + column, b_stride, c + column, c_stride);
}

/// c[rows, columns] = a[rows, depth] b[depth, columns], or c += where `add`. columns is a multiple of 16.
template <bool add>
void product(int64_t rows, int64_t columns, int64_t depth, Strided a, const float* b, int64_t b_stride, float* c,
             int64_t c_stride) {
  for (; rows >= kTileRows; rows -= kTileRows, a.data += kTileRows * a.row_stride, c += kTileRows * c_stride) {
    tile_row<kTileRows, add>(columns, depth, a, b, b_stride, c, c_stride);
  }
  for (; rows >= 2; rows -= 2, a.data += 2 * a.row_stride, c += 2 * c_stride) {
    tile_row<2, add>(columns, depth, a, b, b_stride, c, c_stride);
  }
  if (rows == 1) tile_row<1, add>(columns, depth, a, b, b_stride, c, c_stride);
}

/// Turns 16 x 16 numbers: log2(16) rounds, each swapping halves of pairs of rows.
R1V_LANES void transpose16(Lanes rows[kLanes]) {
#pragma GCC unroll 4
  for (int step = 1; step < kLanes; step *= 2) {
    IntLanes low, high;
#pragma GCC unroll 16
    for (int lane = 0; lane < kLanes; ++lane) {
      low[lane] = (lane & step) == 0 ? lane : lane - step + 16;
      high[lane] = (lane & step) == 0 ? lane + step : lane + 16;
    }
#pragma GCC unroll 16
    for (int row = 0; row < kLanes; ++row) {
      if ((row & step) != 0) continue;
      const Lanes a = rows[row], b = rows[row + step];
      rows[row] = __builtin_shuffle(a, b, low);
      rows[row + step] = __builtin_shuffle(a, b, high);
    }
  }
}

/// to[column * padded + row] = from[row, column]; rows up to `padded` (a multiple of 16) become zero.
template <typename Number>
void copy_turned(const Number* from, int64_t stride, int64_t rows, int64_t width, float* to, int64_t padded) {
  for (int64_t row = 0; row < padded; row += kLanes) {
    for (int64_t column = 0; column < width; column += kLanes) {
      Lanes block[kLanes];
#pragma GCC unroll 16
      for (int64_t r = 0; r < kLanes; ++r) {
        block[r] = row + r < rows ? load(from + (row + r) * stride + column) : splat(0.0f);
      }
      transpose16(block);
#pragma GCC unroll 16
      for (int64_t r = 0; r < kLanes; ++r) store(to + (column + r) * padded + row, block[r]);
    }
  }
}

/// to[row, column] = from[row, column] * scale; width is a multiple of 16.
template <typename Number>
void copy_rows(const Number* from, int64_t stride, int64_t rows, int64_t width, float scale, float* to) {
  for (int64_t row = 0; row < rows; ++row, from += stride, to += width) {
    for (int64_t column = 0; column < width; column += kLanes) store(to + column, load(from + column) * scale);
  }
}

template <typename Number>
void write_rows(const float* from, int64_t rows, int64_t width, float scale, Number* to, int64_t stride) {
  for (int64_t row = 0; row < rows; ++row, from += width, to += stride) {
    for (int64_t column = 0; column < width; column += kLanes) store(to + column, load(from + column) * scale);
  }
}

}  // namespace
}  // namespace r1v
