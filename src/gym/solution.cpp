// Column arithmetic in words, and the reply's frame.
#include "gym/solution.h"

#include <algorithm>

#include "base/error.h"

namespace r1v {

namespace {

std::string join_steps(const std::vector<std::string>& steps, int result) {
  std::string joined;
  for (const std::string& step : steps) {
    joined += joined.empty() ? step : ", " + step;
  }
  return cat(joined, ": ", result);
}

}  // namespace

std::string add_steps(int a, int b) {
  R1V_CHECK(a >= 0 && b >= 0, "add_steps of ", a, " and ", b);
  if (a < 10 && b < 10) {
    return cat(a, "+", b, "=", a + b);
  }
  std::vector<std::string> steps;
  int carry = 0;
  for (int x = a, y = b; x > 0 || y > 0; x /= 10, y /= 10) {
    const int column = x % 10 + y % 10 + carry;
    steps.push_back(cat(x % 10, "+", y % 10, carry ? "+1" : "", "=", column));
    carry = column / 10;
  }
  return join_steps(steps, a + b);
}

std::string subtract_steps(int a, int b) {
  R1V_CHECK(0 <= b && b <= a, "subtract_steps of ", a, " and ", b);
  if (a < 10) {
    return cat(a, "-", b, "=", a - b);
  }
  std::vector<std::string> steps;
  int borrow = 0;
  for (int x = a, y = b; x > 0 || y > 0; x /= 10, y /= 10) {
    const int short_of = x % 10 - borrow < y % 10 ? 10 : 0;
    steps.push_back(cat(x % 10 + short_of, borrow ? "-1" : "", "-", y % 10, "=", x % 10 + short_of - borrow - y % 10));
    borrow = short_of / 10;
  }
  return join_steps(steps, a - b);
}

std::string multiply_steps(int a, int digit) {
  R1V_CHECK(a >= 0 && 0 <= digit && digit <= 9, "multiply_steps of ", a, " and ", digit);
  if (a < 10) {
    return cat(a, "*", digit, "=", a * digit);
  }
  std::vector<std::string> steps;
  int carry = 0;
  for (int x = a; x > 0; x /= 10) {
    const int column = x % 10 * digit + carry;
    steps.push_back(cat(x % 10, "*", digit, carry ? cat("+", carry) : "", "=", column));
    carry = column / 10;
  }
  return join_steps(steps, a * digit);
}

std::string sum_steps(const std::vector<int>& numbers) {
  R1V_CHECK(!numbers.empty(), "sum_steps of nothing");
  if (numbers.size() == 1) {
    return std::to_string(numbers[0]);
  }
  if (numbers.size() == 2) {
    return add_steps(numbers[0], numbers[1]);
  }
  const bool long_form = std::ranges::any_of(numbers, [](int number) { return number >= 10; });
  std::string text;
  int sum = numbers[0];
  for (size_t i = 1; i < numbers.size(); ++i) {
    const bool in_columns = long_form && (sum >= 10 || numbers[i] >= 10);
    const std::string step = in_columns ? cat(sum, "+", numbers[i], ": ", add_steps(sum, numbers[i]))
                                        : cat(sum, "+", numbers[i], "=", sum + numbers[i]);
    text += (text.empty() ? "" : long_form ? "; " : ", ") + step;
    sum += numbers[i];
  }
  return text;
}

std::string assistant_text(const Task& task) { return assistant_text(task.solution, task.answer); }

std::string assistant_text(const std::string& thinking, const std::string& answer) {
  return cat("<think>\n", thinking, "\n</think>\n\n\\boxed{", answer, "}");
}

std::string wrong_thinking(const Task& task, const Distractor& wrong) {
  const size_t at = task.solution.rfind(task.answer);
  if (at == std::string::npos) {
    return cat(task.solution, " So ", wrong.answer, ".");
  }
  return task.solution.substr(0, at) + wrong.answer + task.solution.substr(at + task.answer.size());
}

}  // namespace r1v
