// Numbers for answer checking: exact rationals as long as possible, else high-precision reals; all work is budgeted.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace r1v {

/// Why a comparison cannot be made. Thrown and caught inside this room; verify_answer turns it into an open verdict.
struct Undecidable {
  std::string reason;
  bool is_prose = false;  // the text holds words: it is no mathematics at all, rather than too hard
};

struct NumberValue;  // number.cpp

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
  bool is_zero() const { return sign() == 0; }
  int sign() const;
  bool is_integer() const;
  /// The value if it is exact, whole and small enough.
  std::optional<int64_t> to_integer() const;
  /// log2 |value|, minus infinity for zero; a few bits of accuracy.
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

/// Operations; a result that is not rational is a real of `precision_bits`. Every method throws Undecidable where the
/// result does not exist among the real numbers, is too large, or the budget is used up.
class Arithmetic {
 public:
  Arithmetic(int precision_bits, WorkBudget& budget) : precision_bits_(precision_bits), budget_(budget) {}
  int precision_bits() const { return precision_bits_; }

  Number add(const Number& a, const Number& b) const;
  Number subtract(const Number& a, const Number& b) const;
  Number multiply(const Number& a, const Number& b) const;
  Number divide(const Number& a, const Number& b) const;
  Number negate(const Number& a) const;
  Number absolute(const Number& a) const;
  Number power(const Number& base, const Number& exponent) const;
  /// Real root; odd roots of negative numbers are negative.
  Number root(const Number& value, const Number& degree) const;
  Number factorial(const Number& n) const;
  Number binomial(const Number& n, const Number& k) const;
  Number floor(const Number& a) const;
  Number ceiling(const Number& a) const;
  /// To the nearest multiple of 10^-decimals, halves away from zero; exact.
  Number round(const Number& a, int decimals) const;
  /// sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh ln exp.
  Number apply(std::string_view function, const Number& a) const;
  Number log(const Number& a, const Number& base) const;
  Number pi() const;
  Number e() const;

 private:
  Number integer_power(const Number& base, int64_t exponent) const;

  int precision_bits_;
  WorkBudget& budget_;
};

}  // namespace r1v
