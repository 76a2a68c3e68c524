// The state is: how many digits, how they compare with the bounds so far, and the remainder.
#include "constrain/number_lexeme.h"

#include <algorithm>
#include <map>

namespace r1v {
namespace {

constexpr size_t kWholeDigits = 18;   // fit into 64 bits
constexpr size_t kDoubleDigits = 15;  // any two numbers of so many digits are different doubles
constexpr size_t kUsualDigits = 9;    // before the point, where no bound says more
constexpr int kExponentDigits = 2;

// Zero or more, of one sign.
struct MagnitudeRule {
  std::optional<NumberBound> least;
  std::optional<NumberBound> most;
  bool is_whole = false;
  int64_t multiple = 1;
  size_t whole_digits = 0;
  size_t fraction_digits = 0;
};

void choose_digits(MagnitudeRule& rule) {
  const size_t least = rule.least ? rule.least->value.whole.size() + 1 : 0;
  if (rule.is_whole) {
    rule.whole_digits = std::max(kWholeDigits, least);
    return;
  }
  const size_t wanted = rule.most ? rule.most->value.whole.size() : std::max(kUsualDigits, least);
  rule.whole_digits = std::min(wanted, kDoubleDigits);
  rule.fraction_digits = kDoubleDigits - rule.whole_digits;
}

class MagnitudeLexeme {
 public:
  MagnitudeLexeme(const MagnitudeRule& rule, ByteAutomaton& out, Budget& budget)
      : rule_(rule), out_(out), budget_(budget) {}

  /// Adds what may follow `from`.
  void add(int32_t from) {
    for (int digit = 0; digit <= 9; ++digit) add_edge(from, digit, state_of(with_whole_digit({}, digit)));
    while (!open_.empty()) {
      const auto [key, state] = open_.back();
      open_.pop_back();
      expand(key, state);
    }
  }

 private:
  enum class Phase : uint8_t { zero, whole, point, fraction };
  struct Key {
    Phase phase = Phase::whole;
    size_t digits = 0;  // of the part that is being written
    int least = 0;      // how the digits so far compare with the bound
    int most = 0;
    int64_t rest = 0;
    auto operator<=>(const Key&) const = default;
  };

  static int sign(int value) { return (value > 0) - (value < 0); }

  static int compare_digit(int so_far, int digit, const std::string& bound, size_t index) {
    const int wanted = index < bound.size() ? bound[index] - '0' : 0;
    return so_far != 0 ? so_far : sign(digit - wanted);
  }

  Key with_whole_digit(const Key& key, int digit) const {
    Key to = key;
    to.phase = key.digits == 0 && digit == 0 ? Phase::zero : Phase::whole;
    if (rule_.least) to.least = compare_digit(key.least, digit, rule_.least->value.whole, key.digits);
    if (rule_.most) to.most = compare_digit(key.most, digit, rule_.most->value.whole, key.digits);
    to.rest = (key.rest * 10 + digit) % rule_.multiple;
    ++to.digits;
    return to;
  }

  // Without zeros in front, the longer number is the larger one.
  static int whole_order(int prefix, size_t digits, const std::optional<NumberBound>& bound) {
    if (!bound) return 0;
    const size_t wanted = bound->value.whole.size();
    return digits != wanted ? (digits < wanted ? -1 : 1) : prefix;
  }

  Key with_point(const Key& key) const {
    return {.phase = Phase::point,
            .digits = 0,
            .least = whole_order(key.least, key.digits, rule_.least),
            .most = whole_order(key.most, key.digits, rule_.most),
            .rest = key.rest};
  }

  Key with_fraction_digit(const Key& key, int digit) const {
    Key to = key;
    to.phase = Phase::fraction;
    if (rule_.least) to.least = compare_digit(key.least, digit, rule_.least->value.fraction, key.digits);
    if (rule_.most) to.most = compare_digit(key.most, digit, rule_.most->value.fraction, key.digits);
    ++to.digits;
    return to;
  }

  static int final_order(const Key& key, int order, const std::optional<NumberBound>& bound) {
    const bool is_fraction = key.phase == Phase::fraction;
    if (!is_fraction) order = whole_order(order, key.digits, bound);
    // What the bound still has is not zero.
    return order == 0 && bound->value.fraction.size() > (is_fraction ? key.digits : 0) ? -1 : order;
  }

  bool accepts(const Key& key) const {
    if (key.phase == Phase::point || key.rest != 0) return false;
    if (rule_.least) {
      const int order = final_order(key, key.least, rule_.least);
      if (order < 0 || (order == 0 && rule_.least->is_exclusive)) return false;
    }
    if (rule_.most) {
      const int order = final_order(key, key.most, rule_.most);
      if (order > 0 || (order == 0 && rule_.most->is_exclusive)) return false;
    }
    return true;
  }

  int32_t state_of(const Key& key) {
    const auto [known, is_new] = states_.try_emplace(key, 0);
    if (is_new) {
      known->second = out_.add_state(budget_, accepts(key));
      open_.emplace_back(key, known->second);
    }
    return known->second;
  }

  void add_edge(int32_t from, int digit, int32_t to) {
    const auto byte = static_cast<uint8_t>('0' + digit);
    out_.add_edge(from, byte, byte, to);
  }

  void expand(const Key& key, int32_t state) {
    const bool is_fraction = key.phase == Phase::point || key.phase == Phase::fraction;
    if (!is_fraction && rule_.fraction_digits > 0) out_.add_edge(state, '.', '.', state_of(with_point(key)));
    if (key.phase == Phase::zero || key.digits >= (is_fraction ? rule_.fraction_digits : rule_.whole_digits)) return;
    for (int digit = 0; digit <= 9; ++digit) {
      add_edge(state, digit, state_of(is_fraction ? with_fraction_digit(key, digit) : with_whole_digit(key, digit)));
    }
  }

  const MagnitudeRule& rule_;
  ByteAutomaton& out_;
  Budget& budget_;
  std::map<Key, int32_t> states_;
  std::vector<std::pair<Key, int32_t>> open_;
};

std::optional<NumberBound> negated(std::optional<NumberBound> bound) {
  if (bound) bound->value.is_negative = !bound->value.is_negative && !bound->value.is_zero();
  return bound;
}

// Adds the numbers of one sign, given as bounds on the magnitude.
void add_magnitudes(MagnitudeRule rule, ByteAutomaton& out, int32_t from, Budget& budget) {
  if (rule.most && (rule.most->value.is_negative || (rule.most->value.is_zero() && rule.most->is_exclusive))) return;
  if (rule.least && rule.least->value.is_negative) rule.least.reset();
  choose_digits(rule);
  MagnitudeLexeme(rule, out, budget).add(from);
}

// A chain of up to `most` accepting digits.
void add_digits(ByteAutomaton& out, int32_t from, int most, std::vector<int32_t>& reached, Budget& budget) {
  for (int i = 0; i < most; ++i) {
    const int32_t to = out.add_state(budget, true);
    out.add_edge(from, '0', '9', to);
    reached.push_back(to);
    from = to;
  }
}

ByteAutomaton any_number(Budget& budget) {
  ByteAutomaton out;
  const int32_t start = out.add_state(budget), minus = out.add_state(budget);
  const int32_t zero = out.add_state(budget, true), first = out.add_state(budget, true);
  out.add_edge(start, '-', '-', minus);
  for (const int32_t from : {start, minus}) {
    out.add_edge(from, '0', '0', zero);
    out.add_edge(from, '1', '9', first);
  }
  std::vector<int32_t> before_exponent{zero, first};
  add_digits(out, first, static_cast<int>(kDoubleDigits) - 1, before_exponent, budget);
  const int32_t point = out.add_state(budget);
  for (const int32_t from : before_exponent) out.add_edge(from, '.', '.', point);
  add_digits(out, point, static_cast<int>(kDoubleDigits), before_exponent, budget);
  const int32_t exponent = out.add_state(budget), sign = out.add_state(budget);
  for (const int32_t from : before_exponent) {
    for (const uint8_t letter : {'E', 'e'}) out.add_edge(from, letter, letter, exponent);
  }
  for (const uint8_t letter : {'+', '-'}) out.add_edge(exponent, letter, letter, sign);
  std::vector<int32_t> digits;
  add_digits(out, exponent, kExponentDigits, digits, budget);
  out.add_edge(sign, '0', '9', digits[0]);
  return out;
}

// Drops edges to states from which no end can be reached.
void prune(ByteAutomaton& out) {
  std::vector<std::vector<int32_t>> before(out.states.size());
  std::vector<uint8_t> lives(out.states.size(), 0);
  std::vector<int32_t> open;
  for (size_t i = 0; i < out.states.size(); ++i) {
    for (const auto& edge : out.states[i].edges)
      before[static_cast<size_t>(edge.to)].push_back(static_cast<int32_t>(i));
    if (out.states[i].accepts) open.push_back(static_cast<int32_t>(i));
  }
  while (!open.empty()) {
    const auto state = static_cast<size_t>(open.back());
    open.pop_back();
    if (lives[state] != 0) continue;
    lives[state] = 1;
    open.insert(open.end(), before[state].begin(), before[state].end());
  }
  for (auto& state : out.states) {
    std::erase_if(state.edges, [&](const auto& edge) { return lives[static_cast<size_t>(edge.to)] == 0; });
  }
}

}  // namespace

ByteAutomaton number_lexeme(const NumberRule& rule, Budget& budget) {
  if (!rule.is_whole && !rule.least && !rule.most) return any_number(budget);
  ByteAutomaton out;
  const int32_t start = out.add_state(budget), minus = out.add_state(budget);
  out.add_edge(start, '-', '-', minus);
  const MagnitudeRule positive{
      .least = rule.least, .most = rule.most, .is_whole = rule.is_whole, .multiple = rule.multiple};
  add_magnitudes(positive, out, start, budget);
  MagnitudeRule negative = positive;
  negative.most = negated(rule.least);
  negative.least = negated(rule.most);
  if (!negative.least || negative.least->value.is_negative || negative.least->value.is_zero()) {
    negative.least = NumberBound{.value = {}, .is_exclusive = true};  // no -0
  }
  add_magnitudes(negative, out, minus, budget);
  prune(out);
  return out;
}

}  // namespace r1v
