// Text families about bare numbers: arithmetic, comparing, sequences.
#include <algorithm>
#include <array>
#include <numeric>

#include "base/error.h"
#include "gym/calculation.h"
#include "gym/draft.h"
#include "gym/families.h"
#include "gym/number_sequence.h"

namespace r1v {

namespace {

/// A calculation to ask: its text, its result, how it is worked, and the result of a typical slip.
struct Calculation {
  std::string text;
  int result = 0;
  std::string steps;
  int slip = 0;
  std::string mistake;
};

Calculation sum_of(int a, int b) { return {cat(a, "+", b), a + b, worked_sum(a, b), a + b - 10, "forgot a carry"}; }

Calculation difference_of(int a, int b) {
  const int large = std::max(a, b), small = std::min(a, b);
  return {cat(large, "-", small), large - small, worked_difference(large, small), large - small + 10,
          "forgot a borrow"};
}

Calculation product_of(int a, int b) {
  return {cat(a, "*", b), a * b, worked_product(a, b), a * b + a, "one time too many"};
}

Calculation quotient_of(int result, int divisor) {
  return {cat(result * divisor, "/", divisor), result, worked_quotient(result * divisor, divisor), result + 1,
          "one too many"};
}

Calculation mixed(Draft& draft) {
  const int a = draft.number(2, 20), b = draft.number(2, 9), c = draft.number(2, 9);
  if (draft.chance(0.5)) {
    return {cat(a, "+", b, "*", c), a + b * c, cat(worked_product(b, c), ". ", worked_sum(a, b * c)), (a + b) * c,
            "added first"};
  }
  return {cat("(", a, "+", b, ")*", c), (a + b) * c, cat(worked_sum(a, b), ". ", worked_product(a + b, c)), a + b * c,
          "ignored the brackets"};
}

Calculation two_products(Draft& draft) {
  int a = draft.number(4, 12), b = draft.number(4, 9), c = draft.number(2, 9), d = draft.number(2, 9);
  if (a * b < c * d) std::swap(a, c), std::swap(b, d);
  return {cat(a, "*", b, "-", c, "*", d), a * b - c * d,
          cat(worked_product(a, b), ". ", worked_product(c, d), ". ", worked_difference(a * b, c * d)), a * b + c * d,
          "added the products"};
}

Calculation plan_calculation(Draft& draft) {
  const auto n = [&](int low, int high) { return draft.number(low, high); };
  const int kind = n(0, 3);
  switch (draft.task.level) {
    case 1:
      if (kind == 0) return sum_of(n(2, 30), n(1, 9));
      if (kind == 1) return difference_of(n(5, 30), n(1, 9));
      return kind == 2 ? product_of(n(2, 9), n(2, 9)) : sum_of(n(1, 9) * 10, n(1, 9) * 10);
    case 2:
      if (kind == 0) return sum_of(n(11, 89), n(11, 89));
      if (kind == 1) return difference_of(n(20, 99), n(11, 60));
      return kind == 2 ? product_of(n(11, 29), n(2, 9)) : quotient_of(n(2, 12), n(2, 9));
    case 3:
      if (kind == 0) return sum_of(n(100, 899), n(11, 899));
      if (kind == 1) return difference_of(n(100, 999), n(11, 600));
      return kind == 2 ? product_of(n(11, 99), n(2, 9)) : mixed(draft);
    case 4:
      if (kind == 0) return mixed(draft);
      return kind == 1   ? product_of(n(101, 999), n(2, 9))
             : kind == 2 ? two_products(draft)
                         : product_of(n(11, 40), n(11, 19));
    default:
      break;
  }
  if (kind == 0) return product_of(n(21, 99), n(21, 99));
  return kind == 1   ? sum_of(n(1000, 9999), n(1000, 9999))
         : kind == 2 ? difference_of(n(1000, 9999), n(1000, 9999))
                     : two_products(draft);
}

/// A number in tenths or a fraction, as text with its exact value over a common denominator.
struct Amount {
  std::string text;
  int value = 0;
};

std::vector<Amount> some_amounts(Draft& draft, int count) {
  static constexpr std::array<int, 6> kDenominators = {2, 3, 4, 5, 6, 8};
  const int level = draft.task.level;
  const int center = draft.number(20, 80);
  std::vector<Amount> amounts;
  while (static_cast<int>(amounts.size()) < count) {
    Amount one;
    if (level <= 2) {
      one.value = level == 1 ? draft.number(1, 99) : std::clamp(center + draft.number(-15, 15), 1, 99);
      one.text = std::to_string(one.value);
    } else if (level == 3) {  // hundredths, some written with one decimal
      one.value = draft.chance(0.5) ? 10 * draft.number(11, 49) : draft.number(101, 499);
      const std::string cents = std::to_string(one.value % 100 + 100).substr(1);
      one.text = cat(one.value / 100, ".", one.value % 10 == 0 ? cents.substr(0, 1) : cents);
    } else if (level == 4) {  // 120ths
      const int denominator = draft.rng.pick(kDenominators), numerator = draft.number(1, denominator - 1);
      one = {fraction(numerator, denominator), 120 * numerator / denominator};
    } else {
      const int a = draft.number(3, 12), b = draft.number(3, 9);
      one = draft.chance(0.5) ? Amount{cat(a, "*", b), a * b} : Amount{cat(7 * a, "-", b), 7 * a - b};
    }
    const auto same = [&](const Amount& other) { return other.value == one.value; };
    if (std::ranges::none_of(amounts, same)) amounts.push_back(one);
  }
  return amounts;
}

/// "3/4=18/24", "12*5=60": what makes the amounts comparable; nothing where they can be compared as they are.
std::string make_comparable(const std::vector<Amount>& amounts, int level) {
  std::vector<std::string> steps;
  for (const Amount& amount : amounts) {
    if (level == 3) steps.push_back(cat(amount.text, "=", amount.value, "/100"));
    if (level == 4) steps.push_back(cat(amount.text, "=", amount.value, "/120"));
    if (level == 5) steps.push_back(cat(amount.text, "=", amount.value));
  }
  return steps.empty() ? "" : join(steps) + ". ";
}

}  // namespace

Task make_text_arithmetic(uint64_t seed, int level, Split) {
  Draft draft("text_arithmetic", seed, level);
  const Calculation calculation = plan_calculation(draft);
  draft.task.scene = {{"calculation", calculation.text}};
  draft.ask({cat("What is ", calculation.text, "?"), cat("Calculate ", calculation.text, "."),
             cat("Work out ", calculation.text, ".")},
            calculation.result);
  draft.task.solution = calculation.steps + ".";
  draft.slip(calculation.slip, calculation.mistake);
  draft.slip(calculation.result + 1, "off by one");
  draft.slip(calculation.result + 10, "made a mistake in the tens");
  if (calculation.result > 0) draft.slip(calculation.result - 1, "off by one");
  return draft.task;
}

Task make_text_compare(uint64_t seed, int level, Split) {
  Draft draft("text_compare", seed, level);
  const bool wants_largest = draft.chance(0.5), wants_second = level == 2 && draft.chance(0.4);
  const std::vector<Amount> amounts = some_amounts(draft, level == 1 ? 3 : 4);
  std::vector<Amount> ranked = amounts;
  std::ranges::sort(ranked, {}, &Amount::value);
  if (wants_largest) std::ranges::reverse(ranked);
  const Amount& answer = ranked[wants_second ? 1 : 0];
  const std::string word = cat(wants_second ? "second " : "", wants_largest ? "largest" : "smallest");
  std::vector<std::string> texts, order;
  for (const Amount& amount : amounts) texts.push_back(amount.text);
  for (const Amount& amount : ranked) order.push_back(amount.text);
  draft.task.scene = {{"numbers", texts}, {"ask", word}};
  const std::string link = wants_largest ? " > " : " < ";
  draft.task.solution = make_comparable(amounts, level) +
                        (wants_second ? cat("In order: ", join(order, link), ". The ", word, " is ", answer.text, ".")
                                      : cat(answer.text, " is the ", word, "."));
  if (level <= 3) {
    draft.ask({cat("Which number is the ", word, ": ", join(texts), "?"),
               cat("What is the ", word, " of ", join(texts), "?")},
              "number", answer.text);
    for (const Amount& amount : ranked) draft.slip(amount.text, "compared wrongly");
    return draft.task;
  }
  draft.ask({cat("Which is the ", word, "?"), cat("Which value is the ", word, "?")}, "expression", answer.text);
  for (const Amount& amount : ranked) draft.slip(amount.text, "compared wrongly");
  draft.offer_options({});
  return draft.task;
}

Task make_text_sequence(uint64_t seed, int level, Split) {
  Draft draft("text_sequence", seed, level);
  const NumberSequence sequence = plan_sequence(draft);
  draft.task.scene = sequence.scene();
  const std::string shown = sequence.shown("?");
  draft.ask({cat("Which number is missing: ", shown), cat("Find the missing number: ", shown),
             cat("What number replaces the question mark? ", shown)},
            sequence.answer());
  draft.task.solution = solve_sequence(sequence) + ".";
  add_sequence_slips(draft, sequence);
  return draft.task;
}

}  // namespace r1v
