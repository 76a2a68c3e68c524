// Sixteen floats at a time in GCC's vector types, for the files that are compiled once for each instruction set.
//
// Everything here has internal linkage and calls nothing from outside: were an inline function of a shared header
// compiled for AVX-512 in one file and for plain x86-64 in another, the linker could keep the wrong one.
#pragma once

#include <cstdint>

namespace r1v {
namespace {

using Lanes = float __attribute__((vector_size(64)));
using IntLanes = int32_t __attribute__((vector_size(64)));
using WordLanes = uint32_t __attribute__((vector_size(64)));
using HalfLanes = uint16_t __attribute__((vector_size(32)));
using Bfloat = uint16_t;  // the upper half of a float

constexpr int64_t kLanes = 16;

#define R1V_LANES [[gnu::always_inline]] inline

R1V_LANES Lanes lane_numbers() { return Lanes{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}; }

R1V_LANES Lanes splat(float value) { return Lanes{} + value; }

R1V_LANES Lanes load(const float* from) {
  Lanes lanes;
  __builtin_memcpy(&lanes, from, sizeof(lanes));
  return lanes;
}

R1V_LANES Lanes load(const Bfloat* from) {
  HalfLanes half;
  __builtin_memcpy(&half, from, sizeof(half));
  return reinterpret_cast<Lanes>(__builtin_convertvector(half, WordLanes) << 16);
}

/// Upper halves after rounding to nearest, ties to even; NaN stays NaN.
R1V_LANES WordLanes bfloat_words(Lanes lanes) {
  const WordLanes word = reinterpret_cast<WordLanes>(lanes);
  const WordLanes rounded = (word + 0x7FFF + ((word >> 16) & 1)) >> 16;
  return lanes == lanes ? rounded : WordLanes{} + 0x7FC0;
}

R1V_LANES void store(float* to, Lanes lanes) { __builtin_memcpy(to, &lanes, sizeof(lanes)); }

R1V_LANES void store(Bfloat* to, Lanes lanes) {
  const HalfLanes half = __builtin_convertvector(bfloat_words(lanes), HalfLanes);
  __builtin_memcpy(to, &half, sizeof(half));
}

/// What storing as `Number` and loading again would give.
template <typename Number>
R1V_LANES Lanes rounded(Lanes lanes) {
  if constexpr (sizeof(Number) == sizeof(float)) {
    return lanes;
  } else {
    return reinterpret_cast<Lanes>(bfloat_words(lanes) << 16);
  }
}

/// The first `count` (below 16) numbers, the rest zero; and back.
template <typename Number>
R1V_LANES Lanes load_part(const Number* from, int64_t count) {
  Number part[kLanes] = {};
  for (int64_t i = 0; i < count; ++i) part[i] = from[i];
  return load(part);
}

template <typename Number>
R1V_LANES void store_part(Number* to, Lanes lanes, int64_t count) {
  Number part[kLanes];
  store(part, lanes);
  for (int64_t i = 0; i < count; ++i) to[i] = part[i];
}

R1V_LANES float sum(Lanes lanes) {
  float total = 0.0f;
  for (int64_t i = 0; i < kLanes; ++i) total += lanes[i];
  return total;
}

R1V_LANES Lanes larger(Lanes a, Lanes b) { return a > b ? a : b; }
R1V_LANES Lanes smaller(Lanes a, Lanes b) { return a < b ? a : b; }

/// exp to 2 units in the last place for -87 <= x <= 88, clamped outside (so never 0, infinity or NaN for numbers).
/// x = n ln 2 + r with |r| <= ln 2 / 2; exp(r) by its Taylor polynomial of degree 7 (next term below 6e-9).
R1V_LANES Lanes exp_lanes(Lanes x) {
  x = larger(smaller(x, splat(88.0f)), splat(-87.0f));
  const Lanes shifter = splat(0x1.8p23f);  // adding it rounds to an integer and leaves that in the low bits
  const Lanes shifted = x * 1.44269504089f + shifter;
  const Lanes n = shifted - shifter;
  const Lanes r = (x - n * 0x1.62e4p-1f) - n * 0x1.7f7d1cp-20f;  // ln 2 in two parts, the first exact when multiplied
  constexpr float kOverFactorial[] = {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f};
  Lanes value = splat(1.0f / 5040);
  for (const float coefficient : kOverFactorial) value = value * r + coefficient;
  const IntLanes exponent = (reinterpret_cast<IntLanes>(shifted) - reinterpret_cast<IntLanes>(shifter)) << 23;
  return reinterpret_cast<Lanes>(reinterpret_cast<IntLanes>(value) + exponent);
}

}  // namespace
}  // namespace r1v
