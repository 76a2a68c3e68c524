// Numbers, variables, equations, lists; one work budget for the whole comparison.
#include "verify/equal.h"

#include <algorithm>
#include <optional>

#include "base/rng.h"

namespace r1v {
namespace {

using Values = std::map<std::string, Number>;

constexpr int64_t kWorkBits = int64_t{1} << 23;
constexpr int kLowPrecision = 320, kHighPrecision = 640;
constexpr int kDecidedBits = 110;  // 33 decimal digits
constexpr int kDecimals = 6;
constexpr int kNumPoints = 4;

class Comparer {
 public:
  explicit Comparer(uint64_t seed) : seed_(seed), low_(kLowPrecision, budget_), high_(kHighPrecision, budget_) {}

  bool same(const Answer& gold, const Answer& given);

 private:
  bool same_value(const Expression& gold, const Expression& given);
  bool same_at(const Expression& gold, const Expression& given, const Values& values, EvaluateOptions options);
  bool same_number(const Number& a, const Number& b, const Number& low_difference, const Number& difference) const;
  bool same_rounded(const Number& a, const Number& b) const;
  bool same_everywhere(const Expression& gold, const Expression& given, EvaluateOptions options);
  bool same_equation(const Answer& gold, const Answer& given);
  bool same_list(const Answer& gold, const Answer& given);
  bool same_in_order(const std::vector<Answer>& gold, const std::vector<Answer>& given);
  bool same_in_any_order(const std::vector<Answer>& gold, const std::vector<Answer>& given);
  Values point(const std::set<std::string>& names, int index) const;

  uint64_t seed_;
  WorkBudget budget_{kWorkBits};
  Arithmetic low_, high_;
};

// Small fractions, apart from each other; all positive at the first two points, of either sign at the others.
Values Comparer::point(const std::set<std::string>& names, int index) const {
  Values values;
  for (const std::string& name : names) {
    Rng rng(mix_seed(mix_seed(seed_, name), static_cast<uint64_t>(index)));
    const Number value = high_.divide(Number(rng.integer(2, 997)), Number(rng.integer(2, 61)));
    values.emplace(name, index >= 2 && rng.chance(0.7) ? high_.negate(value) : value);
  }
  return values;
}

bool Comparer::same_rounded(const Number& a, const Number& b) const {
  const Number difference = high_.absolute(high_.subtract(a, b));
  if (difference.is_zero()) return true;
  if (!high_.subtract(high_.round(a, kDecimals), high_.round(b, kDecimals)).is_zero()) return false;
  const Number hundredfold = high_.multiply(difference, Number(100));
  const auto at_most = [&](const Number& size) {
    return high_.subtract(hundredfold, high_.absolute(size)).sign() <= 0;
  };
  return at_most(a) || at_most(b);
}

// `low_difference` and `difference` are the same quantity with 320 and with 640 bits.
bool Comparer::same_number(const Number& a, const Number& b, const Number& low_difference,
                           const Number& difference) const {
  if (difference.is_zero()) return true;
  if (difference.is_exact()) return false;
  const double shrunk_bits = low_difference.log2_size() - difference.log2_size();
  const double size = std::max({a.log2_size(), b.log2_size(), 0.0});
  if (!low_difference.is_zero() && shrunk_bits > -2 && shrunk_bits < 2) return false;  // it stays: not zero
  const bool is_rounding = difference.log2_size() < size - kHighPrecision + 80 || shrunk_bits > kLowPrecision / 2;
  if (is_rounding && difference.log2_size() < size - kDecidedBits) return true;
  throw Undecidable{"the values are too close to tell apart"};
}

bool Comparer::same_at(const Expression& gold, const Expression& given, const Values& values, EvaluateOptions options) {
  const Number a = evaluate(gold, high_, values, options), b = evaluate(given, high_, values, options);
  const Number difference = high_.subtract(a, b);
  if (gold.has_decimal || given.has_decimal) return same_rounded(a, b);
  if (difference.is_exact()) return difference.is_zero();
  const Number low_a = evaluate(gold, low_, values, options), low_b = evaluate(given, low_, values, options);
  return same_number(a, b, low_.subtract(low_a, low_b), difference);
}

// At points where a side has no value (a root of a negative number) nothing is learnt; one valid point is needed.
bool Comparer::same_everywhere(const Expression& gold, const Expression& given, EvaluateOptions options) {
  std::set<std::string> names = gold.symbols;
  names.insert(given.symbols.begin(), given.symbols.end());
  if (names.empty()) return same_at(gold, given, {}, options);
  std::optional<Undecidable> problem;
  int num_valid = 0;
  for (int index = 0; index < kNumPoints; ++index) {
    try {
      if (!same_at(gold, given, point(names, index), options)) return false;
      ++num_valid;
    } catch (const Undecidable& reason) {
      problem = reason;
    }
  }
  if (num_valid == 0) throw *problem;
  return true;
}

bool Comparer::same_value(const Expression& gold, const Expression& given) {
  if (same_everywhere(gold, given, {})) return true;
  // "25" answers "25%" and the other way round: the sign is often in the question.
  return gold.has_percent != given.has_percent && same_everywhere(gold, given, {.percent_is_hundredth = false});
}

// Both say left - right = 0: the same if one difference is a constant multiple of the other.
bool Comparer::same_equation(const Answer& gold, const Answer& given) {
  std::set<std::string> names = gold.left.symbols;
  for (const Expression* side : {&gold.value, &given.left, &given.value}) {
    names.insert(side->symbols.begin(), side->symbols.end());
  }
  std::optional<Number> ratio;
  for (int index = 0; index < kNumPoints; ++index) {
    const Values values = point(names, index);
    const auto gap = [&](const Answer& answer) {
      return high_.subtract(evaluate(answer.left, high_, values), evaluate(answer.value, high_, values));
    };
    const Number a = gap(gold), b = gap(given);
    if (a.is_zero() || b.is_zero()) {
      if (a.is_zero() != b.is_zero()) return false;
      continue;
    }
    const Number here = high_.divide(a, b);
    if (ratio) {
      const Number change = high_.subtract(here, *ratio);
      if (!change.is_zero() && change.log2_size() > here.log2_size() - kLowPrecision) return false;
    }
    ratio = here;
  }
  if (!ratio) throw Undecidable{"the equations say nothing"};
  return true;
}

bool Comparer::same_in_order(const std::vector<Answer>& gold, const std::vector<Answer>& given) {
  for (size_t i = 0; i < gold.size(); ++i) {
    if (!same(gold[i], given[i])) return false;
  }
  return true;
}

bool Comparer::same_in_any_order(const std::vector<Answer>& gold, const std::vector<Answer>& given) {
  std::vector<bool> used(given.size());
  for (const Answer& wanted : gold) {
    size_t i = 0;
    while (i < given.size() && (used[i] || !same(wanted, given[i]))) ++i;
    if (i == given.size()) return false;
    used[i] = true;
  }
  return true;
}

bool Comparer::same_list(const Answer& gold, const Answer& given) {
  if (gold.items.size() != given.items.size()) return false;
  const auto is_ordered = [](char open) { return open == '(' || open == '['; };
  if (is_ordered(gold.open) && is_ordered(given.open)) {
    // (1, 2) is a point or an open interval, [1, 2] a closed one.
    return gold.open == given.open && gold.close == given.close && same_in_order(gold.items, given.items);
  }
  if (is_ordered(gold.open)) return given.open == 0 && same_in_order(gold.items, given.items);
  return !is_ordered(given.open) ? same_in_any_order(gold.items, given.items) : same_in_order(gold.items, given.items);
}

bool Comparer::same(const Answer& gold, const Answer& given) {
  using Form = Answer::Form;
  if (gold.form == Form::list || given.form == Form::list) {
    return gold.form == given.form && same_list(gold, given);
  }
  if (gold.form == Form::value && given.form == Form::value) return same_value(gold.value, given.value);
  const bool is_computation = given.form == Form::equation && given.left.symbols.empty();  // "3 + 5 = 8"
  if (gold.form == Form::value) {
    return (given.is_assignment() || is_computation) && same_value(gold.value, given.value);
  }
  if (given.form == Form::value) return gold.is_assignment() && same_value(gold.value, given.value);
  if (gold.is_assignment() && given.is_assignment() && gold.left.symbols == given.left.symbols &&
      same_value(gold.value, given.value)) {
    return true;
  }
  return same_equation(gold, given);
}

}  // namespace

bool same_answer(const Answer& gold, const Answer& given, uint64_t seed) { return Comparer(seed).same(gold, given); }

}  // namespace r1v
