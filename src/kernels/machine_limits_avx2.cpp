// The limits' loops for AVX2: 32 bytes a load, eight float multiply-adds an instruction.
#include <immintrin.h>

#include "kernels/machine_limits_loops.h"

namespace r1v {
namespace {

constexpr int kSums = 12;  // hides the latency of two multiply-adds a cycle, and fits into 16 registers

int64_t read(const uint8_t* from, int64_t bytes) {
  constexpr int kLoads = 8;
  constexpr int64_t kAhead = 2048;  // bytes
  __m256i sums[kLoads] = {};
  for (int64_t at = 0; at < bytes; at += kLoads * 32) {
    for (int line = 0; line < kLoads / 2; ++line) {
      _mm_prefetch(reinterpret_cast<const char*>(from + at + kAhead + 64 * line), _MM_HINT_T0);
    }
#pragma GCC unroll 8
    for (int i = 0; i < kLoads; ++i) {
      sums[i] = _mm256_add_epi64(sums[i], _mm256_load_si256(reinterpret_cast<const __m256i*>(from + at) + i));
    }
  }
  for (int i = 1; i < kLoads; ++i) sums[0] = _mm256_add_epi64(sums[0], sums[i]);
  return _mm256_extract_epi64(sums[0], 0) + _mm256_extract_epi64(sums[0], 1) + _mm256_extract_epi64(sums[0], 2) +
         _mm256_extract_epi64(sums[0], 3);
}

float multiply_add(int64_t rounds) {
  const __m256 factor = _mm256_set1_ps(0.999f), term = _mm256_set1_ps(1e-3f);
  __m256 sums[kSums];
  for (int i = 0; i < kSums; ++i) sums[i] = _mm256_set1_ps(static_cast<float>(i));  // differ, so that none is left out
  for (int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < kSums; ++i) sums[i] = _mm256_fmadd_ps(sums[i], factor, term);
  }
  for (int i = 1; i < kSums; ++i) sums[0] = _mm256_add_ps(sums[0], sums[i]);
  return _mm256_cvtss_f32(sums[0]);
}

float multiply_bytes(int64_t rounds) {
  constexpr int kByteSums = 8;
  __m256i left = _mm256_set1_epi8(3);
  const __m256i right = _mm256_set1_epi8(2), ones = _mm256_set1_epi16(1);
  __m256i sums[kByteSums] = {};
  for (int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 8
    for (int i = 0; i < kByteSums; ++i) {
      __asm__ volatile("" : "+x"(left));  // so that the product is taken anew
      sums[i] = _mm256_add_epi32(sums[i], _mm256_madd_epi16(_mm256_maddubs_epi16(left, right), ones));
    }
  }
  for (int i = 1; i < kByteSums; ++i) sums[0] = _mm256_add_epi32(sums[0], sums[i]);
  return static_cast<float>(_mm256_extract_epi32(sums[0], 0));
}

}  // namespace

constinit const LimitLoops kLimitLoopsAvx2 = {.name = "avx2",
                                              .read = read,
                                              .float32 = {.run = multiply_add, .operations = kSums * 8 * 2},
                                              .int8 = {.run = multiply_bytes, .operations = 8 * 32 * 2}};

}  // namespace r1v
