// How a number was made, and so how small it can be without being zero.
#pragma once

#include <algorithm>
#include <utility>

namespace r1v {

// A number made of fractions by + - * / and roots is the quotient of two
// algebraic integers whose conjugates are at most u and l, of degree at most D: if it is not zero, it is at least
// 1 / (u^(D-1) l) (Burnikel, Fleischer, Funke, Mehlhorn, Schirra, Schmitt: "A separation bound for real algebraic
// expressions", 2001). For other numbers (pi, e, sin, ln) no such bound is known; what counts there is the spread: the
// largest size, in bits, of any value on the way, because 1 + exp(-1000) differs from 1 only behind 1,442 bits.
struct Origin {
  bool is_algebraic = true;
  double upper = 0, lower = 0;  // log2 of u and l
  double degree = 1;
  double spread = 0;

  /// A value below 2^-bits of this origin is zero: proven for algebraic numbers, else accepted.
  double zero_bits() const {
    constexpr double kAccepted = 384;  // 115 decimal digits
    const double proven = (degree - 1) * upper + lower + 1;
    const double accepted = std::max(kAccepted, 8 * spread);
    return is_algebraic && proven < 4 * accepted ? std::max(proven, 0.0) : accepted;
  }
};

inline Origin joined(const Origin& a, const Origin& b) {
  return {.is_algebraic = a.is_algebraic && b.is_algebraic,
          .degree = a.degree * b.degree,
          .spread = std::max(a.spread, b.spread)};
}

inline Origin of_sum(const Origin& a, const Origin& b) {  // a/b + c/d = (ad + bc) / bd
  Origin out = joined(a, b);
  out.upper = std::max(a.upper + b.lower, a.lower + b.upper) + 1;
  out.lower = a.lower + b.lower;
  return out;
}

inline Origin of_product(const Origin& a, const Origin& b) {
  Origin out = joined(a, b);
  out.upper = a.upper + b.upper;
  out.lower = a.lower + b.lower;
  return out;
}

inline Origin inverted(Origin a) {
  std::swap(a.upper, a.lower);
  return a;
}

inline Origin of_root(Origin a, double degree) {
  if (a.upper >= a.lower) {
    a.upper = (a.upper + (degree - 1) * a.lower) / degree;
  } else {
    a.lower = ((degree - 1) * a.upper + a.lower) / degree;
  }
  a.degree *= degree;
  return a;
}

}  // namespace r1v
