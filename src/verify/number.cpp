// The only file that includes GMP and MPFR.
#include "verify/number.h"

#include <gmp.h>
#include <mpfr.h>

#include <array>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace r1v {

namespace {

// MPFR keeps constants and spare memory for every thread; they go when the thread ends.
struct MpfrCache {
  ~MpfrCache() { mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE); }
  void hold() const {}  // naming the object makes the thread construct it, and so destroy it
};
thread_local const MpfrCache mpfr_cache;

}  // namespace

// Exactly one of the two members is in use.
struct NumberValue {
  bool is_exact = true;
  mpq_t exact;
  mpfr_t real;

  NumberValue() { mpq_init(exact); }
  explicit NumberValue(int precision_bits) : is_exact(false) {
    mpfr_cache.hold();
    mpfr_init2(real, precision_bits);
  }
  NumberValue(const NumberValue& other) : is_exact(other.is_exact) {
    if (is_exact) {
      mpq_init(exact);
      mpq_set(exact, other.exact);
    } else {
      mpfr_init2(real, mpfr_get_prec(other.real));
      mpfr_set(real, other.real, MPFR_RNDN);
    }
  }
  NumberValue& operator=(const NumberValue&) = delete;
  ~NumberValue() { is_exact ? mpq_clear(exact) : mpfr_clear(real); }

  mpz_ptr numerator() { return mpq_numref(exact); }
  mpz_ptr denominator() { return mpq_denref(exact); }
  mpz_srcptr numerator() const { return mpq_numref(exact); }
  mpz_srcptr denominator() const { return mpq_denref(exact); }
};

namespace {

using Value = std::unique_ptr<NumberValue>;

constexpr int64_t kMaxBits = 1 << 18;       // of numerator and denominator together, about 79,000 digits
constexpr int64_t kMaxFactorial = 10000;    // 10000! has 118,459 bits
constexpr int64_t kRealWork = 512;          // bits charged for an operation on reals
constexpr mpfr_exp_t kMaxAngleBits = 4096;  // larger angles cost too much to reduce

int64_t bits_of(mpz_srcptr value) { return static_cast<int64_t>(mpz_sizeinbase(value, 2)); }
int64_t bits_of(const Number& a) { return bits_of(a.value().numerator()) + bits_of(a.value().denominator()); }

Value new_exact() { return std::make_unique<NumberValue>(); }

// `a` as a real of this many bits.
Value new_real(const Number& a, int precision_bits) {
  auto result = std::make_unique<NumberValue>(precision_bits);
  if (a.is_exact()) {
    mpfr_set_q(result->real, a.value().exact, MPFR_RNDN);
  } else {
    mpfr_set(result->real, a.value().real, MPFR_RNDN);
  }
  return result;
}

// Results pass here: reals must be finite, exact numbers of bearable size.
Number checked(Value value) {
  if (value->is_exact) {
    if (bits_of(value->numerator()) + bits_of(value->denominator()) > kMaxBits) {
      throw Undecidable{"a number is too long to evaluate"};
    }
  } else if (mpfr_nan_p(value->real) != 0) {
    throw Undecidable{"a value outside the real numbers"};
  } else if (mpfr_inf_p(value->real) != 0) {
    throw Undecidable{"a value is too large to evaluate"};
  }
  return Number(std::move(value));
}

struct Binary {
  void (*exact)(mpq_ptr, mpq_srcptr, mpq_srcptr);
  int (*real)(mpfr_ptr, mpfr_srcptr, mpfr_srcptr, mpfr_rnd_t);
};

Number apply_binary(Binary operation, const Number& a, const Number& b, int precision_bits, WorkBudget& budget) {
  if (a.is_exact() && b.is_exact()) {
    budget.spend(bits_of(a) + bits_of(b));
    Value result = new_exact();
    operation.exact(result->exact, a.value().exact, b.value().exact);
    return checked(std::move(result));
  }
  budget.spend(kRealWork);
  Value result = new_real(a, precision_bits);
  const Value other = new_real(b, precision_bits);
  operation.real(result->real, result->real, other->real, MPFR_RNDN);
  return checked(std::move(result));
}

struct NamedFunction {
  std::string_view name;
  int (*apply)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);
  bool is_periodic;
};

constexpr std::array kFunctions = {
    NamedFunction{"sin", mpfr_sin, true},      NamedFunction{"cos", mpfr_cos, true},
    NamedFunction{"tan", mpfr_tan, true},      NamedFunction{"cot", mpfr_cot, true},
    NamedFunction{"sec", mpfr_sec, true},      NamedFunction{"csc", mpfr_csc, true},
    NamedFunction{"arcsin", mpfr_asin, false}, NamedFunction{"arccos", mpfr_acos, false},
    NamedFunction{"arctan", mpfr_atan, false}, NamedFunction{"sinh", mpfr_sinh, false},
    NamedFunction{"cosh", mpfr_cosh, false},   NamedFunction{"tanh", mpfr_tanh, false},
    NamedFunction{"ln", mpfr_log, false},      NamedFunction{"exp", mpfr_exp, false},
};

// floor or ceiling of an exact number; of a real.
Number to_whole(const Number& a, void (*exact)(mpz_ptr, mpz_srcptr, mpz_srcptr), mpfr_rnd_t rounding) {
  Value result = new_exact();
  if (a.is_exact()) {
    exact(result->numerator(), a.value().numerator(), a.value().denominator());
  } else {
    if (a.log2_size() > kMaxBits) throw Undecidable{"a value is too large to evaluate"};
    mpfr_get_z(result->numerator(), a.value().real, rounding);
  }
  return checked(std::move(result));
}

// The exact root if there is one. `value` is exact.
std::optional<Number> exact_root(const Number& value, unsigned long degree) {
  if (value.sign() < 0 && degree % 2 == 0) return std::nullopt;
  Value result = new_exact();
  const bool is_exact = mpz_root(result->numerator(), value.value().numerator(), degree) != 0 &&
                        mpz_root(result->denominator(), value.value().denominator(), degree) != 0;
  return is_exact ? std::optional(Number(std::move(result))) : std::nullopt;
}

}  // namespace

Number::Number(std::unique_ptr<NumberValue> value) : value_(std::move(value)) {}
Number::Number(int64_t value) : value_(std::make_unique<NumberValue>()) { mpq_set_si(value_->exact, value, 1); }
Number::Number(const Number& other) : value_(std::make_unique<NumberValue>(*other.value_)) {}
Number::Number(Number&&) noexcept = default;
Number& Number::operator=(Number other) noexcept {
  value_.swap(other.value_);
  return *this;
}
Number::~Number() = default;

Number Number::parse(std::string_view digits) {
  const size_t mark = std::min(digits.find_first_of("eE"), digits.size());
  const size_t point = std::min(digits.find('.'), mark);
  std::string whole(digits.substr(0, point));
  if (point < mark) whole += digits.substr(point + 1, mark - point - 1);
  if (digits.size() > mark + 7 || whole.size() > kMaxBits / 8) throw Undecidable{"a number is too long to evaluate"};
  int64_t exponent = mark < digits.size() ? std::stoll(std::string(digits.substr(mark + 1))) : 0;
  if (point < mark) exponent -= static_cast<int64_t>(mark - point - 1);
  if (std::abs(exponent) > kMaxBits / 8) throw Undecidable{"a number has too large an exponent"};
  Value result = new_exact();
  const int status = mpz_set_str(result->numerator(), whole.c_str(), 10);
  R1V_CHECK(status == 0, "not a number: ", printable(digits));
  mpz_ui_pow_ui(result->denominator(), 10, static_cast<unsigned long>(std::abs(exponent)));
  if (exponent > 0) {
    mpz_mul(result->numerator(), result->numerator(), result->denominator());
    mpz_set_ui(result->denominator(), 1);
  }
  mpq_canonicalize(result->exact);
  return Number(std::move(result));
}

bool Number::is_exact() const { return value_->is_exact; }

int Number::sign() const { return value_->is_exact ? mpq_sgn(value_->exact) : mpfr_sgn(value_->real); }

bool Number::is_integer() const { return value_->is_exact && mpz_cmp_ui(value_->denominator(), 1) == 0; }

std::optional<int64_t> Number::to_integer() const {
  if (!is_integer() || mpz_fits_slong_p(value_->numerator()) == 0) return std::nullopt;
  return mpz_get_si(value_->numerator());
}

double Number::log2_size() const {
  if (is_zero()) return -std::numeric_limits<double>::infinity();
  if (!value_->is_exact) return static_cast<double>(mpfr_get_exp(value_->real));
  return static_cast<double>(bits_of(value_->numerator()) - bits_of(value_->denominator()));
}

void WorkBudget::spend(int64_t bits) {
  left_ -= bits;
  if (left_ < 0) throw Undecidable{"it takes too much work to evaluate"};
}

Number Arithmetic::add(const Number& a, const Number& b) const {
  return apply_binary({mpq_add, mpfr_add}, a, b, precision_bits_, budget_);
}

Number Arithmetic::subtract(const Number& a, const Number& b) const {
  return apply_binary({mpq_sub, mpfr_sub}, a, b, precision_bits_, budget_);
}

Number Arithmetic::multiply(const Number& a, const Number& b) const {
  return apply_binary({mpq_mul, mpfr_mul}, a, b, precision_bits_, budget_);
}

Number Arithmetic::divide(const Number& a, const Number& b) const {
  if (b.is_zero()) throw Undecidable{"a division by zero"};
  return apply_binary({mpq_div, mpfr_div}, a, b, precision_bits_, budget_);
}

Number Arithmetic::negate(const Number& a) const { return subtract(Number(0), a); }

Number Arithmetic::absolute(const Number& a) const { return a.sign() < 0 ? negate(a) : a; }

// base^exponent of an exact base.
Number Arithmetic::integer_power(const Number& base, int64_t exponent) const {
  if (exponent < 0 && base.is_zero()) throw Undecidable{"a division by zero"};
  const bool is_small = base.is_integer() && mpz_cmpabs_ui(base.value().numerator(), 1) <= 0;  // -1, 0 or 1
  if (exponent == std::numeric_limits<int64_t>::min()) throw Undecidable{"a power is too large to evaluate"};
  const int64_t size = is_small && exponent != 0 ? 2 - std::abs(exponent % 2) : std::abs(exponent);
  if (size > kMaxBits / std::max<int64_t>(1, bits_of(base) - 2)) throw Undecidable{"a power is too large to evaluate"};
  budget_.spend(bits_of(base) * size);
  Value result = new_exact();
  const auto times = static_cast<unsigned long>(size);
  mpz_pow_ui(result->numerator(), base.value().numerator(), times);
  mpz_pow_ui(result->denominator(), base.value().denominator(), times);
  if (exponent < 0) mpq_inv(result->exact, result->exact);
  return checked(std::move(result));
}

Number Arithmetic::power(const Number& base, const Number& exponent) const {
  if (base.is_exact() && exponent.is_integer()) {
    const auto whole = exponent.to_integer();
    if (!whole) throw Undecidable{"a power is too large to evaluate"};
    return integer_power(base, *whole);
  }
  if (exponent.is_exact() && !exponent.is_integer() && base.is_exact() && base.sign() > 0) {
    // (p/q)-th power: the exact root where there is one.
    Value numerator = new_exact(), denominator = new_exact();
    mpz_set(numerator->numerator(), exponent.value().numerator());
    mpz_set(denominator->numerator(), exponent.value().denominator());
    const Number times(std::move(numerator)), degree(std::move(denominator));
    const Number rooted = root(base, degree);
    if (rooted.is_exact()) return power(rooted, times);
  }
  budget_.spend(kRealWork);
  const Value times = new_real(exponent, precision_bits_);
  Value result = new_real(base, precision_bits_);
  mpfr_pow(result->real, result->real, times->real, MPFR_RNDN);
  return checked(std::move(result));
}

Number Arithmetic::root(const Number& value, const Number& degree) const {
  const auto whole = degree.to_integer();
  if (!whole || *whole < 1 || *whole > 10000) throw Undecidable{"a root of an unusual degree"};
  const auto count = static_cast<unsigned long>(*whole);
  if (value.is_exact()) {
    budget_.spend(bits_of(value));
    if (auto exact = exact_root(value, count)) return *std::move(exact);
  }
  budget_.spend(kRealWork);
  Value result = new_real(value, precision_bits_);
  mpfr_rootn_ui(result->real, result->real, count, MPFR_RNDN);
  return checked(std::move(result));
}

Number Arithmetic::factorial(const Number& n) const {
  const auto whole = n.to_integer();
  if (!whole || *whole < 0) throw Undecidable{"a factorial of something that is not a whole number"};
  if (*whole > kMaxFactorial) throw Undecidable{"a factorial is too large to evaluate"};
  Value result = new_exact();
  mpz_fac_ui(result->numerator(), static_cast<unsigned long>(*whole));
  budget_.spend(bits_of(result->numerator()));
  return checked(std::move(result));
}

Number Arithmetic::binomial(const Number& n, const Number& k) const {
  const auto top = n.to_integer(), bottom = k.to_integer();
  if (!top || !bottom || *top < 0 || *bottom < 0) throw Undecidable{"a binomial of unusual arguments"};
  if (*top > kMaxFactorial) throw Undecidable{"a binomial is too large to evaluate"};
  Value result = new_exact();
  mpz_bin_uiui(result->numerator(), static_cast<unsigned long>(*top), static_cast<unsigned long>(*bottom));
  budget_.spend(bits_of(result->numerator()));
  return checked(std::move(result));
}

Number Arithmetic::floor(const Number& a) const { return to_whole(a, mpz_fdiv_q, MPFR_RNDD); }

Number Arithmetic::ceiling(const Number& a) const { return to_whole(a, mpz_cdiv_q, MPFR_RNDU); }

Number Arithmetic::round(const Number& a, int decimals) const {
  const Number scale = power(Number(10), Number(decimals));
  const Number half = divide(Number(a.sign() < 0 ? -1 : 1), Number(2));
  const Number shifted = add(multiply(a, scale), half);
  return divide(a.sign() < 0 ? ceiling(shifted) : floor(shifted), scale);
}

Number Arithmetic::apply(std::string_view function, const Number& a) const {
  for (const NamedFunction& candidate : kFunctions) {
    if (candidate.name != function) continue;
    budget_.spend(4 * kRealWork);
    Value result = new_real(a, precision_bits_);
    const bool is_angle = candidate.is_periodic && mpfr_zero_p(result->real) == 0;
    if (is_angle && mpfr_get_exp(result->real) > kMaxAngleBits) throw Undecidable{"an angle is too large to evaluate"};
    candidate.apply(result->real, result->real, MPFR_RNDN);
    return checked(std::move(result));
  }
  throw Undecidable{cat("the function ", printable(function), " is not supported")};
}

Number Arithmetic::log(const Number& a, const Number& base) const { return divide(apply("ln", a), apply("ln", base)); }

Number Arithmetic::pi() const {
  auto result = std::make_unique<NumberValue>(precision_bits_);
  mpfr_const_pi(result->real, MPFR_RNDN);
  return Number(std::move(result));
}

Number Arithmetic::e() const { return apply("exp", Number(1)); }

}  // namespace r1v
