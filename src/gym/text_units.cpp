// Text family about units: lengths, weights, money and times into smaller or larger ones.
#include <array>

#include "base/error.h"
#include "gym/calculation.h"
#include "gym/draft.h"
#include "gym/families.h"

namespace r1v {

namespace {

struct Unit {
  const char* large;
  const char* small;
  int factor;          // small ones in a large one
  const char* single;  // the name of one large one
};

constexpr std::array<Unit, 8> kUnits = {{{"cm", "mm", 10, "cm"},
                                         {"dm", "cm", 10, "dm"},
                                         {"m", "cm", 100, "m"},
                                         {"euros", "cents", 100, "euro"},
                                         {"km", "m", 1000, "km"},
                                         {"kg", "g", 1000, "kg"},
                                         {"hours", "minutes", 60, "hour"},
                                         {"minutes", "seconds", 60, "minute"}}};

struct Conversion {
  std::vector<std::string> questions;
  std::string answer;
  std::string steps, slip, mistake;
  Json scene;
};

std::string fact(const Unit& unit) { return cat("1 ", unit.single, " = ", unit.factor, " ", unit.small, ". "); }

std::string worked_factor(int count, int factor) {
  return factor == 60 ? worked_product(count, 6) + cat(", so ", count, "*60=", count * 60)
                      : cat(count, "*", factor, "=", count * factor);
}

Conversion to_small(const Unit& unit, int count) {
  return {{cat("How many ", unit.small, " are ", count, " ", unit.large, "?"),
           cat(count, " ", unit.large, " = ? ", unit.small)},
          std::to_string(count * unit.factor),
          fact(unit) + worked_factor(count, unit.factor),
          std::to_string(unit.factor == 60 ? count * 100 : count * unit.factor * 10),
          "took the wrong factor",
          {{"ask", "to small"}, {"large", unit.large}, {"small", unit.small}, {"count", count}, {"rest", 0}}};
}

Conversion mixed_to_small(const Unit& unit, int count, int rest) {
  const int whole = count * unit.factor;
  return {{cat("How many ", unit.small, " are ", count, " ", unit.large, " and ", rest, " ", unit.small, "?"),
           cat(count, " ", unit.large, " ", rest, " ", unit.small, " = ? ", unit.small)},
          std::to_string(whole + rest),
          cat(fact(unit), worked_factor(count, unit.factor), ". ", worked_sum(whole, rest)),
          std::to_string(count + rest),
          "added without converting",
          {{"ask", "to small"}, {"large", unit.large}, {"small", unit.small}, {"count", count}, {"rest", rest}}};
}

Conversion to_large(const Unit& unit, int count) {
  return {{cat("How many ", unit.large, " are ", count * unit.factor, " ", unit.small, "?"),
           cat(count * unit.factor, " ", unit.small, " = ? ", unit.large)},
          std::to_string(count),
          cat(fact(unit), worked_quotient(count * unit.factor, unit.factor)),
          std::to_string(count * 10),
          "took the wrong factor",
          {{"ask", "to large"}, {"large", unit.large}, {"small", unit.small}, {"count", count * unit.factor}}};
}

/// Decimal metres, kilograms, ... into the smaller unit: 2.5 m -> 250 cm.
Conversion decimal_to_small(const Unit& unit, int in_tenths) {
  const int result = in_tenths * unit.factor / 10;
  return {{cat("How many ", unit.small, " are ", tenths(in_tenths), " ", unit.large, "?")},
          std::to_string(result),
          cat(fact(unit), tenths(in_tenths), "*", unit.factor, "=", result),
          std::to_string(result * 10),
          "moved the point too far",
          {{"ask", "decimal"}, {"large", unit.large}, {"small", unit.small}, {"tenths", in_tenths}}};
}

Conversion remainder_of(const Unit& unit, int count, int cut) {
  const int whole = count * unit.factor;
  return {{cat("From ", count, " ", unit.large, " you take away ", cut, " ", unit.small, ". How many ", unit.small,
               " are left?")},
          std::to_string(whole - cut),
          cat(fact(unit), worked_factor(count, unit.factor), ". ", worked_difference(whole, cut)),
          std::to_string(whole + cut),
          "added",
          {{"ask", "left"}, {"large", unit.large}, {"small", unit.small}, {"count", count}, {"cut", cut}}};
}

/// How far at a steady speed in hours and half hours.
Conversion distance(int km_per_hour, int half_hours) {
  const int km = km_per_hour * half_hours / 2, whole = half_hours / 2;
  std::string steps = worked_product(km_per_hour, whole);
  if (half_hours % 2 == 1)
    steps +=
        cat(". Half of ", km_per_hour, " is ", km_per_hour / 2, ". ", worked_sum(km_per_hour * whole, km_per_hour / 2));
  return {{cat("A train goes ", km_per_hour, " km in one hour. How many km does it go in ", tenths(5 * half_hours),
               " hours?")},
          std::to_string(km),
          steps,
          std::to_string(km_per_hour * whole),
          "forgot the half hour",
          {{"ask", "distance"}, {"speed", km_per_hour}, {"half_hours", half_hours}}};
}

Conversion plan(Draft& draft) {
  const auto n = [&](int low, int high) { return draft.number(low, high); };
  const bool first = draft.chance(0.5);
  const Unit& any = draft.rng.pick(kUnits);
  const Unit& decimal = kUnits[static_cast<size_t>(n(0, 5))];
  switch (draft.task.level) {
    case 1:
      return first ? to_small(decimal, n(2, 20)) : to_large(decimal, n(2, decimal.factor == 1000 ? 9 : 20));
    case 2:
      return first ? to_small(any, n(2, 9)) : mixed_to_small(kUnits[static_cast<size_t>(n(0, 3))], n(2, 9), n(1, 9));
    case 3:
      return first ? mixed_to_small(any, n(2, 9), n(11, 59)) : to_large(any, n(2, 9));
    case 4:
      return first ? remainder_of(kUnits[static_cast<size_t>(n(2, 7))], n(2, 9), n(11, 95))
                   : decimal_to_small(decimal, n(11, 99));
    default:
      break;
  }
  return first ? distance(2 * n(20, 60), n(3, 9))
               : remainder_of(kUnits[static_cast<size_t>(n(4, 7))], n(4, 12), n(101, 230));
}

}  // namespace

Task make_text_units(uint64_t seed, int level, Split) {
  Draft draft("text_units", seed, level);
  const Conversion conversion = plan(draft);
  draft.task.scene = conversion.scene;
  draft.ask(conversion.questions, "number", conversion.answer);
  draft.task.solution = conversion.steps + ".";
  draft.slip(conversion.slip, conversion.mistake);
  draft.slip(conversion.answer + "0", "one zero too many");
  draft.slip(cat(std::stoi(conversion.answer) + 10), "made a mistake in the tens");
  return draft.task;
}

}  // namespace r1v
