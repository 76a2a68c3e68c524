// The only file that includes FLINT and Arb: a number is an exact fraction or a complex ball that surely holds it.
#pragma once

#include <acb.h>
#include <flint/fmpq.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "verify/number.h"
#include "verify/origin.h"

namespace r1v {

// FLINT keeps constants and spare memory for every thread; they go when the thread ends.
struct FlintCache {
  ~FlintCache() { flint_cleanup(); }
  void hold() const {}  // naming the object makes the thread construct it, and so destroy it
};
inline thread_local const FlintCache flint_cache;

struct NumberValue {
  bool is_exact = true;
  fmpq_t exact;
  acb_t ball;
  Origin origin;  // of a ball

  NumberValue() {
    flint_cache.hold();
    fmpq_init(exact);
    acb_init(ball);
  }
  NumberValue(const NumberValue& other) : NumberValue() {
    is_exact = other.is_exact;
    origin = other.origin;
    fmpq_set(exact, other.exact);
    acb_set(ball, other.ball);
  }
  NumberValue& operator=(const NumberValue&) = delete;
  ~NumberValue() {
    fmpq_clear(exact);
    acb_clear(ball);
  }

  fmpz* numerator() { return fmpq_numref(exact); }
  fmpz* denominator() { return fmpq_denref(exact); }
  const fmpz* numerator() const { return fmpq_numref(exact); }
  const fmpz* denominator() const { return fmpq_denref(exact); }
  int64_t exact_bits() const {
    return static_cast<int64_t>(fmpz_bits(numerator())) + static_cast<int64_t>(fmpz_bits(denominator()));
  }
  /// log2 of the largest magnitude in the ball, or of the exact value to a bit; minus infinity for zero.
  double log2_upper() const {
    if (is_exact) {
      if (fmpq_is_zero(exact)) return -INFINITY;
      return static_cast<double>(fmpz_bits(numerator())) - static_cast<double>(fmpz_bits(denominator()));
    }
    mag_t size;
    mag_init(size);
    acb_get_mag(size, ball);
    const double result = mag_is_zero(size) ? -INFINITY : mag_get_d_log2_approx(size);
    mag_clear(size);
    return result;
  }
};

inline constexpr int64_t kMaxExactBits = 1 << 18;  // of numerator and denominator together, about 79,000 digits

}  // namespace r1v
