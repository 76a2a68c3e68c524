// Puts the question in front of the column steps of solution.h where they need one.
#include "gym/calculation.h"

#include <algorithm>

#include "base/error.h"
#include "gym/solution.h"

namespace r1v {

namespace {

/// Columns in which both numbers have a digit other than 0, and whether one of them but the highest carries.
struct Columns {
  int busy = 0;
  bool carries = false;
};

Columns look_at(int a, int b) {
  Columns columns;
  for (; a > 0 && b > 0; a /= 10, b /= 10) {
    columns.busy += a % 10 != 0 && b % 10 != 0;
    columns.carries |= a % 10 + b % 10 >= 10 && (a >= 10 || b >= 10);
  }
  return columns;
}

bool borrows(int a, int b) {
  for (; b > 0; a /= 10, b /= 10) {
    if (a % 10 < b % 10) return true;
  }
  return false;
}

}  // namespace

std::string worked_sum(int a, int b) {
  if (a < 0 || b < 0) return cat(a, b < 0 ? "" : "+", b, "=", a + b);
  const Columns columns = look_at(a, b);
  return columns.busy <= 1 && !columns.carries ? cat(a, "+", b, "=", a + b) : cat(a, "+", b, ": ", add_steps(a, b));
}

std::string worked_sum(const std::vector<int>& numbers) {
  std::string text;
  int sum = numbers.at(0);
  for (size_t i = 1; i < numbers.size(); ++i) {
    text += (i > 1 ? "; " : "") + worked_sum(sum, numbers[i]);
    sum += numbers[i];
  }
  return text;
}

std::string worked_difference(int a, int b) {
  if (b < 0) return cat(a, "-(", b, ")=", a - b);
  const bool is_fact = (a <= 18 && b <= 9) || a / 10 == b / 10, has_one_digit = b < 10 || b % 10 == 0;
  if (a < b || is_fact || (has_one_digit && b < 100 && !borrows(a, b))) return cat(a, "-", b, "=", a - b);
  return cat(a, "-", b, ": ", subtract_steps(a, b));
}

std::string worked_product(int a, int b) {
  R1V_CHECK(a >= 0 && b >= 0, "worked_product of ", a, " and ", b);
  const int large = std::max(a, b), small = std::min(a, b);
  if (large < 10) return multiply_steps(a, b);
  const bool is_easy = small <= 1 || (large % 10 == 0 && large < 100) || large == 10;
  if (small <= 10 && is_easy) return cat(a, "*", b, "=", a * b);
  if (large % 10 == 0 && small % 10 == 0 && large < 100) return cat(a, "*", b, "=", a * b);
  if (small < 10) return cat(a, "*", b, ": ", multiply_steps(large, small));
  const int ten_part = large * (small / 10) * 10, one_part = large * (small % 10);
  const std::string tens = small / 10 == 1 ? cat(large, "*10=", ten_part)
                                           : cat(large, "*", small / 10, ": ", multiply_steps(large, small / 10), "; ",
                                                 large, "*", small / 10 * 10, "=", ten_part);
  if (small == 10) return cat(a, "*", b, "=", a * b);
  if (one_part == 0) return cat(a, "*", b, ": ", tens);
  return cat(a, "*", b, ": ", tens, "; ", worked_product(large, small % 10), "; ", worked_sum(ten_part, one_part));
}

std::string worked_quotient(int a, int b) {
  R1V_CHECK(b != 0 && a % b == 0, "worked_quotient of ", a, " and ", b);
  return cat(a, "/", b, "=", a / b, " because ", a / b, "*", b, "=", a);
}

}  // namespace r1v
