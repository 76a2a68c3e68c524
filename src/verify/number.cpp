// What a number is and what can be asked of it; operations are in arithmetic.cpp.
#include "verify/number.h"

#include "base/error.h"
#include "verify/number_value.h"

namespace r1v {

Number::Number(std::unique_ptr<NumberValue> value) : value_(std::move(value)) {}
Number::Number(int64_t value) : value_(std::make_unique<NumberValue>()) { fmpq_set_si(value_->exact, value, 1); }
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
  if (digits.size() > mark + 7 || whole.size() > kMaxExactBits / 8)
    throw Undecidable{"a number is too long to evaluate"};
  int64_t exponent = mark < digits.size() ? std::stoll(std::string(digits.substr(mark + 1))) : 0;
  if (point < mark) exponent -= static_cast<int64_t>(mark - point - 1);
  if (std::abs(exponent) > kMaxExactBits / 8) throw Undecidable{"a number has too large an exponent"};
  auto result = std::make_unique<NumberValue>();
  const int status = fmpz_set_str(result->numerator(), whole.c_str(), 10);
  R1V_CHECK(status == 0, "not a number: ", printable(digits));
  if (exponent != 0) {
    fmpz_ui_pow_ui(result->denominator(), 10, static_cast<ulong>(std::abs(exponent)));
    if (exponent > 0) {
      fmpz_mul(result->numerator(), result->numerator(), result->denominator());
      fmpz_one(result->denominator());
    }
    fmpq_canonicalise(result->exact);
  }
  return Number(std::move(result));
}

bool Number::is_exact() const { return value_->is_exact; }

bool Number::is_real() const { return value_->is_exact || acb_is_real(value_->ball) != 0; }

bool Number::is_zero() const {
  if (value_->is_exact) return fmpq_is_zero(value_->exact) != 0;
  if (acb_contains_zero(value_->ball) == 0) return false;
  const double zero_bits = value_->origin.zero_bits();
  if (value_->log2_upper() < -zero_bits) return true;
  throw NeedPrecision{zero_bits + value_->origin.spread + 64};
}

int Number::sign() const {
  if (value_->is_exact) return fmpq_sgn(value_->exact);
  if (!is_real()) throw Undecidable{"a complex number has no sign"};
  return is_zero() ? 0 : arf_sgn(arb_midref(acb_realref(value_->ball)));
}

bool Number::is_integer() const { return value_->is_exact && fmpz_is_one(value_->denominator()) != 0; }

std::optional<int64_t> Number::to_integer() const {
  if (!is_integer() || fmpz_fits_si(value_->numerator()) == 0) return std::nullopt;
  return fmpz_get_si(value_->numerator());
}

double Number::log2_size() const { return value_->log2_upper(); }

void WorkBudget::spend(int64_t bits) {
  left_ -= bits;
  if (left_ < 0) throw Undecidable{"it takes too much work to evaluate"};
}

}  // namespace r1v
