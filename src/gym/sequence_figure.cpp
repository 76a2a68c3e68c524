// Drawn sequences: numbers in boxes with a gap, repeating shapes, frames with growing numbers of dots.
#include <algorithm>
#include <array>

#include "base/error.h"
#include "gym/draft.h"
#include "gym/families.h"
#include "gym/figure.h"
#include "gym/number_sequence.h"
#include "gym/words.h"

namespace r1v {

namespace {

void draw_dots(Canvas& canvas, Point center, int count, const Paint& color) {
  for (int i = 0; i < count; ++i) {
    const Point at = {center.x + 14 * (i % 3 - 1), center.y + 14 * (i / 3 - 1)};
    canvas.fill_circle(at, 5, color);
    canvas.mark(place("pip", at, 10, 10));
  }
}

void draw_numbers(Draft& draft, const NumberSequence& sequence, bool is_dots) {
  const int level = draft.task.level, count = static_cast<int>(sequence.terms.size());
  Rng& rng = draft.rng;
  const int columns = is_dots ? 2 : count, width = level <= 2 ? 112 : 224;
  Canvas canvas(width, 112, paper(rng, level));
  const double cell = static_cast<double>(width) / columns, height = is_dots ? 56 : 34;
  const double top = is_dots ? 0 : rng.uniform(4, 74);
  const Paint dark = ink(rng, level), color = accent(rng), background = tint(rng);
  const TextStyle style = {
      .size = level <= 2 ? 16.0 : rng.uniform(15, 18), .font = pick_font(rng, level), .paint = dark};
  for (int i = 0; i < count; ++i) {
    const double x = cell * (i % columns) + 1.5, y = top + height * (i / columns) + 1.5;
    const int term = sequence.terms[static_cast<size_t>(i)];
    const Point center = {x - 1.5 + cell / 2, y - 1.5 + height / 2};
    canvas.fill_rect(x, y, cell - 3, height - 3, background);
    canvas.stroke_rect(x, y, cell - 3, height - 3, dark, 1.5);
    canvas.mark(place("box", center, cell - 3, height - 3, i == sequence.gap || term > 99 ? -1 : term));
    if (i != sequence.gap && is_dots) {
      draw_dots(canvas, center, term, color);
    } else {
      const std::string text = i == sequence.gap ? "?" : std::to_string(term);
      TextStyle fitting = style;
      fitting.size = canvas.fitting_size(text, style, cell - 6);
      canvas.text(text, center, fitting);
    }
  }
  draft.task.pictures.push_back(canvas.finish(rng, level));
}

Task numbers_task(Draft& draft) {
  const bool is_dots = draft.task.level == 2 && draft.chance(0.25);
  const NumberSequence sequence =
      is_dots ? equal_steps(draft.number(1, 3), draft.number(1, 2), 4) : plan_sequence(draft);
  draw_numbers(draft, sequence, is_dots);
  draft.task.scene = sequence.scene();
  draft.task.scene["kind"] = is_dots ? "dots" : "numbers";
  draft.task.transcript = cat(is_dots ? "dots " : "numbers ", sequence.shown("gap"));
  if (is_dots) {
    draft.ask({"How many dots belong in the empty box?", "How many dots come next?"}, sequence.answer());
  } else {
    draft.ask({"What number belongs in the box with the question mark?", "Which number is missing?",
               "Find the missing number."},
              sequence.answer());
  }
  draft.task.solution = cat("I see ", draft.task.transcript, ". ", solve_sequence(sequence), ".");
  add_sequence_slips(draft, sequence);
  return draft.task;
}

/// Level 1: a b a ?; level 2: a b c a b ?. The pattern is of shapes in one colour.
Task shapes_task(Draft& draft) {
  const int level = draft.task.level, period = level + 1, count = level == 1 ? 4 : 6;
  Rng& rng = draft.rng;
  std::vector<std::string> shapes(kShapes.begin(), kShapes.begin() + (level == 1 ? 6 : 8));
  rng.shuffle(shapes);
  const int columns = level == 1 ? 2 : 3, gap = level == 1 ? draft.number(2, 3) : draft.number(3, 5);
  Canvas canvas(112, 112, paper(rng, level));
  const Paint color = accent(rng);
  const double cell = 112.0 / columns, size = rng.uniform(0.7, 0.8) * cell, row_height = 56;
  std::vector<std::string> shown;
  for (int i = 0; i < count; ++i) {
    const Point center = {(i % columns + 0.5) * cell, (i / columns + 0.5) * row_height};
    shown.push_back(i == gap ? "gap" : shapes[static_cast<size_t>(i % period)]);
    if (i == gap) {
      canvas.text("?", center, {.size = 28});
    } else {
      canvas.shape(shown.back(), center, size, {.paint = color});
    }
  }
  draft.task.pictures.push_back(canvas.finish(rng, level));
  const std::string answer = shapes[static_cast<size_t>(gap % period)];
  draft.task.transcript = join(shown);
  draft.task.scene = {{"kind", "shapes"}, {"shapes", shown}, {"period", period}, {"color", color.name}};
  draft.ask({"Which shape is missing in the pattern?", "What shape belongs at the question mark?"}, "word", answer);
  const std::vector<std::string> pattern(shapes.begin(), shapes.begin() + period);
  draft.task.solution = cat("I see ", draft.task.transcript, ". ", join(pattern), " repeat. The gap is ", answer, ".");
  for (int i = 0; i <= period; ++i)
    draft.slip(shapes[static_cast<size_t>(i)], i < period ? "lost the place in the pattern" : "guessed a shape");
  return draft.task;
}

}  // namespace

Task make_sequence_figure(uint64_t seed, int level, Split) {
  Draft draft("sequence_figure", seed, level);
  return level <= 2 && draft.chance(0.4) ? shapes_task(draft) : numbers_task(draft);
}

}  // namespace r1v
