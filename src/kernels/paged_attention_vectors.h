// Vectors of the machine's own width, for the files of paged attention that are compiled once for each instruction set.
//
// Everything has internal linkage, for the reason given in lanes.h.
#pragma once

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include <cstdint>

namespace r1v {
namespace {

#define R1V_INLINE [[gnu::always_inline]] inline

#if defined(__AVX512F__)
constexpr int kWide = 16, kRowsAtOnce = 8;
#elif defined(__AVX2__)
constexpr int kWide = 8, kRowsAtOnce = 6;
#else
constexpr int kWide = 4, kRowsAtOnce = 4;
#endif

using Wide = float __attribute__((vector_size(4 * kWide)));
using WideWords = uint32_t __attribute__((vector_size(4 * kWide)));
using WideIntegers = int32_t __attribute__((vector_size(4 * kWide)));

R1V_INLINE Wide wide(float value) { return value - Wide{}; }

R1V_INLINE Wide load_wide(const float* from) {
  Wide lanes;
  __builtin_memcpy(&lanes, from, sizeof(lanes));
  return lanes;
}

// The AVX-512 forms have a mask of all ones: without it g++ 12 warns of an undefined source in its own header.

/// bfloat16: the upper half of a float.
R1V_INLINE Wide load_wide(const uint16_t* from) {
#if defined(__AVX512F__)
  const __m256i half = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  return reinterpret_cast<Wide>(reinterpret_cast<WideWords>(_mm512_maskz_cvtepu16_epi32(0xFFFF, half)) << 16);
#elif defined(__AVX2__)
  const __m128i half = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  return reinterpret_cast<Wide>(reinterpret_cast<WideWords>(_mm256_cvtepu16_epi32(half)) << 16);
#else
  return reinterpret_cast<Wide>(WideWords{from[0], from[1], from[2], from[3]} << 16);
#endif
}

/// Two integers of 16 bits in every lane.
using WidePairs = int16_t __attribute__((vector_size(4 * kWide)));

R1V_INLINE WidePairs load_pairs(const int16_t* from) {
  WidePairs pairs;
  __builtin_memcpy(&pairs, from, sizeof(pairs));
  return pairs;
}

R1V_INLINE WidePairs load_pairs(const int8_t* from) {
#if defined(__AVX512F__)
  const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  return reinterpret_cast<WidePairs>(_mm512_maskz_cvtepi8_epi16(0xFFFFFFFF, bytes));
#elif defined(__AVX2__)
  return reinterpret_cast<WidePairs>(_mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))));
#else
  return WidePairs{from[0], from[1], from[2], from[3], from[4], from[5], from[6], from[7]};
#endif
}

R1V_INLINE void store_pairs(int16_t* to, WidePairs pairs) { __builtin_memcpy(to, &pairs, sizeof(pairs)); }

/// One pair in all lanes.
R1V_INLINE WidePairs all_pairs(const int16_t* from) {
  int32_t pair = 0;
  __builtin_memcpy(&pair, from, sizeof(pair));
  return reinterpret_cast<WidePairs>(pair - WideIntegers{});
}

/// sums + the products of every lane's pairs, exactly.
R1V_INLINE WideIntegers dot_pairs(WideIntegers sums, WidePairs a, WidePairs b) {
#if defined(__AVX512F__)
  // in assembly, because GCC 12 copies the sums around the intrinsic
  asm("vpdpwssd %2, %1, %0" : "+v"(sums) : "v"(a), "v"(b));
  return sums;
#elif defined(__AVX2__)
  return sums +
         reinterpret_cast<WideIntegers>(_mm256_madd_epi16(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
#else
  const auto x = reinterpret_cast<WideIntegers>(a), y = reinterpret_cast<WideIntegers>(b);
  return sums + (x >> 16) * (y >> 16) + (x << 16 >> 16) * (y << 16 >> 16);
#endif
}

R1V_INLINE void store_wide(float* to, Wide lanes) { __builtin_memcpy(to, &lanes, sizeof(lanes)); }

/// Into the second-level cache: asking for the first takes its few places for outstanding lines, and is half as fast.
R1V_INLINE void fetch_line(const void* from) {
  __builtin_prefetch(from, 0, 2);
  asm volatile("");  // g++ drops calls of functions that do nothing but fetch
}

/// The largest lane, in no particular order.
template <typename Lanes>
R1V_INLINE auto largest_lane(Lanes lanes) {
  WideIntegers number;
  for (int i = 0; i < kWide; ++i) number[i] = i;
#pragma GCC unroll 8
  for (int step = kWide / 2; step > 0; step /= 2) {
    const Lanes other = __builtin_shuffle(lanes, number ^ step);
    lanes = lanes > other ? lanes : other;
  }
  return lanes[0];
}

R1V_INLINE Wide lane_numbers() {
  Wide numbers;
  for (int i = 0; i < kWide; ++i) numbers[i] = static_cast<float>(i);
  return numbers;
}

/// 2^x to one unit in the last place for -126 <= x <= 0, 2^-126 below: 2^n (n the nearest integer) times 2^r by a
/// polynomial of least relative error on |r| <= 1/2 (2e-9), exact at 0.
R1V_INLINE Wide power_of_two(Wide x) {
  x = x < wide(-126.0f) ? wide(-126.0f) : x;
  const Wide shifted = x + 0x1.8p23f;  // rounds to an integer, which stands in the low bits
  const Wide r = x - (shifted - 0x1.8p23f);
  constexpr float kCoefficients[] = {0x1.5f3e54p-10f, 0x1.3b2d4cp-7f, 0x1.c6aee8p-5f,
                                     0x1.ebfbdcp-3f,  0x1.62e430p-1f, 1.0f};
  Wide value = wide(0x1.41fbbcp-13f);
#pragma GCC unroll 8
  for (const float coefficient : kCoefficients) value = value * r + coefficient;
  return reinterpret_cast<Wide>(reinterpret_cast<WideWords>(value) + (reinterpret_cast<WideWords>(shifted) << 23));
}

/// step(0) .. step(count - 1), always written out: an array indexed by a loop would live in memory.
template <int kCount, typename Step>
R1V_INLINE void unrolled(const Step& step) {
#pragma GCC unroll 8
  for (int i = 0; i < kCount; ++i) step(i);
}

}  // namespace
}  // namespace r1v
