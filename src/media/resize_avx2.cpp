// The resize passes with AVX2: 22-bit weights split into two 16-bit halves, so that one multiply-add takes 16 products.
#include <immintrin.h>

#include <cstring>

#include "media/resize.h"

namespace r1v {
namespace {

// weight = high * 2^14 + low with 0 <= low < 2^14; sums of both halves recombine exactly, modulo 2^32.
constexpr int kLowBits = 14;
constexpr int kPrecisionBits = 22;
// Loops over it are unrolled by pragma: -O2 alone keeps the sums in memory instead of registers.
constexpr int kRowsAtOnce = 4;

// Sums of low and high products to 32-bit results: recombined, rounded, shifted down.
__m256i finish(__m256i low, __m256i high) {
  const __m256i half = _mm256_set1_epi32(1 << (kPrecisionBits - 1));
  const __m256i sum = _mm256_add_epi32(_mm256_add_epi32(low, _mm256_slli_epi32(high, kLowBits)), half);
  return _mm256_srai_epi32(sum, kPrecisionBits);
}

// --- horizontal ---

// Four pixels (12 of the 16 bytes at `pixels`) as pairs of 16-bit values:
// R0 R1 G0 G1 B0 B1 0 0 | R2 R3 G2 G3 B2 B3 0 0.
__m256i load_pairs(const uint8_t* pixels) {
  const __m256i order = _mm256_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1,  //
                                         6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1);
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(pixels));
  return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), order);
}

// Four weights as pairs: the first pair in every 32-bit field of the lower half, the second in the upper half.
__m256i load_weights(const int16_t* weights) {
  const __m256i order = _mm256_setr_epi8(0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3,  //
                                         4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7);
  long long bits = 0;  // NOLINT(google-runtime-int): the intrinsic's type
  std::memcpy(&bits, weights, sizeof(bits));
  return _mm256_shuffle_epi8(_mm256_set1_epi64x(bits), order);
}

// One output pixel of kRowsAtOnce rows. Reads whole groups of four pixels; weights behind the run are zero.
// `out_bytes` is 4 where the byte behind the pixel belongs to the next one of the row, else 3.
void column(const uint8_t* const* rows, const int16_t* weights, int groups, uint8_t* const* out, size_t out_bytes) {
  __m256i low[kRowsAtOnce] = {};
  __m256i high[kRowsAtOnce] = {};
  for (int group = 0; group < groups; ++group) {
    const __m256i low_weights = load_weights(weights + 8 * group);
    const __m256i high_weights = load_weights(weights + 8 * group + 4);
#pragma GCC unroll 4
    for (int r = 0; r < kRowsAtOnce; ++r) {
      const __m256i pairs = load_pairs(rows[r] + 12 * group);
      low[r] = _mm256_add_epi32(low[r], _mm256_madd_epi16(pairs, low_weights));
      high[r] = _mm256_add_epi32(high[r], _mm256_madd_epi16(pairs, high_weights));
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < kRowsAtOnce; ++r) {
    // Add the halves (taps 0 1 and taps 2 3 of each group) before rounding.
    const __m256i low_sum = _mm256_add_epi32(low[r], _mm256_permute2x128_si256(low[r], low[r], 1));
    const __m256i high_sum = _mm256_add_epi32(high[r], _mm256_permute2x128_si256(high[r], high[r], 1));
    const __m128i value = _mm256_castsi256_si128(finish(low_sum, high_sum));
    const __m128i words = _mm_packs_epi32(value, value);
    const int pixel = _mm_cvtsi128_si32(_mm_packus_epi16(words, words));
    if (out_bytes == 4) {
      std::memcpy(out[r], &pixel, 4);
    } else {
      std::memcpy(out[r], &pixel, 3);
    }
  }
}

void horizontal_avx2(const PixelRows& in, const WeightTable& weights, uint8_t* out, size_t out_stride) {
  // The last group of a row may begin at its last pixel and is loaded as 16 bytes: 13 bytes behind the row are read, so
  // the rows that have less than that behind them take the plain way.
  const int last_rows = static_cast<int>((13 + in.stride - 1) / in.stride);
  int y = 0;
  for (; y + kRowsAtOnce + last_rows <= in.height; y += kRowsAtOnce) {
    for (size_t x = 0; x < weights.outputs; ++x) {
      const uint8_t* rows[kRowsAtOnce];
      uint8_t* targets[kRowsAtOnce];
#pragma GCC unroll 4
      for (int r = 0; r < kRowsAtOnce; ++r) {
        rows[r] = in.data + static_cast<size_t>(y + r) * in.stride + static_cast<size_t>(weights.first[x]) * 3;
        targets[r] = out + static_cast<size_t>(y + r) * out_stride + 3 * x;
      }
      column(rows, weights.halves + x * weights.stride * 2, (weights.count[x] + 3) / 4, targets,
             x + 1 < weights.outputs ? 4 : 3);
    }
  }
  const PixelRows rest{.data = in.data + static_cast<size_t>(y) * in.stride,
                       .stride = in.stride,
                       .width = in.width,
                       .height = in.height - y};
  kResizePlain.horizontal(rest, weights, out + static_cast<size_t>(y) * out_stride, out_stride);
}

// --- vertical ---

constexpr size_t kBytesAtOnce = 32;

// The weights of two rows as one pair of 16-bit values.
__m256i weight_pair(int32_t first, int32_t second) {
  return _mm256_set1_epi32(
      static_cast<int32_t>((static_cast<uint32_t>(first) & 0xFFFF) | static_cast<uint32_t>(second) << 16));
}

// 32 bytes of one output row: two input rows at a time, their bytes interleaved into pairs.
void block(const uint8_t* in, size_t stride, const int32_t* weights, int count, uint8_t* out) {
  constexpr int32_t kLowMask = (1 << kLowBits) - 1;
  const __m256i zero = _mm256_setzero_si256();
  __m256i low[4] = {};
  __m256i high[4] = {};
  for (int i = 0; i < count; i += 2) {
    const bool is_last = i + 1 == count;  // an odd row out is paired with itself at weight zero
    const uint8_t* row = in + static_cast<size_t>(i) * stride;
    const int32_t second = is_last ? 0 : weights[i + 1];
    const __m256i low_weights = weight_pair(weights[i] & kLowMask, second & kLowMask);
    const __m256i high_weights = weight_pair(weights[i] >> kLowBits, second >> kLowBits);
    const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row));
    const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(is_last ? row : row + stride));
    const __m256i front = _mm256_unpacklo_epi8(a, b);
    const __m256i back = _mm256_unpackhi_epi8(a, b);
    const __m256i pairs[4] = {_mm256_unpacklo_epi8(front, zero), _mm256_unpackhi_epi8(front, zero),
                              _mm256_unpacklo_epi8(back, zero), _mm256_unpackhi_epi8(back, zero)};
#pragma GCC unroll 4
    for (int p = 0; p < 4; ++p) {
      low[p] = _mm256_add_epi32(low[p], _mm256_madd_epi16(pairs[p], low_weights));
      high[p] = _mm256_add_epi32(high[p], _mm256_madd_epi16(pairs[p], high_weights));
    }
  }
  const __m256i words_0 = _mm256_packs_epi32(finish(low[0], high[0]), finish(low[1], high[1]));
  const __m256i words_1 = _mm256_packs_epi32(finish(low[2], high[2]), finish(low[3], high[3]));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm256_packus_epi16(words_0, words_1));
}

void vertical_avx2(const PixelRows& in, const WeightTable& weights, uint8_t* out, size_t out_stride) {
  const size_t bytes = static_cast<size_t>(in.width) * 3;
  const size_t done = bytes / kBytesAtOnce * kBytesAtOnce;
  for (size_t y = 0; y < weights.outputs; ++y) {
    const uint8_t* first_row = in.data + static_cast<size_t>(weights.first[y]) * in.stride;
    const int32_t* weight = weights.weights + y * weights.stride;
    for (size_t x = 0; x < done; x += kBytesAtOnce) {
      block(first_row + x, in.stride, weight, weights.count[y], out + y * out_stride + x);
    }
  }
  if (done == bytes) return;
  // The last columns, fewer than a vector: whole pixels, some of them for the second time.
  const size_t from = done / 3 * 3;
  const PixelRows rest{
      .data = in.data + from, .stride = in.stride, .width = static_cast<int>((bytes - from) / 3), .height = in.height};
  kResizePlain.vertical(rest, weights, out + from, out_stride);
}

}  // namespace

const ResizeKernel kResizeAvx2{.horizontal = horizontal_avx2, .vertical = vertical_avx2};

}  // namespace r1v
