// The limits' loops for AVX-512 with VNNI: 64 bytes a load, 16 float or 64 byte multiply-adds an instruction.
#include <immintrin.h>

#include "kernels/machine_limits_loops.h"

namespace r1v {
namespace {

constexpr int kSums = 16;  // hides the latency of two instructions a cycle

int64_t read(const uint8_t* from, int64_t bytes) {
  constexpr int kLoads = 8;
  constexpr int64_t kAhead = 2048;  // bytes
  __m512i sums[kLoads] = {};
  for (int64_t at = 0; at < bytes; at += kLoads * 64) {
#pragma GCC unroll 8
    for (int i = 0; i < kLoads; ++i) {
      _mm_prefetch(reinterpret_cast<const char*>(from + at + kAhead + 64 * i), _MM_HINT_T0);
      sums[i] = _mm512_add_epi64(sums[i], _mm512_load_si512(from + at + 64 * i));
    }
  }
  for (int i = 1; i < kLoads; ++i) sums[0] = _mm512_add_epi64(sums[0], sums[i]);
  alignas(64) int64_t words[8];
  _mm512_store_si512(words, sums[0]);
  uint64_t sum = 0;  // wraps: all that matters is that every byte was read
  for (const int64_t word : words) sum += static_cast<uint64_t>(word);
  return static_cast<int64_t>(sum);
}

float multiply_add(int64_t rounds) {
  const __m512 factor = _mm512_set1_ps(0.999f), term = _mm512_set1_ps(1e-3f);
  __m512 sums[kSums];
  for (int i = 0; i < kSums; ++i) sums[i] = _mm512_set1_ps(static_cast<float>(i));  // differ, so that none is left out
  for (int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 16
    for (int i = 0; i < kSums; ++i) sums[i] = _mm512_fmadd_ps(sums[i], factor, term);
  }
  for (int i = 1; i < kSums; ++i) sums[0] = _mm512_add_ps(sums[0], sums[i]);
  return _mm512_cvtss_f32(sums[0]);
}

float multiply_bytes(int64_t rounds) {
  __m512i left = _mm512_set1_epi8(3);
  const __m512i right = _mm512_set1_epi8(2);
  __m512i sums[kSums];
  for (int i = 0; i < kSums; ++i) sums[i] = _mm512_set1_epi32(i);  // differ, so that none is left out
  for (int64_t round = 0; round < rounds; ++round) {
    __asm__ volatile("" : "+v"(left));  // so that rounds are not joined
#pragma GCC unroll 16
    for (int i = 0; i < kSums; ++i) sums[i] = _mm512_dpbusd_epi32(sums[i], left, right);
  }
  for (int i = 1; i < kSums; ++i) sums[0] = _mm512_add_epi32(sums[0], sums[i]);
  return static_cast<float>(_mm512_cvtsi512_si32(sums[0]));
}

}  // namespace

constinit const LimitLoops kLimitLoopsAvx512 = {.name = "avx512 vnni",
                                                .read = read,
                                                .float32 = {.run = multiply_add, .operations = kSums * 16 * 2},
                                                .int8 = {.run = multiply_bytes, .operations = kSums * 64 * 2}};

}  // namespace r1v
