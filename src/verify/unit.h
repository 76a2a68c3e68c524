// Units of measure behind a number: what they measure and how they convert.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace r1v {

struct Unit {
  std::array<int, 6> powers = {};  // of metre, kilogram, second, ampere, kelvin, dollar
  int64_t top = 1, bottom = 1;     // size in those: 1 cm is 1/100
  bool is_ambiguous = false;       // "m" may be metres or minutes

  bool measures_the_same(const Unit& other) const { return powers == other.powers; }
};

/// "cm", "cm^2", "km/h", "m s^{-2}", "square metres", "kilometers per hour". `text` comes from clean_math. Empty when
/// any word of it is not a known unit ("apples", "square units", "degrees C").
std::optional<Unit> read_unit(std::string_view text);

}  // namespace r1v
