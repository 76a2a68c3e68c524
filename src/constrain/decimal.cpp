// Digits of numbers, and their order.
#include "constrain/decimal.h"

#include <charconv>

#include "base/error.h"

namespace r1v {
namespace {

Decimal from_text(std::string text) {
  Decimal out;
  out.is_negative = text.starts_with('-');
  if (out.is_negative) text.erase(0, 1);
  const size_t dot = text.find('.');
  out.whole = text.substr(0, dot);
  if (dot != std::string::npos) out.fraction = text.substr(dot + 1);
  while (out.fraction.ends_with('0')) out.fraction.pop_back();
  if (out.is_zero()) out.is_negative = false;
  return out;
}

int compare_magnitudes(const Decimal& one, const Decimal& other) {
  if (one.whole.size() != other.whole.size()) return one.whole.size() < other.whole.size() ? -1 : 1;
  const int whole = one.whole.compare(other.whole);
  return whole != 0 ? whole : one.fraction.compare(other.fraction);
}

int64_t remainder(const std::string& digits, int64_t divisor) {
  int64_t rest = 0;
  for (const char digit : digits) rest = (rest * 10 + (digit - '0')) % divisor;
  return rest;
}

// Everything below `upper` is below everything above `lower`.
bool are_apart(const std::optional<NumberBound>& upper, const std::optional<NumberBound>& lower) {
  if (!upper || !lower) return false;
  const int order = compare(upper->value, lower->value);
  return order < 0 || (order == 0 && (upper->is_exclusive || lower->is_exclusive));
}

}  // namespace

Decimal decimal_of(const Json& number) {
  if (number.is_number_unsigned()) return from_text(std::to_string(number.get<uint64_t>()));
  if (number.is_number_integer()) return from_text(std::to_string(number.get<int64_t>()));
  char digits[800];  // the longest double has 1 + 308 + 1 + some hundreds of digits
  const auto end = std::to_chars(digits, digits + sizeof digits, number.get<double>(), std::chars_format::fixed);
  R1V_CHECK(end.ec == std::errc(), number.dump());
  return from_text(std::string(digits, end.ptr));
}

int compare(const Decimal& one, const Decimal& other) {
  if (one.is_negative != other.is_negative) return one.is_negative ? -1 : 1;
  const int order = compare_magnitudes(one, other);
  return one.is_negative ? -order : order;
}

void NumberRule::raise_least(const NumberBound& bound) {
  const int order = least ? compare(bound.value, least->value) : 1;
  if (order > 0 || (order == 0 && bound.is_exclusive)) least = bound;
}

void NumberRule::lower_most(const NumberBound& bound) {
  const int order = most ? compare(bound.value, most->value) : -1;
  if (order < 0 || (order == 0 && bound.is_exclusive)) most = bound;
}

bool NumberRule::admits(const Json& number) const {
  const Decimal value = decimal_of(number);
  if (is_whole && !value.fraction.empty()) return false;
  if (multiple > 1 && remainder(value.whole, multiple) != 0) return false;
  const int above = least ? compare(value, least->value) : 1;
  const int below = most ? compare(value, most->value) : -1;
  return (above > 0 || (above == 0 && !least->is_exclusive)) && (below < 0 || (below == 0 && !most->is_exclusive));
}

bool NumberRule::is_apart_from(const NumberRule& other) const {
  return are_apart(most, other.least) || are_apart(other.most, least);
}

}  // namespace r1v
