// Forms of answers against each other, under one work budget, with more bits as long as a question stays open.
#include "verify/equal.h"

#include <algorithm>
#include <optional>

#include "base/rng.h"
#include "verify/equal_value.h"
#include "verify/real_set.h"

namespace r1v {
namespace {

using Form = Answer::Form;

constexpr int64_t kWorkBits = int64_t{1} << 23;
constexpr double kFirstPrecision = 128, kLastPrecision = 16384;

bool is_bracketed(const Answer& answer) {
  return answer.form == Form::list && (answer.open == '(' || answer.open == '[');
}

class AnswerComparer {
 public:
  AnswerComparer(const Arithmetic& arithmetic, uint64_t seed) : arithmetic_(arithmetic), values_(arithmetic, seed) {}

  bool same(const Answer& gold, const Answer& given);

 private:
  bool same_list(const Answer& gold, const Answer& given);
  bool same_in_order(const std::vector<Answer>& gold, const std::vector<Answer>& given);
  bool same_in_any_order(const std::vector<Answer>& gold, const std::vector<Answer>& given);
  bool same_matrix(const Answer& gold, const Answer& given);
  bool same_relation(const Answer& gold, const Answer& given);
  bool same_as_sets(const Answer& gold, const Answer& given);
  bool same_plain(const Answer& gold, const Answer& given);

  const Arithmetic& arithmetic_;
  ValueComparer values_;
};

// Whether only the reading as a set of numbers makes sense.
bool is_set_like(const Answer& answer) {
  if (answer.form == Form::set || answer.form == Form::relation) return true;
  const auto is = [](Form form) { return [form](const Answer& item) { return item.form == form; }; };
  if (answer.form != Form::list) return false;
  if (is_bracketed(answer)) {
    return answer.items.size() == 2 &&
           (answer.close != (answer.open == '(' ? ')' : ']') || std::ranges::any_of(answer.items, is(Form::infinity)));
  }
  return std::ranges::all_of(answer.items, is(Form::relation)) || std::ranges::any_of(answer.items, is(Form::set));
}

std::set<std::string> variables_of(const Answer& answer) {
  std::set<std::string> names;
  for (const Answer::Link& link : answer.links) {
    names.insert(link.left.symbols.begin(), link.left.symbols.end());
    names.insert(link.right.symbols.begin(), link.right.symbols.end());
  }
  for (const Answer& item : answer.items) names.merge(variables_of(item));
  return names;
}

bool AnswerComparer::same_in_order(const std::vector<Answer>& gold, const std::vector<Answer>& given) {
  return std::ranges::equal(gold, given, [&](const Answer& a, const Answer& b) { return same(a, b); });
}

bool AnswerComparer::same_in_any_order(const std::vector<Answer>& gold, const std::vector<Answer>& given) {
  std::vector<bool> used(given.size());
  for (const Answer& wanted : gold) {
    size_t i = 0;
    while (i < given.size() && (used[i] || !same(wanted, given[i]))) ++i;
    if (i == given.size()) return false;
    used[i] = true;
  }
  return true;
}

bool AnswerComparer::same_list(const Answer& gold, const Answer& given) {
  if (gold.items.size() != given.items.size()) return false;
  if (is_bracketed(gold) && is_bracketed(given)) {
    // (1, 2) is a point or an open interval, [1, 2] a closed one.
    return gold.open == given.open && gold.close == given.close && same_in_order(gold.items, given.items);
  }
  if (is_bracketed(gold)) return given.open == 0 && same_in_order(gold.items, given.items);
  // "2, 1" against "(1, 2)": whoever writes brackets says that the order counts; of a set it never does.
  const bool is_ordered = is_bracketed(given) && gold.open == 0;
  return is_ordered ? same_in_order(gold.items, given.items) : same_in_any_order(gold.items, given.items);
}

// A row or column is also met by the tuple of its entries.
bool AnswerComparer::same_matrix(const Answer& gold, const Answer& given) {
  if (gold.form == Form::matrix && given.form == Form::matrix) {
    return gold.num_columns == given.num_columns && same_in_order(gold.items, given.items);
  }
  const Answer& matrix = gold.form == Form::matrix ? gold : given;
  const Answer& tuple = gold.form == Form::matrix ? given : gold;
  const bool is_vector = matrix.num_columns == 1 || matrix.num_columns == matrix.items.size();
  return is_vector && is_bracketed(tuple) && same_in_order(gold.items, given.items);
}

// Link by link in any order: left < right is right - left > 0, the same up to a positive factor.
bool AnswerComparer::same_relation(const Answer& gold, const Answer& given) {
  if (gold.links.size() != given.links.size()) return false;
  std::vector<bool> used(given.links.size());
  for (const Answer::Link& wanted : gold.links) {
    size_t i = 0;
    while (i < given.links.size() && (used[i] || !values_.same_link(wanted, given.links[i]))) ++i;
    if (i == given.links.size()) return false;
    used[i] = true;
  }
  return true;
}

bool AnswerComparer::same_as_sets(const Answer& gold, const Answer& given) {
  const std::set<std::string> wanted = variables_of(gold), found = variables_of(given);
  if (!wanted.empty() && !found.empty() && wanted != found) return false;  // x > 3 is not y > 3
  if (gold.form == Form::relation && given.form == Form::relation && same_relation(gold, given)) return true;
  const bool is_named = gold.form == Form::set && given.form == Form::set && gold.items.empty() && given.items.empty();
  if (is_named) return gold.name == given.name;
  if (gold.form == Form::matrix || given.form == Form::matrix) return false;
  const auto left = real_set(gold, arithmetic_), right = real_set(given, arithmetic_);
  if (left && right) return same_set(*left, *right, arithmetic_);
  if (gold.form == Form::list && given.form == Form::list) return same_list(gold, given);
  // Two half-planes are the same only when their inequalities are multiples of each other.
  const auto is_linear = [&](const Answer::Link& link) { return values_.is_linear(link); };
  if (gold.form == Form::relation && given.form == Form::relation && std::ranges::all_of(gold.links, is_linear) &&
      std::ranges::all_of(given.links, is_linear)) {
    return false;
  }
  const auto is_single = [](const Answer& answer) {
    return answer.form == Form::value || answer.form == Form::infinity;
  };
  if (is_single(gold) || is_single(given)) return false;
  throw Undecidable{"sets or inequalities that are not linear"};
}

bool AnswerComparer::same_plain(const Answer& gold, const Answer& given) {
  if (gold.form == Form::value && given.form == Form::value) return values_.same_value(gold.value, given.value);
  const bool is_computation = given.form == Form::equation && given.left.symbols.empty();  // "3 + 5 = 8"
  if (gold.form == Form::value) {
    return (given.is_assignment() || is_computation) && values_.same_value(gold.value, given.value);
  }
  if (given.form == Form::value) return gold.is_assignment() && values_.same_value(gold.value, given.value);
  if (gold.is_assignment() && given.is_assignment() && gold.left.symbols == given.left.symbols &&
      values_.same_value(gold.value, given.value)) {
    return true;
  }
  return values_.same_equation(gold, given);
}

bool AnswerComparer::same(const Answer& gold, const Answer& given) {
  const auto either = [&](Form form) { return gold.form == form || given.form == form; };
  if (is_set_like(gold) || is_set_like(given)) return same_as_sets(gold, given);
  if (either(Form::infinity)) return gold.form == given.form && gold.sign == given.sign;
  if (either(Form::matrix)) return same_matrix(gold, given);
  if (either(Form::list)) return gold.form == given.form && same_list(gold, given);
  return same_plain(gold, given);
}

}  // namespace

bool same_answer(const Answer& gold, const Answer& given, uint64_t seed) {
  WorkBudget budget(kWorkBits);
  double precision = kFirstPrecision;
  while (true) {
    try {
      const Arithmetic arithmetic(static_cast<int>(precision), budget);
      return AnswerComparer(arithmetic, seed).same(gold, given);
    } catch (const NeedPrecision& wanted) {
      if (precision >= kLastPrecision) throw Undecidable{"the values are too close to tell apart"};
      precision = std::clamp(wanted.bits, 2 * precision, kLastPrecision);
    }
  }
}

}  // namespace r1v
