// Arithmetic printed in the picture: in one line, or in a column from level 3 on.
#include <algorithm>

#include "base/error.h"
#include "gym/draft.h"
#include "gym/families.h"
#include "gym/solution.h"

namespace r1v {

namespace {

/// numbers[0] op[0] numbers[1] op[1] ...; with `grouped` the first two stand in brackets.
struct Sum {
  std::vector<int> numbers;
  std::vector<char> ops;
  bool grouped = false;
  int result = 0;
  std::string steps;

  std::string text() const {
    std::string out = grouped ? "(" : "";
    for (size_t i = 0; i < numbers.size(); ++i) {
      out += i ? cat(" ", ops[i - 1], " ", numbers[i]) : std::to_string(numbers[i]);
      if (grouped && i == 1) out += ")";
    }
    return out;
  }
};

Sum add_or_subtract(Draft& draft, int low, int high) {
  int a = draft.number(low, high), b = draft.number(low, high);
  if (draft.chance(0.5)) return {{a, b}, {'+'}, false, a + b, add_steps(a, b)};
  if (a < b) std::swap(a, b);
  return {{a, b}, {'-'}, false, a - b, subtract_steps(a, b)};
}

Sum multiply(Draft& draft, int low, int high) {
  const int a = draft.number(low, high), b = draft.number(2, 9);
  return {{a, b}, {'x'}, false, a * b, multiply_steps(a, b)};
}

Sum three_numbers(Draft& draft) {
  const std::vector<int> numbers = {draft.number(10, 99), draft.number(10, 99), draft.number(10, 99)};
  return {numbers, {'+', '+'}, false, numbers[0] + numbers[1] + numbers[2], sum_steps(numbers)};
}

Sum bracket(Draft& draft) {
  Sum inner = add_or_subtract(draft, 10, 60);
  const int factor = draft.number(2, 9), result = inner.result * factor;
  const std::string first = cat(inner.numbers[0], inner.ops[0], inner.numbers[1], ": ", inner.steps);
  return {{inner.numbers[0], inner.numbers[1], factor},
          {inner.ops[0], 'x'},
          true,
          result,
          cat(first, "; ", inner.result, "*", factor, ": ", multiply_steps(inner.result, factor))};
}

Sum choose(Draft& draft) {
  switch (draft.task.level) {
    case 1:
      return add_or_subtract(draft, 1, 9);
    case 2:
      return draft.chance(0.3) ? multiply(draft, 2, 9) : add_or_subtract(draft, 10, 49);
    case 3:
      return draft.chance(0.3) ? multiply(draft, 11, 49) : add_or_subtract(draft, 10, 99);
    case 4:
      return draft.chance(0.4)   ? three_numbers(draft)
             : draft.chance(0.5) ? multiply(draft, 12, 99)
                                 : add_or_subtract(draft, 100, 999);
    default:
      return draft.chance(0.5)   ? bracket(draft)
             : draft.chance(0.5) ? multiply(draft, 100, 999)
                                 : add_or_subtract(draft, 1000, 9999);
  }
}

void draw_line(Draft& draft, const Sum& sum, Canvas& canvas, TextStyle style) {
  const std::string tail =
      draft.task.level != 2 && draft.chance(0.5) ? " = ?" : "";  // no room for large digits at level 2
  const double limit = canvas.width() - 12;
  style.size = canvas.fitting_size(sum.text() + tail, style, limit, 13);
  const double half = canvas.text_width(sum.text() + tail, style) / 2;
  const double slack = std::max(0.0, canvas.width() / 2.0 - half - 4);
  const Point at = {canvas.width() / 2.0 + draft.rng.uniform(-slack, slack) * 0.7,
                    draft.rng.uniform(26, canvas.height() - 26)};
  canvas.text(sum.text() + tail, at, style);
}

void draw_column(Draft& draft, const Sum& sum, Canvas& canvas, TextStyle style) {
  style.align = Align::right;
  style.size = std::min(style.size, 80.0 / static_cast<double>(sum.numbers.size()));
  const double right = draft.rng.uniform(84, canvas.width() - 12), step = style.size * 1.15;
  double y = draft.rng.uniform(0.6, 0.9) * style.size;
  for (size_t i = 0; i < sum.numbers.size(); ++i, y += step) {
    canvas.text(i ? cat(sum.ops[i - 1], " ", sum.numbers[i]) : std::to_string(sum.numbers[i]), {right, y}, style);
  }
  canvas.line({right - 70, y - step + 0.6 * style.size}, {right + 3, y - step + 0.6 * style.size}, style.paint, 2);
}

void draw(Draft& draft, const Sum& sum) {
  const int level = draft.task.level;
  const bool wide = sum.text().size() > 9;
  Canvas canvas(wide ? 224 : 112, 112, paper(draft.rng, level));
  const double size = draft.number(level <= 2 ? 22 : 15, 30);
  const TextStyle style = {.size = size, .font = pick_font(draft.rng, level), .paint = ink(draft.rng, level)};
  if (level >= 3 && !sum.grouped && draft.chance(0.4)) {
    draw_column(draft, sum, canvas, style);
  } else {
    draw_line(draft, sum, canvas, style);
  }
  draft.task.pictures.push_back(canvas.finish(draft.rng, level));
}

void add_slips(Draft& draft, const Sum& sum) {
  const int a = sum.numbers[0], b = sum.numbers[1];
  if (sum.ops[0] == '-' && sum.numbers.size() == 2) draft.slip(a + b, "added instead of subtracting");
  if (sum.ops[0] == '+' && sum.numbers.size() == 2) draft.slip(std::abs(a - b), "subtracted instead of adding");
  if (sum.ops[0] == 'x') draft.slip(a + b, "added instead of multiplying");
  if (sum.grouped)
    draft.slip(sum.ops[0] == '+' ? a + b * sum.numbers[2] : a - b * sum.numbers[2], "ignored the brackets");
  if (sum.ops[0] == '+' && a % 10 + b % 10 >= 10) draft.slip(sum.result - 10, "forgot the carry");
  if (sum.ops[0] == '-' && a % 10 < b % 10) draft.slip(sum.result + 10, "forgot the borrow");
  draft.slip(sum.result + 1, "one too many");
  draft.slip(sum.result - 1, "one too few");
  draft.slip(sum.result + 10, "a wrong tens digit");
}

}  // namespace

Task make_typeset_sum(uint64_t seed, int level, Split) {
  Draft draft("typeset_sum", seed, level);
  const Sum sum = choose(draft);
  draw(draft, sum);
  Json ops = Json::array();
  for (const char op : sum.ops) ops.push_back(std::string(1, op));
  draft.task.scene = {{"numbers", sum.numbers}, {"ops", ops}, {"grouped", sum.grouped}};
  draft.ask({"What is the result?", "Work out the sum in the picture.", "Calculate.", "What does it equal?"},
            sum.result);
  draft.task.transcript = sum.text();
  draft.task.solution = cat("I see ", sum.text(), ". ", sum.steps, ". So ", sum.result, ".");
  add_slips(draft, sum);
  return draft.task;
}

}  // namespace r1v
