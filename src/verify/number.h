// Numbers for answer checking: exact fractions as long as possible, else complex balls; all work is budgeted.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace r1v {

/// Why a comparison cannot be made. Thrown and caught inside this room; verify_answer turns it into an open verdict.
struct Undecidable {
  std::string reason;
  bool is_prose = false;  // the text holds words: it is no mathematics at all, rather than too hard
};

/// A ball is too wide to answer a question. Whoever chose the precision starts again with at least this many bits.
struct NeedPrecision {
  double bits;
};

struct NumberValue;  // number_value.h

/// A value; arithmetic on it is in Arithmetic.
class Number {
 public:
  explicit Number(int64_t value = 0);
  Number(const Number& other);
  Number(Number&& other) noexcept;
  Number& operator=(Number other) noexcept;
  ~Number();

  /// Digits with an optional point and exponent ("12.50", ".5", "3e-4"), taken exactly.
  static Number parse(std::string_view digits);

  bool is_exact() const;
  /// Surely real: exact, or a ball without imaginary part.
  bool is_real() const;
  /// A ball that excludes zero is not zero: proven. One that holds zero is zero when it is smaller than its origin
  /// allows (Origin, number_value.h): proven for roots of fractions, accepted beyond 115 digits for the rest. throws
  /// NeedPrecision while the ball is too wide.
  bool is_zero() const;
  /// -1, 0 or 1. throws NeedPrecision as is_zero, Undecidable for a complex number.
  int sign() const;
  bool is_integer() const;
  /// The value if it is exact, whole and small enough.
  std::optional<int64_t> to_integer() const;
  /// log2 of the largest |value| possible, minus infinity for zero; good to a bit.
  double log2_size() const;

  explicit Number(std::unique_ptr<NumberValue> value);
  const NumberValue& value() const { return *value_; }

 private:
  std::unique_ptr<NumberValue> value_;
};

/// Work that one verdict may still cost, in bits touched. Spending more than there is throws Undecidable.
class WorkBudget {
 public:
  explicit WorkBudget(int64_t bits) : left_(bits) {}
  void spend(int64_t bits);

 private:
  int64_t left_;
};

/// Which numbers exist. With variables the real ones: sqrt(x) sqrt(y) = sqrt(xy) holds wherever both sides exist there.
enum class Domain { real, complex };

/// Operations; a result that is not rational is a ball of `precision_bits`. Every method throws Undecidable where the
/// result does not exist in the domain, is too large, or the budget is used up.
class Arithmetic {
 public:
  Arithmetic(int precision_bits, WorkBudget& budget, Domain domain = Domain::real)
      : precision_bits_(precision_bits), budget_(budget), domain_(domain) {}
  int precision_bits() const { return precision_bits_; }
  Arithmetic in(Domain domain) const { return {precision_bits_, budget_, domain}; }

  Number add(const Number& a, const Number& b) const;
  Number subtract(const Number& a, const Number& b) const;
  Number multiply(const Number& a, const Number& b) const;
  Number divide(const Number& a, const Number& b) const;
  Number negate(const Number& a) const;
  Number absolute(const Number& a) const;
  Number power(const Number& base, const Number& exponent) const;
  /// Odd roots of negative numbers are negative, even ones imaginary.
  Number root(const Number& value, const Number& degree) const;
  Number factorial(const Number& n) const;
  Number binomial(const Number& n, const Number& k) const;
  Number floor(const Number& a) const;
  Number ceiling(const Number& a) const;
  /// To the nearest multiple of 10^-decimals, halves away from zero; exact.
  Number round(const Number& a, int decimals) const;
  /// sin cos tan cot sec csc, arc-, -h and arc-h of the first three, ln, exp.
  Number apply(std::string_view function, const Number& a) const;
  Number log(const Number& a, const Number& base) const;
  /// gcd, lcm (whole numbers), max, min (real ones).
  Number gather(std::string_view function, std::span<const Number> values) const;
  /// The remainder in [0, |b|).
  Number modulo(const Number& a, const Number& b) const;
  Number real_part(const Number& a) const;
  Number imaginary_part(const Number& a) const;
  Number pi() const;
  Number e() const;
  Number imaginary_unit() const;

 private:
  Number checked(std::unique_ptr<NumberValue> value) const;
  Number exact_power(const Number& base, int64_t exponent) const;
  Number ball_power(const Number& base, const Number& exponent) const;
  std::optional<Number> rational_power(const Number& base, const Number& exponent) const;
  Number to_whole(const Number& a, bool is_up) const;

  int precision_bits_;
  WorkBudget& budget_;
  Domain domain_;
};

}  // namespace r1v
