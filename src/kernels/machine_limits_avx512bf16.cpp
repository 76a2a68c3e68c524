// The limit of AVX512_BF16: 32 products of bfloat16 an instruction, pairs added to 16 floats.
#include <immintrin.h>

#include "kernels/machine_limits_loops.h"

namespace r1v {
namespace {

constexpr int kSums = 16;  // hides the latency of two instructions a cycle

float multiply_bfloat(int64_t rounds) {
  const __m512 values = _mm512_set1_ps(1e-3f);
  __m512bh left = _mm512_cvtne2ps_pbh(values, values);
  __m512 sums[kSums];
  for (int i = 0; i < kSums; ++i) sums[i] = _mm512_set1_ps(static_cast<float>(i));  // differ, so that none is left out
  for (int64_t round = 0; round < rounds; ++round) {
    __asm__ volatile("" : "+v"(left));  // so that rounds are not joined
#pragma GCC unroll 16
    for (int i = 0; i < kSums; ++i) sums[i] = _mm512_dpbf16_ps(sums[i], left, left);
  }
  for (int i = 1; i < kSums; ++i) sums[0] = _mm512_add_ps(sums[0], sums[i]);
  return _mm512_cvtss_f32(sums[0]);
}

}  // namespace

constinit const ArithmeticLoop kBfloatLimitLoop = {.run = multiply_bfloat, .operations = kSums * 32 * 2};

}  // namespace r1v
