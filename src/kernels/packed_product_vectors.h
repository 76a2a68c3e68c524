// Sixteen floats or integers at a time in intrinsics, for the files that are compiled once for each instruction set.
//
// Intrinsics, unlike GCC's own vector types, say which multiply-add is one rounding, and reach the dot products of
// bytes. Everything has internal linkage; see kernels/lanes.h for the reason.
#pragma once

#include <immintrin.h>

#include <cstdint>

// GCC 12 takes the "undefined" argument inside AVX-512 intrinsics for a mistake (GCC bug 105593; fixed in GCC 13).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"

#define R1V_INLINE [[gnu::always_inline]] inline

namespace r1v {
namespace {

#ifdef __AVX512F__

constexpr int kRegisterSums = 24;   // of the 32 registers, for sums
constexpr int kSumsOfIntegers = 1;  // registers a sum: totals of groups may wait in the stack

using Floats = __m512;
using Ints = __m512i;

R1V_INLINE Floats no_floats() { return _mm512_setzero_ps(); }
R1V_INLINE Floats load_floats(const void* from) { return _mm512_loadu_ps(from); }
R1V_INLINE void store_floats(float* to, Floats a) { _mm512_storeu_ps(to, a); }
R1V_INLINE Floats all_floats(float a) { return _mm512_set1_ps(a); }
R1V_INLINE Floats multiply_add(Floats a, Floats b, Floats c) { return _mm512_fmadd_ps(a, b, c); }
R1V_INLINE Floats add(Floats a, Floats b) { return _mm512_add_ps(a, b); }
R1V_INLINE Floats multiply(Floats a, Floats b) { return _mm512_mul_ps(a, b); }
R1V_INLINE Floats as_floats(Ints a) { return _mm512_castsi512_ps(a); }
R1V_INLINE Ints as_ints(Floats a) { return _mm512_castps_si512(a); }
R1V_INLINE Floats to_floats(Ints a) { return _mm512_cvtepi32_ps(a); }
R1V_INLINE Ints to_nearest(Floats a) { return _mm512_cvtps_epi32(a); }
R1V_INLINE Floats load_halves(const void* from) {
  return _mm512_cvtph_ps(_mm256_loadu_si256(static_cast<const __m256i*>(from)));
}

R1V_INLINE Ints no_ints() { return _mm512_setzero_si512(); }
R1V_INLINE Ints load_ints(const void* from) { return _mm512_loadu_si512(from); }
R1V_INLINE Ints all_ints(int32_t a) { return _mm512_set1_epi32(a); }
R1V_INLINE Ints load_bytes(const void* from) {
  return _mm512_cvtepu8_epi32(_mm_loadu_si128(static_cast<const __m128i*>(from)));
}
R1V_INLINE Ints add(Ints a, Ints b) { return _mm512_add_epi32(a, b); }
R1V_INLINE Ints subtract(Ints a, Ints b) { return _mm512_sub_epi32(a, b); }
R1V_INLINE Ints multiply(Ints a, Ints b) { return _mm512_mullo_epi32(a, b); }
R1V_INLINE Ints both(Ints a, Ints b) { return _mm512_and_si512(a, b); }
R1V_INLINE Ints larger(Ints a, Ints b) { return _mm512_max_epi32(a, b); }
template <int bits>
R1V_INLINE Ints shift_left(Ints a) {
  return _mm512_slli_epi32(a, bits);
}
template <int bits>
R1V_INLINE Ints shift_right(Ints a) {
  return _mm512_srli_epi32(a, bits);
}
/// Stores the lowest bytes; every number is within -128..127 or does not matter.
R1V_INLINE void store_as_bytes(void* to, Ints a) {
  _mm_storeu_si128(static_cast<__m128i*>(to), _mm512_cvtsepi32_epi8(a));
}
R1V_INLINE int32_t largest(Ints a) { return _mm512_reduce_max_epi32(a); }
R1V_INLINE int32_t sum(Ints a) { return _mm512_reduce_add_epi32(a); }

/// Bytes as the dot products below take them, and what they take away from each of them.
struct EightBits {
  static constexpr int32_t kBias = 0;
  Ints bytes;
};
struct FourBits {
  static constexpr int32_t kBias = 0;
  Ints bytes;
};
R1V_INLINE EightBits eight_bits(Ints bytes) { return {bytes}; }
/// sums + the four products of unsigned and signed bytes in every lane, exactly. In assembly, because GCC 12 copies the
/// sums around each of these (as intrinsics), which takes twice the registers.
R1V_INLINE Ints dot(Ints sums, Ints unsigned_bytes, Ints signed_bytes) {
  asm("vpdpbusd %2, %1, %0" : "+v"(sums) : "v"(unsigned_bytes), "v"(signed_bytes));
  return sums;
}
R1V_INLINE Ints dot(Ints sums, const EightBits& a, Ints b) { return dot(sums, a.bytes, b); }
R1V_INLINE Ints dot(Ints sums, const FourBits& a, Ints b) { return dot(sums, a.bytes, b); }

#else

constexpr int kRegisterSums = 6;    // each two of the 16 registers
constexpr int kSumsOfIntegers = 2;  // registers a sum: one for the group, one for the total

struct Floats {
  __m256 a, b;
};
struct Ints {
  __m256i a, b;
};

R1V_INLINE Floats no_floats() { return {_mm256_setzero_ps(), _mm256_setzero_ps()}; }
R1V_INLINE Floats load_floats(const void* from) {
  return {_mm256_loadu_ps(static_cast<const float*>(from)), _mm256_loadu_ps(static_cast<const float*>(from) + 8)};
}
R1V_INLINE void store_floats(float* to, const Floats& x) {
  _mm256_storeu_ps(to, x.a);
  _mm256_storeu_ps(to + 8, x.b);
}
R1V_INLINE Floats all_floats(float x) {
  const __m256 all = _mm256_set1_ps(x);
  return {all, all};
}
R1V_INLINE Floats multiply_add(const Floats& x, const Floats& y, const Floats& z) {
  return {_mm256_fmadd_ps(x.a, y.a, z.a), _mm256_fmadd_ps(x.b, y.b, z.b)};
}
R1V_INLINE Floats add(const Floats& x, const Floats& y) { return {_mm256_add_ps(x.a, y.a), _mm256_add_ps(x.b, y.b)}; }
R1V_INLINE Floats multiply(const Floats& x, const Floats& y) {
  return {_mm256_mul_ps(x.a, y.a), _mm256_mul_ps(x.b, y.b)};
}
R1V_INLINE Floats as_floats(const Ints& x) { return {_mm256_castsi256_ps(x.a), _mm256_castsi256_ps(x.b)}; }
R1V_INLINE Ints as_ints(const Floats& x) { return {_mm256_castps_si256(x.a), _mm256_castps_si256(x.b)}; }
R1V_INLINE Floats to_floats(const Ints& x) { return {_mm256_cvtepi32_ps(x.a), _mm256_cvtepi32_ps(x.b)}; }
R1V_INLINE Ints to_nearest(const Floats& x) { return {_mm256_cvtps_epi32(x.a), _mm256_cvtps_epi32(x.b)}; }
R1V_INLINE Floats load_halves(const void* from) {
  const auto* const halves = static_cast<const __m128i*>(from);
  return {_mm256_cvtph_ps(_mm_loadu_si128(halves)), _mm256_cvtph_ps(_mm_loadu_si128(halves + 1))};
}

R1V_INLINE Ints no_ints() { return {_mm256_setzero_si256(), _mm256_setzero_si256()}; }
R1V_INLINE Ints load_ints(const void* from) {
  const auto* const ints = static_cast<const __m256i*>(from);
  return {_mm256_loadu_si256(ints), _mm256_loadu_si256(ints + 1)};
}
R1V_INLINE Ints all_ints(int32_t x) {
  const __m256i all = _mm256_set1_epi32(x);
  return {all, all};
}
R1V_INLINE Ints load_bytes(const void* from) {
  const __m128i bytes = _mm_loadu_si128(static_cast<const __m128i*>(from));
  return {_mm256_cvtepu8_epi32(bytes), _mm256_cvtepu8_epi32(_mm_srli_si128(bytes, 8))};
}
R1V_INLINE Ints add(const Ints& x, const Ints& y) { return {_mm256_add_epi32(x.a, y.a), _mm256_add_epi32(x.b, y.b)}; }
R1V_INLINE Ints subtract(const Ints& x, const Ints& y) {
  return {_mm256_sub_epi32(x.a, y.a), _mm256_sub_epi32(x.b, y.b)};
}
R1V_INLINE Ints multiply(const Ints& x, const Ints& y) {
  return {_mm256_mullo_epi32(x.a, y.a), _mm256_mullo_epi32(x.b, y.b)};
}
R1V_INLINE Ints both(const Ints& x, const Ints& y) { return {_mm256_and_si256(x.a, y.a), _mm256_and_si256(x.b, y.b)}; }
R1V_INLINE Ints larger(const Ints& x, const Ints& y) {
  return {_mm256_max_epi32(x.a, y.a), _mm256_max_epi32(x.b, y.b)};
}
template <int bits>
R1V_INLINE Ints shift_left(const Ints& x) {
  return {_mm256_slli_epi32(x.a, bits), _mm256_slli_epi32(x.b, bits)};
}
template <int bits>
R1V_INLINE Ints shift_right(const Ints& x) {
  return {_mm256_srli_epi32(x.a, bits), _mm256_srli_epi32(x.b, bits)};
}
R1V_INLINE __m128i packed_words(__m256i x) {
  return _mm_packs_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
}
/// Stores the lowest bytes; every number is within -128..127 or does not matter.
R1V_INLINE void store_as_bytes(void* to, const Ints& x) {
  _mm_storeu_si128(static_cast<__m128i*>(to), _mm_packs_epi16(packed_words(x.a), packed_words(x.b)));
}
R1V_INLINE int32_t largest(const Ints& x) {
  alignas(32) int32_t lanes[8];
  _mm256_store_si256(reinterpret_cast<__m256i*>(lanes), _mm256_max_epi32(x.a, x.b));
  int32_t most = lanes[0];
  for (const int32_t lane : lanes) most = lane > most ? lane : most;
  return most;
}
R1V_INLINE int32_t sum(const Ints& x) {
  alignas(32) int32_t lanes[8];
  _mm256_store_si256(reinterpret_cast<__m256i*>(lanes), _mm256_add_epi32(x.a, x.b));
  int32_t total = 0;
  for (const int32_t lane : lanes) total += lane;
  return total;
}

/// Bytes as the dot products below take them, and what they take away from each of them. Pairs of products are added in
/// 16 bits, where 255 * 127 * 2 does not fit: whole bytes therefore become signed, and their sign goes to the other
/// factor, so that 128 * 127 * 2 = 32512 is the most; 4 bits never come near.
struct EightBits {
  static constexpr int32_t kBias = 128;
  Ints bytes;  // signed
};
struct FourBits {
  static constexpr int32_t kBias = 0;
  Ints bytes;
};
R1V_INLINE EightBits eight_bits(const Ints& bytes) {
  const __m256i top = _mm256_set1_epi8(-128);
  return {{_mm256_xor_si256(bytes.a, top), _mm256_xor_si256(bytes.b, top)}};
}
R1V_INLINE __m256i add_pairs(__m256i sums, __m256i unsigned_bytes, __m256i signed_bytes) {
  const __m256i pairs = _mm256_maddubs_epi16(unsigned_bytes, signed_bytes);
  return _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}
/// sums + the four products of weight and signed bytes in every lane, exactly.
R1V_INLINE Ints dot(const Ints& sums, const EightBits& w, const Ints& x) {
  const __m256i a = w.bytes.a, b = w.bytes.b;
  return {add_pairs(sums.a, _mm256_abs_epi8(a), _mm256_sign_epi8(x.a, a)),
          add_pairs(sums.b, _mm256_abs_epi8(b), _mm256_sign_epi8(x.b, b))};
}
R1V_INLINE Ints dot(const Ints& sums, const FourBits& w, const Ints& x) {
  return {add_pairs(sums.a, w.bytes.a, x.a), add_pairs(sums.b, w.bytes.b, x.b)};
}

#endif

}  // namespace
}  // namespace r1v
