// Operations on numbers: on fractions where both are, else on balls, with what is known of the result's origin.
#include <array>
#include <limits>

#include "base/error.h"
#include "verify/number.h"
#include "verify/number_value.h"

namespace r1v {
namespace {

using Value = std::unique_ptr<NumberValue>;

constexpr int64_t kMaxFactorial = 10000;  // 10000! has 118,459 bits
constexpr double kMaxSizeBits = 1 << 20;  // of a ball: larger exponents are slow
constexpr double kMaxAngleBits = 4096;    // larger angles cost too much to reduce
constexpr int64_t kMaxRoot = 10000;

Value new_value() { return std::make_unique<NumberValue>(); }

Origin origin_of(const Number& a) {
  const NumberValue& value = a.value();
  if (!value.is_exact) return value.origin;
  const auto top = static_cast<double>(fmpz_bits(value.numerator()));
  const auto bottom = static_cast<double>(fmpz_bits(value.denominator()));
  return {.upper = top, .lower = bottom, .spread = std::max(top, bottom)};
}

// A ball around `a`.
Value new_ball(const Number& a, int precision_bits) {
  Value result = std::make_unique<NumberValue>(a.value());
  if (a.is_exact()) {
    arb_set_fmpq(acb_realref(result->ball), a.value().exact, precision_bits);
    result->origin = origin_of(a);
    result->is_exact = false;
  }
  return result;
}

using ExactBinary = void (*)(fmpq_t, const fmpq_t, const fmpq_t);
using BallBinary = void (*)(acb_t, const acb_t, const acb_t, slong);
using BallUnary = void (*)(acb_t, const acb_t, slong);

struct NamedFunction {
  std::string_view name;
  BallUnary apply;
  bool is_periodic = false;
};

constexpr std::array kFunctions = {
    NamedFunction{"sin", acb_sin, true}, NamedFunction{"cos", acb_cos, true}, NamedFunction{"tan", acb_tan, true},
    NamedFunction{"cot", acb_cot, true}, NamedFunction{"sec", acb_sec, true}, NamedFunction{"csc", acb_csc, true},
    NamedFunction{"arcsin", acb_asin},   NamedFunction{"arccos", acb_acos},   NamedFunction{"arctan", acb_atan},
    NamedFunction{"sinh", acb_sinh},     NamedFunction{"cosh", acb_cosh},     NamedFunction{"tanh", acb_tanh},
    NamedFunction{"arcsinh", acb_asinh}, NamedFunction{"arccosh", acb_acosh}, NamedFunction{"arctanh", acb_atanh},
    NamedFunction{"ln", acb_log},        NamedFunction{"exp", acb_exp},
};

// The exact root if there is one. `value` is exact.
std::optional<Number> exact_root(const Number& value, int64_t degree) {
  if (value.sign() < 0 && degree % 2 == 0) return std::nullopt;
  Value result = new_value();
  const bool is_exact = fmpz_root(result->numerator(), value.value().numerator(), degree) != 0 &&
                        fmpz_root(result->denominator(), value.value().denominator(), degree) != 0;
  return is_exact ? std::optional(Number(std::move(result))) : std::nullopt;
}

int64_t whole_argument(const Number& a, const char* where) {
  const auto whole = a.to_integer();
  if (!whole) throw Undecidable{cat("a ", where, " of something that is not a whole number")};
  return *whole;
}

}  // namespace

// Results pass here: balls must be finite, inside the domain and of bearable size, fractions of bearable length.
Number Arithmetic::checked(Value value) const {
  if (value->is_exact) {
    if (value->exact_bits() > kMaxExactBits) throw Undecidable{"a number is too long to evaluate"};
    return Number(std::move(value));
  }
  if (acb_is_finite(value->ball) == 0) throw Undecidable{"a value that does not exist or is too large"};
  if (domain_ == Domain::real && acb_is_real(value->ball) == 0) throw Undecidable{"a value outside the real numbers"};
  const double size = value->log2_upper();
  if (size > kMaxSizeBits || (size < -kMaxSizeBits && acb_contains_zero(value->ball) == 0)) {
    throw Undecidable{"a value is too large or too small to evaluate"};
  }
  if (acb_contains_zero(value->ball) == 0) value->origin.spread = std::max(value->origin.spread, std::abs(size));
  return Number(std::move(value));
}

namespace {

// Both exact: the exact operation; else the balls of both through the other. Origin is the caller's.
Value apply_binary(ExactBinary exact, BallBinary ball, const Number& a, const Number& b, int precision_bits,
                   WorkBudget& budget) {
  Value result;
  if (a.is_exact() && b.is_exact()) {
    budget.spend(64 + a.value().exact_bits() + b.value().exact_bits());
    result = new_value();
    exact(result->exact, a.value().exact, b.value().exact);
    return result;
  }
  budget.spend(256 + precision_bits);
  result = new_ball(a, precision_bits);
  const Value other = new_ball(b, precision_bits);
  ball(result->ball, result->ball, other->ball, precision_bits);
  return result;
}

}  // namespace

Number Arithmetic::add(const Number& a, const Number& b) const {
  Value result = apply_binary(fmpq_add, acb_add, a, b, precision_bits_, budget_);
  if (!result->is_exact) result->origin = of_sum(origin_of(a), origin_of(b));
  return checked(std::move(result));
}

Number Arithmetic::subtract(const Number& a, const Number& b) const {
  Value result = apply_binary(fmpq_sub, acb_sub, a, b, precision_bits_, budget_);
  if (!result->is_exact) result->origin = of_sum(origin_of(a), origin_of(b));
  return checked(std::move(result));
}

Number Arithmetic::multiply(const Number& a, const Number& b) const {
  Value result = apply_binary(fmpq_mul, acb_mul, a, b, precision_bits_, budget_);
  if (!result->is_exact) result->origin = of_product(origin_of(a), origin_of(b));
  return checked(std::move(result));
}

Number Arithmetic::divide(const Number& a, const Number& b) const {
  if (b.is_zero()) throw Undecidable{"a division by zero"};
  Value result = apply_binary(fmpq_div, acb_div, a, b, precision_bits_, budget_);
  if (!result->is_exact) result->origin = of_product(origin_of(a), inverted(origin_of(b)));
  return checked(std::move(result));
}

Number Arithmetic::negate(const Number& a) const {
  Value result = std::make_unique<NumberValue>(a.value());
  a.is_exact() ? fmpq_neg(result->exact, result->exact) : acb_neg(result->ball, result->ball);
  return Number(std::move(result));
}

Number Arithmetic::absolute(const Number& a) const {
  Value result = std::make_unique<NumberValue>(a.value());
  if (a.is_exact()) {
    fmpq_abs(result->exact, result->exact);
  } else {
    budget_.spend(256 + precision_bits_);
    acb_abs(acb_realref(result->ball), result->ball, precision_bits_);
    arb_zero(acb_imagref(result->ball));
    if (!a.is_real()) result->origin.is_algebraic = false;  // |z| is a root of z times its conjugate
  }
  return checked(std::move(result));
}

// base^exponent of an exact base.
Number Arithmetic::exact_power(const Number& base, int64_t exponent) const {
  if (exponent < 0 && base.is_zero()) throw Undecidable{"a division by zero"};
  const bool is_small = base.is_integer() && base.value().exact_bits() <= 2;  // -1, 0 or 1
  if (exponent == std::numeric_limits<int64_t>::min()) throw Undecidable{"a power is too large to evaluate"};
  const int64_t size = is_small && exponent != 0 ? 2 - std::abs(exponent % 2) : std::abs(exponent);
  const int64_t bits = base.value().exact_bits();
  if (size > kMaxExactBits / std::max<int64_t>(1, bits - 2)) throw Undecidable{"a power is too large to evaluate"};
  budget_.spend(bits * size);
  Value result = new_value();
  fmpq_pow_si(result->exact, base.value().exact, exponent < 0 ? -size : size);
  return checked(std::move(result));
}

// (p/q)-th power of an exact base: the exact root where there is one.
std::optional<Number> Arithmetic::rational_power(const Number& base, const Number& exponent) const {
  Value top = new_value(), bottom = new_value();
  fmpz_set(top->numerator(), exponent.value().numerator());
  fmpz_set(bottom->numerator(), exponent.value().denominator());
  const Number times(std::move(top)), degree(std::move(bottom));
  if (base.sign() < 0) {
    const auto count = degree.to_integer();
    if (!count || *count % 2 != 0) throw Undecidable{"a power of a negative number that has several values"};
    return std::nullopt;  // the principal value
  }
  if (!degree.to_integer() || *degree.to_integer() > kMaxRoot) return std::nullopt;
  const auto whole = times.to_integer();
  const Number rooted = root(base, degree);
  return whole ? std::optional(power(rooted, times)) : std::nullopt;
}

Number Arithmetic::ball_power(const Number& base, const Number& exponent) const {
  budget_.spend(16 * (256 + precision_bits_));
  Value result = new_ball(base, precision_bits_);
  const double size = std::abs(result->log2_upper());
  const double exponent_size = exponent.log2_size();
  if (exponent_size + (size > 1 ? std::log2(size) : 0) > std::log2(kMaxSizeBits)) {
    throw Undecidable{"a power is too large to evaluate"};
  }
  Origin origin = origin_of(base);
  if (const auto whole = exponent.to_integer()) {
    const auto times = static_cast<double>(std::abs(*whole));
    acb_pow_si(result->ball, result->ball, *whole, precision_bits_);
    if (*whole < 0) origin = inverted(origin);
    origin.upper *= times;
    origin.lower *= times;
  } else {
    const Value times = new_ball(exponent, precision_bits_);
    acb_pow(result->ball, result->ball, times->ball, precision_bits_);
    origin.is_algebraic = false;
    origin.spread = std::max(origin.spread, origin_of(exponent).spread);
  }
  result->origin = origin;
  return checked(std::move(result));
}

Number Arithmetic::power(const Number& base, const Number& exponent) const {
  if (base.is_exact() && exponent.is_integer()) {
    const auto whole = exponent.to_integer();
    if (!whole) throw Undecidable{"a power is too large to evaluate"};
    return exact_power(base, *whole);
  }
  if (base.is_exact() && exponent.is_exact()) {
    if (base.is_zero()) return exponent.sign() > 0 ? base : throw Undecidable{"a division by zero"};
    if (auto result = rational_power(base, exponent)) return *std::move(result);
  }
  return ball_power(base, exponent);
}

Number Arithmetic::root(const Number& value, const Number& degree) const {
  const auto count = degree.to_integer();
  if (!count || *count < 1 || *count > kMaxRoot) throw Undecidable{"a root of an unusual degree"};
  if (value.is_exact()) {
    budget_.spend(value.value().exact_bits());
    if (auto exact = exact_root(value, *count)) return *std::move(exact);
  }
  if (*count % 2 != 0 && value.is_real() && value.sign() < 0) return negate(root(negate(value), degree));
  budget_.spend(16 * (256 + precision_bits_));
  Value result = new_ball(value, precision_bits_);
  const Origin origin = of_root(result->origin, static_cast<double>(*count));
  acb_root_ui(result->ball, result->ball, static_cast<ulong>(*count), precision_bits_);
  result->origin = origin;
  return checked(std::move(result));
}

Number Arithmetic::factorial(const Number& n) const {
  const int64_t whole = whole_argument(n, "factorial");
  if (whole < 0) throw Undecidable{"a factorial of a negative number"};
  if (whole > kMaxFactorial) throw Undecidable{"a factorial is too large to evaluate"};
  Value result = new_value();
  fmpz_fac_ui(result->numerator(), static_cast<ulong>(whole));
  budget_.spend(result->exact_bits());
  return checked(std::move(result));
}

Number Arithmetic::binomial(const Number& n, const Number& k) const {
  const int64_t top = whole_argument(n, "binomial"), bottom = whole_argument(k, "binomial");
  if (top < 0 || bottom < 0) throw Undecidable{"a binomial of negative numbers"};
  if (top > kMaxFactorial) throw Undecidable{"a binomial is too large to evaluate"};
  Value result = new_value();
  fmpz_bin_uiui(result->numerator(), static_cast<ulong>(top), static_cast<ulong>(bottom));
  budget_.spend(result->exact_bits());
  return checked(std::move(result));
}

Number Arithmetic::to_whole(const Number& a, bool is_up) const {
  Value result = new_value();
  if (a.is_exact()) {
    (is_up ? fmpz_cdiv_q : fmpz_fdiv_q)(result->numerator(), a.value().numerator(), a.value().denominator());
    return checked(std::move(result));
  }
  if (!a.is_real()) throw Undecidable{"a complex number cannot be rounded"};
  budget_.spend(256 + precision_bits_);
  Value whole = new_ball(a, precision_bits_);
  (is_up ? arb_ceil : arb_floor)(acb_realref(whole->ball), acb_realref(whole->ball), precision_bits_);
  if (arb_get_unique_fmpz(result->numerator(), acb_realref(whole->ball)) == 0) {
    throw NeedPrecision{2.0 * precision_bits_ + std::max(0.0, a.log2_size())};
  }
  return checked(std::move(result));
}

Number Arithmetic::floor(const Number& a) const { return to_whole(a, false); }

Number Arithmetic::ceiling(const Number& a) const { return to_whole(a, true); }

Number Arithmetic::round(const Number& a, int decimals) const {
  const Number scale = power(Number(10), Number(decimals));
  const bool is_negative = a.is_exact() ? a.sign() < 0 : arf_sgn(arb_midref(acb_realref(a.value().ball))) < 0;
  const Number half = divide(Number(is_negative ? -1 : 1), Number(2));
  const Number shifted = add(multiply(a, scale), half);
  return divide(is_negative ? ceiling(shifted) : floor(shifted), scale);
}

Number Arithmetic::apply(std::string_view function, const Number& a) const {
  for (const NamedFunction& candidate : kFunctions) {
    if (candidate.name != function) continue;
    const double size = a.log2_size();
    if (candidate.is_periodic && size > kMaxAngleBits) throw Undecidable{"an angle is too large to evaluate"};
    if (candidate.apply != acb_log && !candidate.is_periodic && size > std::log2(kMaxSizeBits)) {
      throw Undecidable{cat("the function ", function, " of so large a value")};
    }
    budget_.spend(16 *
                  (256 + precision_bits_ + (candidate.is_periodic ? static_cast<int64_t>(std::max(0.0, size)) : 0)));
    Value result = new_ball(a, precision_bits_);
    candidate.apply(result->ball, result->ball, precision_bits_);
    result->origin.is_algebraic = false;
    return checked(std::move(result));
  }
  throw Undecidable{cat("the function ", printable(function), " is not supported")};
}

Number Arithmetic::log(const Number& a, const Number& base) const { return divide(apply("ln", a), apply("ln", base)); }

Number Arithmetic::gather(std::string_view function, std::span<const Number> values) const {
  R1V_CHECK(!values.empty(), function, " of nothing");
  Number result = values.front();
  const bool is_order = function == "max" || function == "min";
  if (!is_order) whole_argument(result, "common divisor or multiple");
  for (const Number& value : values.subspan(1)) {
    if (is_order) {
      const int sign = subtract(value, result).sign();
      if (function == "max" ? sign > 0 : sign < 0) result = value;
      continue;
    }
    whole_argument(value, "common divisor or multiple");
    Value next = new_value();
    (function == "gcd" ? fmpz_gcd : fmpz_lcm)(next->numerator(), result.value().numerator(), value.value().numerator());
    result = checked(std::move(next));
  }
  return is_order || result.sign() >= 0 ? result : negate(result);
}

Number Arithmetic::modulo(const Number& a, const Number& b) const {
  const Number size = absolute(b);
  return subtract(a, multiply(size, floor(divide(a, size))));
}

Number Arithmetic::real_part(const Number& a) const {
  Value result = std::make_unique<NumberValue>(a.value());
  if (!a.is_real()) result->origin.is_algebraic = false;
  arb_zero(acb_imagref(result->ball));
  return Number(std::move(result));
}

Number Arithmetic::imaginary_part(const Number& a) const {
  if (a.is_real()) return Number(0);
  Value result = std::make_unique<NumberValue>(a.value());
  result->origin.is_algebraic = false;
  arb_swap(acb_realref(result->ball), acb_imagref(result->ball));
  arb_zero(acb_imagref(result->ball));
  return Number(std::move(result));
}

Number Arithmetic::pi() const {
  Value result = new_value();
  result->is_exact = false;
  result->origin.is_algebraic = false;
  acb_const_pi(result->ball, precision_bits_);
  return Number(std::move(result));
}

Number Arithmetic::e() const { return apply("exp", Number(1)); }

Number Arithmetic::imaginary_unit() const {
  if (domain_ == Domain::real) throw Undecidable{"a value outside the real numbers"};
  Value result = new_value();
  result->is_exact = false;
  result->origin.degree = 2;  // the root of -1
  acb_onei(result->ball);
  return Number(std::move(result));
}

}  // namespace r1v
