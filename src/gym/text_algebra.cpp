// Text families about an unknown x: one-step equations to systems of two.
#include <algorithm>

#include "base/error.h"
#include "gym/calculation.h"
#include "gym/draft.h"
#include "gym/families.h"

namespace r1v {

namespace {

struct Equation {
  std::string text;  // "3x+5=20"
  int solution = 0;
  std::string steps;
  int slip = 0;
  std::string mistake;
};

Equation plus(int x, int a, bool x_first) {
  return {x_first ? cat("x+", a, "=", x + a) : cat(a, "+x=", x + a), x, cat("x=", worked_difference(x + a, a)),
          x + 2 * a, "added instead"};
}

Equation minus(int x, int a) {
  return {cat("x-", a, "=", x - a), x, cat("x=", worked_sum(x - a, a)), std::max(0, x - 2 * a), "took away again"};
}

Equation times(int x, int a) {
  return {cat(a, "x=", a * x), x, cat("x=", worked_quotient(a * x, a)), a * x - a, "took away instead of dividing"};
}

Equation linear(int x, int a, int b) {
  return {cat(a, "x+", b, "=", a * x + b), x,
          cat(a, "x: ", worked_difference(a * x + b, b), ". x=", worked_quotient(a * x, a)), x + b,
          "forgot the number added"};
}

Equation linear_minus(int x, int a, int b) {
  return {cat(a, "x-", b, "=", a * x - b), x,
          cat(a, "x: ", worked_sum(a * x - b, b), ". x=", worked_quotient(a * x, a)), x + 1, "off by one"};
}

Equation brackets(int x, int a, int b) {
  return {cat(a, "(x+", b, ")=", a * (x + b)), x,
          cat("x+", b, "=", worked_quotient(a * (x + b), a), ". x=", worked_difference(x + b, b)), x + b,
          "stopped at the brackets"};
}

/// a x + b = c x + d with a > c.
Equation both_sides(int x, int a, int c, int b) {
  const int d = (a - c) * x + b;
  const std::string step = a - c == 1 ? "" : cat(". x=", worked_quotient((a - c) * x, a - c));
  const std::string coefficient = a - c == 1 ? "" : std::to_string(a - c);
  return {cat(a, "x+", b, "=", c == 1 ? "" : std::to_string(c), "x+", d), x,
          cat("Take ", c == 1 ? "" : std::to_string(c), "x from both sides: ", coefficient, "x+", b, "=", d, ". ",
              coefficient, "x: ", worked_difference(d, b), step),
          d - b == x ? x + 1 : d - b, "forgot to divide"};
}

Equation system_of_two(int x, int y) {
  const int sum = x + y, difference = x - y;
  return {cat("x+y=", sum, " and x-y=", difference), x,
          cat("Add both: 2x=", worked_sum(sum, difference), ". x=", worked_quotient(2 * x, 2)), y, "found y"};
}

Equation plan(Draft& draft) {
  const auto n = [&](int low, int high) { return draft.number(low, high); };
  const int x = n(1, draft.task.level <= 3 ? 9 : 15), kind = n(0, 2);
  switch (draft.task.level) {
    case 1:
      if (kind == 0) return plus(n(1, 20), n(1, 9), draft.chance(0.5));
      return kind == 1 ? minus(n(8, 20), n(1, 8)) : times(x, n(2, 5));
    case 2:
      if (kind == 0) return plus(n(5, 60), n(5, 39), draft.chance(0.5));
      return kind == 1 ? minus(n(30, 60), n(5, 29)) : times(n(2, 12), n(2, 9));
    case 3:
      return kind == 0 ? linear_minus(n(3, 12), n(2, 9), n(1, 6)) : linear(x, n(2, 9), n(1, 20));
    case 4: {
      const int c = n(1, 4);
      return kind == 0 ? brackets(x, n(2, 9), n(1, 9)) : both_sides(x, c + n(1, 4), c, n(1, 20));
    }
    default:
      break;
  }
  const int c = n(2, 6);
  if (kind == 0) return both_sides(x, c + n(2, 6), c, n(10, 40));
  const int y = n(1, 20);
  return kind == 1 ? system_of_two(y + n(1, 20), y) : brackets(n(5, 20), n(3, 9), n(5, 30));
}

}  // namespace

Task make_text_algebra(uint64_t seed, int level, Split) {
  Draft draft("text_algebra", seed, level);
  const Equation equation = plan(draft);
  draft.task.scene = {{"equation", equation.text}};
  draft.ask(
      {cat("Solve for x: ", equation.text), cat("What is x if ", equation.text, "?"), cat("Find x: ", equation.text)},
      equation.solution);
  draft.task.solution = equation.steps + ".";
  draft.slip(equation.slip, equation.mistake);
  draft.slip(equation.solution + 1, "off by one");
  draft.slip(equation.solution + 10, "made a mistake in the tens");
  if (equation.solution > 1) draft.slip(equation.solution - 1, "off by one");
  return draft.task;
}

}  // namespace r1v
