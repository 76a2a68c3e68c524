// One table of names; a unit is a product of powers of them.
#include "verify/unit.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "verify/clean.h"

namespace r1v {
namespace {

using Powers = std::array<int, 6>;

struct Name {
  std::string_view name;
  Powers powers;
  int64_t top, bottom;
  bool is_word;  // case does not matter, plural in s
};

constexpr Powers kLength = {1}, kVolume = {3}, kMass = {0, 1}, kTime = {0, 0, 1}, kForce = {1, 1, -2},
                 kEnergy = {2, 1, -2};
constexpr Powers kPower = {2, 1, -3}, kPressure = {-1, 1, -2}, kVoltage = {2, 1, -3, -1}, kCurrent = {0, 0, 0, 1};
constexpr Powers kFrequency = {0, 0, -1}, kKelvin = {0, 0, 0, 0, 1}, kMoney = {0, 0, 0, 0, 0, 1}, kSpeed = {1, 0, -1};

// SI by definition; yard, pound and inch by the agreement of 1959: 0.9144 m, 0.45359237 kg.
constexpr auto kNames = std::to_array<Name>({
    {"nm", kLength, 1, 1000000000, false},
    {"mm", kLength, 1, 1000, false},
    {"cm", kLength, 1, 100, false},
    {"dm", kLength, 1, 10, false},
    {"m", kLength, 1, 1, false},
    {"km", kLength, 1000, 1, false},
    {"in", kLength, 254, 10000, false},
    {"ft", kLength, 3048, 10000, false},
    {"yd", kLength, 9144, 10000, false},
    {"mi", kLength, 1609344, 1000, false},
    {"millimeter", kLength, 1, 1000, true},
    {"centimeter", kLength, 1, 100, true},
    {"meter", kLength, 1, 1, true},
    {"kilometer", kLength, 1000, 1, true},
    {"inch", kLength, 254, 10000, true},
    {"inche", kLength, 254, 10000, true},  // inches
    {"foot", kLength, 3048, 10000, true},
    {"feet", kLength, 3048, 10000, true},
    {"yard", kLength, 9144, 10000, true},
    {"mile", kLength, 1609344, 1000, true},
    {"mg", kMass, 1, 1000000, false},
    {"g", kMass, 1, 1000, false},
    {"kg", kMass, 1, 1, false},
    {"lb", kMass, 45359237, 100000000, false},
    {"lbs", kMass, 45359237, 100000000, false},
    {"oz", kMass, 45359237, 1600000000, false},
    {"milligram", kMass, 1, 1000000, true},
    {"gram", kMass, 1, 1000, true},
    {"kilogram", kMass, 1, 1, true},
    {"tonne", kMass, 1000, 1, true},
    {"ounce", kMass, 45359237, 1600000000, true},
    {"ms", kTime, 1, 1000, false},
    {"s", kTime, 1, 1, false},
    {"sec", kTime, 1, 1, true},
    {"min", kTime, 60, 1, true},
    {"h", kTime, 3600, 1, false},
    {"hr", kTime, 3600, 1, true},
    {"second", kTime, 1, 1, true},
    {"minute", kTime, 60, 1, true},
    {"hour", kTime, 3600, 1, true},
    {"day", kTime, 86400, 1, true},
    {"week", kTime, 604800, 1, true},
    {"ml", kVolume, 1, 1000000, true},
    {"cl", kVolume, 1, 100000, true},
    {"dl", kVolume, 1, 10000, true},
    {"l", kVolume, 1, 1000, true},
    {"milliliter", kVolume, 1, 1000000, true},
    {"liter", kVolume, 1, 1000, true},
    {"mph", kSpeed, 1609344, 3600000, false},
    {"kph", kSpeed, 1000, 3600, false},
    {"N", kForce, 1, 1, false},
    {"kN", kForce, 1000, 1, false},
    {"newton", kForce, 1, 1, true},
    {"J", kEnergy, 1, 1, false},
    {"kJ", kEnergy, 1000, 1, false},
    {"joule", kEnergy, 1, 1, true},
    {"W", kPower, 1, 1, false},
    {"kW", kPower, 1000, 1, false},
    {"MW", kPower, 1000000, 1, false},
    {"watt", kPower, 1, 1, true},
    {"Pa", kPressure, 1, 1, false},
    {"kPa", kPressure, 1000, 1, false},
    {"MPa", kPressure, 1000000, 1, false},
    {"V", kVoltage, 1, 1, false},
    {"mV", kVoltage, 1, 1000, false},
    {"kV", kVoltage, 1000, 1, false},
    {"volt", kVoltage, 1, 1, true},
    {"A", kCurrent, 1, 1, false},
    {"mA", kCurrent, 1, 1000, false},
    {"ampere", kCurrent, 1, 1, true},
    {"Hz", kFrequency, 1, 1, false},
    {"kHz", kFrequency, 1000, 1, false},
    {"MHz", kFrequency, 1000000, 1, false},
    {"K", kKelvin, 1, 1, false},
    {"dollar", kMoney, 1, 1, true},
    {"cent", kMoney, 1, 100, true},
});

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

// metre and litre as meter and liter, without plural s.
std::string usual_spelling(std::string_view word) {
  std::string out = lower(word);
  if (out.size() > 2 && out.ends_with("s")) out.pop_back();
  if (out.ends_with("metre") || out.ends_with("litre")) out.replace(out.size() - 2, 2, "er");
  return out;
}

const Name* find_name(std::string_view word) {
  for (const Name& name : kNames) {
    if (!name.is_word && name.name == word) return &name;
  }
  const std::string usual = usual_spelling(word), small = lower(word);
  for (const Name& name : kNames) {
    if (name.is_word && (name.name == usual || name.name == small)) return &name;
  }
  return nullptr;
}

class UnitReader {
 public:
  explicit UnitReader(std::string_view text) : text_(text) {}

  std::optional<Unit> run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (is_letter(c)) {
        if (!word()) return std::nullopt;
      } else if (c == '/') {
        is_below_ = true;
        ++at_;
      } else if (std::string_view(" .*").find(c) != std::string_view::npos) {
        ++at_;
      } else {
        return std::nullopt;
      }
    }
    return num_units_ > 0 ? std::optional(unit_) : std::nullopt;
  }

 private:
  bool word() {
    size_t end = at_;
    while (end < text_.size() && is_letter(text_[end])) ++end;
    const std::string_view word = text_.substr(at_, end - at_);
    at_ = end;
    const std::string small = lower(word);
    if (small == "per") return is_below_ = true;
    if (small == "square" || small == "sq") return next_power_ = 2, true;
    if (small == "cubic") return next_power_ = 3, true;
    const Name* name = find_name(word);
    if (name == nullptr || ++num_units_ > 6) return false;
    unit_.is_ambiguous = unit_.is_ambiguous || name->name == "m";
    const int written = power();
    return multiply(*name, written * next_power_ * (is_below_ ? -1 : 1));
  }

  // "^2", "^{-1}", " ^{2}" behind a name; 1 when there is none.
  int power() {
    size_t i = at_;
    while (i < text_.size() && text_[i] == ' ') ++i;
    if (i >= text_.size() || text_[i] != '^') return 1;
    int value = 0, sign = 1;
    for (++i; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == '-') sign = -1;
      if (std::isdigit(static_cast<unsigned char>(c)) != 0) value = c - '0';
      const bool is_part =
          c == '{' || c == '}' || c == '-' || c == ' ' || std::isdigit(static_cast<unsigned char>(c)) != 0;
      if (!is_part) break;
    }
    at_ = i;
    return value == 0 ? 1 : sign * value;
  }

  bool multiply(const Name& name, int times) {
    next_power_ = 1;
    is_below_ = false;  // "m/s kg": only what follows the bar is below it
    for (size_t i = 0; i < unit_.powers.size(); ++i) unit_.powers[i] += name.powers[i] * times;
    for (int i = 0; i < std::abs(times); ++i) {
      int64_t& top = times > 0 ? unit_.top : unit_.bottom;
      int64_t& bottom = times > 0 ? unit_.bottom : unit_.top;
      if (__builtin_mul_overflow(top, name.top, &top) || __builtin_mul_overflow(bottom, name.bottom, &bottom))
        return false;
    }
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  bool is_below_ = false;
  int next_power_ = 1;
  int num_units_ = 0;
  Unit unit_;
};

}  // namespace

std::optional<Unit> read_unit(std::string_view text) { return UnitReader(text).run(); }

}  // namespace r1v
