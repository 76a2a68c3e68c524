// Numbers as their decimal digits, so that bounds are compared exactly.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/json.h"

namespace r1v {

struct Decimal {
  bool is_negative = false;
  std::string whole = "0";  // no zeros in front
  std::string fraction;     // no zeros at the end
  bool is_zero() const { return whole == "0" && fraction.empty(); }
};

/// The shortest digits that read back as this number (finite).
Decimal decimal_of(const Json& number);
/// Below zero, zero, above zero, as `one` is to `other`.
int compare(const Decimal& one, const Decimal& other);

struct NumberBound {
  Decimal value;
  bool is_exclusive = false;
};

/// What a schema says of a number.
struct NumberRule {
  bool is_whole = false;  // no fraction and no exponent
  std::optional<NumberBound> least;
  std::optional<NumberBound> most;
  int64_t multiple = 1;  // more than 1 only where is_whole

  void raise_least(const NumberBound& bound);
  void lower_most(const NumberBound& bound);
  bool admits(const Json& number) const;
  /// No number is in both ranges.
  bool is_apart_from(const NumberRule& other) const;
};

}  // namespace r1v
