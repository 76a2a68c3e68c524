// Real handwritten digits: one, a number of several, and sums.
#include <algorithm>

#include "base/error.h"
#include "gym/digits.h"
#include "gym/draft.h"
#include "gym/families.h"
#include "gym/solution.h"

namespace r1v {

namespace {

/// One glyph of a line: a handwritten digit, or a printed sign.
struct Glyph {
  HandwrittenDigit digit;
  std::string sign;  // empty for a digit
};

std::vector<Glyph> write_number(int number, const DigitPool& digits, Split split, Rng& rng) {
  std::vector<Glyph> glyphs;
  for (const char character : std::to_string(number)) {
    glyphs.push_back({digits.draw(character - '0', split, rng), ""});
  }
  return glyphs;
}

struct LinePlan {
  int width = 112;
  double min_side = 60, max_side = 90;  // of a digit's square in pixels
};

/// Writes the glyphs side by side somewhere in the picture: dark on light, or light on dark.
void draw_line(Draft& draft, const std::vector<Glyph>& glyphs, const LinePlan& plan) {
  Rng& rng = draft.rng;
  const int level = draft.task.level;
  const bool inverted = rng.chance(0.25);
  const Paint dark = {"black", rng.uniform(0, 0.2), rng.uniform(0, 0.2), rng.uniform(0, 0.2)};
  const Paint light = paper(rng, level);
  Canvas canvas(plan.width, 112, inverted ? dark : light);
  const Paint pen = inverted ? light : level <= 2 ? dark : ink(rng, level);
  const auto advance = [&](const Glyph& glyph) { return glyph.sign.empty() ? 0.8 : 0.62; };
  double total = 0.2;
  for (const Glyph& glyph : glyphs) total += advance(glyph);
  const double side = std::min(rng.uniform(plan.min_side, plan.max_side), (plan.width - 4) / total);
  double x = rng.uniform(2, plan.width - 2 - side * total);
  const double top = rng.uniform(2, 110 - side);
  for (const Glyph& glyph : glyphs) {
    if (glyph.sign.empty()) {
      const double y = top + (level >= 2 ? rng.uniform(-0.03, 0.03) * side : 0);
      canvas.stamp(glyph.digit.coverage, DigitPool::kSide, DigitPool::kSide, x, y, side, side, pen,
                   std::to_string(glyph.digit.digit));
    } else {
      canvas.text(glyph.sign, {x + 0.4 * side, top + side / 2}, {.size = 0.62 * side, .paint = pen});
    }
    x += advance(glyph) * side;
  }
  draft.task.pictures.push_back(canvas.finish(rng, level));
}

Json indices_json(const std::vector<Glyph>& glyphs) {
  Json indices = Json::array();
  for (const Glyph& glyph : glyphs) {
    if (glyph.sign.empty()) indices.push_back(glyph.digit.index);
  }
  return indices;
}

/// Digits that handwriting makes look alike.
int look_alike(int digit) {
  constexpr std::array<int, 10> kAlike = {6, 7, 3, 8, 9, 6, 0, 1, 3, 4};
  return kAlike[static_cast<size_t>(digit)];
}

int highest_number(int num_digits) { return num_digits == 1 ? 9 : num_digits == 2 ? 99 : num_digits == 3 ? 999 : 9999; }

struct WrittenSum {
  std::vector<int> numbers;
  char op = '+';
  int result = 0;
  std::string steps;

  std::string text() const { return join(numbers, cat(" ", op, " ")); }
};

WrittenSum choose_sum(Draft& draft) {
  const int level = draft.task.level;
  const int low = level >= 4 ? 10 : level == 3 ? 5 : 0, high = level >= 4 ? 99 : level == 3 ? 30 : 9;
  const int count = level == 5 || (level == 3 && draft.chance(0.3)) ? 3 : 2;
  WrittenSum sum;
  for (int i = 0; i < count; ++i) sum.numbers.push_back(draft.number(low, high));
  if (count == 2 && level >= 2 && draft.chance(0.4)) {
    std::ranges::sort(sum.numbers, std::greater{});
    sum.op = '-';
    sum.result = sum.numbers[0] - sum.numbers[1];
    sum.steps = subtract_steps(sum.numbers[0], sum.numbers[1]);
    return sum;
  }
  for (const int number : sum.numbers) sum.result += number;
  sum.steps = sum_steps(sum.numbers);
  return sum;
}

}  // namespace

Task make_handwritten_digit(uint64_t seed, int level, Split split, const DigitPool& digits) {
  Draft draft("handwritten_digit", seed, level);
  const int num_digits = level <= 2 ? 1 : level == 3 ? 2 : level == 4 ? 3 : 4;
  const int number = draft.number(num_digits == 1 ? 0 : highest_number(num_digits - 1) + 1, highest_number(num_digits));
  const std::vector<Glyph> glyphs = write_number(number, digits, split, draft.rng);
  draw_line(draft, glyphs,
            {.width = num_digits <= 2 ? 112 : 224,
             .min_side = level == 1 ? 76.0 : 44.0,
             .max_side = level == 1 ? 104.0 : 80.0});
  draft.task.scene = {{"number", number}, {"samples", indices_json(glyphs)}};
  if (num_digits == 1) {
    draft.ask({"Which digit is written?", "What digit do you see?", "Read the handwritten digit."}, number);
  } else {
    draft.ask({"Which number is written?", "What number do you see?", "Read the handwritten number."}, number);
  }
  draft.task.transcript = std::to_string(number);
  draft.task.solution = cat("I see ", number, ".");
  const int last = number % 10;
  draft.slip(number - last + look_alike(last), "took a digit for one that looks alike");
  draft.slip(number - last + (last + 1) % 10, "misread a digit");
  draft.slip(number - last + (last + 5) % 10, "misread a digit");
  return draft.task;
}

Task make_handwritten_sum(uint64_t seed, int level, Split split, const DigitPool& digits) {
  Draft draft("handwritten_sum", seed, level);
  const WrittenSum sum = choose_sum(draft);
  std::vector<Glyph> glyphs;
  for (size_t i = 0; i < sum.numbers.size(); ++i) {
    if (i) glyphs.push_back({{}, std::string(1, sum.op)});
    for (Glyph& glyph : write_number(sum.numbers[i], digits, split, draft.rng)) glyphs.push_back(std::move(glyph));
  }
  const int width = glyphs.size() <= 4 ? 112 : 224;
  draw_line(draft, glyphs, {.width = width, .min_side = 36, .max_side = level == 1 ? 60.0 : 50.0});
  draft.task.scene = {{"numbers", sum.numbers}, {"op", std::string(1, sum.op)}, {"samples", indices_json(glyphs)}};
  draft.ask({"What is the result?", "Work out the handwritten sum.", "Calculate.", "What does it equal?"}, sum.result);
  draft.task.transcript = sum.text();
  draft.task.solution = cat("I see ", sum.text(), ". ", sum.steps, ". So ", sum.result, ".");
  const int a = sum.numbers[0], b = sum.numbers[1], last = b % 10, change = look_alike(last) - last;
  draft.slip(sum.op == '+' ? sum.result + change : std::abs(a - b - change), "took a digit for one that looks alike");
  if (sum.numbers.size() == 2) draft.slip(sum.op == '+' ? std::abs(a - b) : a + b, "took the wrong operation");
  draft.slip(sum.result + 1, "one too many");
  draft.slip(sum.result + 10, "a wrong tens digit");
  return draft.task;
}

}  // namespace r1v
