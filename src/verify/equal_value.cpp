// Variables are replaced by numbers that the writer of the answer cannot know.
#include "verify/equal_value.h"

#include <algorithm>
#include <optional>

#include "base/rng.h"

namespace r1v {
namespace {

constexpr int kDecimals = 6;
constexpr int kNumPoints = 4;       // of fractions
constexpr int kNumWholePoints = 3;  // of whole numbers, where fractions have no value: n!

std::set<std::string> symbols_of(std::initializer_list<const Expression*> expressions) {
  std::set<std::string> names;
  for (const Expression* expression : expressions) names.insert(expression->symbols.begin(), expression->symbols.end());
  return names;
}

}  // namespace

// Small fractions, apart from each other; all positive at the first two points, of either sign at the others; at last
// whole numbers.
ValueComparer::Values ValueComparer::point(const std::set<std::string>& names, int index) const {
  Values values;
  for (const std::string& name : names) {
    Rng rng(mix_seed(mix_seed(seed_, name), static_cast<uint64_t>(index)));
    if (index >= kNumPoints) {
      values.emplace(name, Number(rng.integer(3, 60)));
      continue;
    }
    const Number value = arithmetic_.divide(Number(rng.integer(2, 997)), Number(rng.integer(2, 61)));
    values.emplace(name, index >= 2 && rng.chance(0.7) ? arithmetic_.negate(value) : value);
  }
  return values;
}

bool ValueComparer::same_rounded(const Number& a, const Number& b, const Arithmetic& arithmetic) const {
  if (!a.is_real() || !b.is_real()) {
    return same_rounded(arithmetic.real_part(a), arithmetic.real_part(b), arithmetic) &&
           same_rounded(arithmetic.imaginary_part(a), arithmetic.imaginary_part(b), arithmetic);
  }
  const Number difference = arithmetic.absolute(arithmetic.subtract(a, b));
  if (difference.is_exact() && difference.is_zero()) return true;
  if (!arithmetic.subtract(arithmetic.round(a, kDecimals), arithmetic.round(b, kDecimals)).is_zero()) return false;
  const Number hundredfold = arithmetic.multiply(difference, Number(100));
  const auto at_most = [&](const Number& size) {
    return arithmetic.subtract(hundredfold, arithmetic.absolute(size)).sign() <= 0;
  };
  return at_most(a) || at_most(b);
}

bool ValueComparer::same_at(const Expression& gold, const Expression& given, const Values& values,
                            EvaluateOptions options) const {
  const bool is_complex = values.empty() || gold.has_imaginary || given.has_imaginary;
  const Arithmetic arithmetic = arithmetic_.in(is_complex ? Domain::complex : Domain::real);
  const Number a = evaluate(gold, arithmetic, values, options), b = evaluate(given, arithmetic, values, options);
  if (gold.has_decimal || given.has_decimal) return same_rounded(a, b, arithmetic);
  return arithmetic.subtract(a, b).is_zero();
}

// At points where a side has no value (a root of a negative number) nothing is learnt; one valid point is needed.
bool ValueComparer::same_everywhere(const Expression& gold, const Expression& given, EvaluateOptions options) const {
  const std::set<std::string> names = symbols_of({&gold, &given});
  if (names.empty()) return same_at(gold, given, {}, options);
  std::optional<Undecidable> problem;
  int num_valid = 0;
  for (int index = 0; index < kNumPoints + (num_valid == 0 ? kNumWholePoints : 0); ++index) {
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

bool ValueComparer::same_value(const Expression& gold, const Expression& given) const {
  if (same_everywhere(gold, given, {})) return true;
  // "25" answers "25%" and the other way round: the sign is often in the question.
  if (gold.has_percent != given.has_percent && same_everywhere(gold, given, {.percent_is_hundredth = false}))
    return true;
  // "pi/6" answers "30 degrees" and the other way round.
  const bool is_angle = gold.has_degree ? given.has_pi && !given.has_degree : gold.has_pi && given.has_degree;
  return is_angle && same_everywhere(gold, given, {.degree_is_radian = true});
}

// (right - left of gold) / (right - left of given), when it is the same at all points; the sign of a link that holds
// nowhere or everywhere says nothing.
std::optional<Number> ValueComparer::common_ratio(const Answer::Link& gold, const Answer::Link& given) const {
  const std::set<std::string> names = symbols_of({&gold.left, &gold.right, &given.left, &given.right});
  std::optional<Number> ratio;
  std::optional<Undecidable> problem = Undecidable{"the equations say nothing"};
  const int num_points = names.empty() ? 1 : kNumPoints;
  for (int index = 0; index < num_points; ++index) {
    const Values values = point(names, index);
    const auto gap = [&](const Answer::Link& link) {
      return arithmetic_.subtract(evaluate(link.right, arithmetic_, values), evaluate(link.left, arithmetic_, values));
    };
    try {
      const Number a = gap(gold), b = gap(given);
      if (a.is_zero() || b.is_zero()) {
        if (a.is_zero() != b.is_zero()) return std::nullopt;
        continue;
      }
      const Number here = arithmetic_.divide(a, b);
      if (ratio && !arithmetic_.subtract(here, *ratio).is_zero()) return std::nullopt;
      ratio = here;
    } catch (const Undecidable& reason) {
      problem = reason;
    }
  }
  if (!ratio) throw *problem;
  return ratio;
}

// g(p + q) + g(0) = g(p) + g(q) at points that nobody chose.
bool ValueComparer::is_linear(const Answer::Link& link) const {
  const Values p = point(symbols_of({&link.left, &link.right}), 0), q = point(symbols_of({&link.left, &link.right}), 1);
  Values sum, origin;
  for (const auto& [name, value] : p) {
    sum.emplace(name, arithmetic_.add(value, q.at(name)));
    origin.emplace(name, Number(0));
  }
  const auto gap = [&](const Values& values) {
    return arithmetic_.subtract(evaluate(link.right, arithmetic_, values), evaluate(link.left, arithmetic_, values));
  };
  return arithmetic_.subtract(arithmetic_.add(gap(sum), gap(origin)), arithmetic_.add(gap(p), gap(q))).is_zero();
}

bool ValueComparer::same_equation(const Answer& gold, const Answer& given) const {
  const auto as_link = [](const Answer& answer) { return Answer::Link{answer.left, answer.value, {}}; };
  return common_ratio(as_link(gold), as_link(given)).has_value();
}

bool ValueComparer::same_link(const Answer::Link& gold, const Answer::Link& given) const {
  if (gold.comparison != given.comparison) return false;
  const auto ratio = common_ratio(gold, given);
  return ratio && (gold.comparison == Answer::Comparison::unequal || ratio->sign() > 0);
}

}  // namespace r1v
