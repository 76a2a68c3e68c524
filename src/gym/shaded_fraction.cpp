// Fractions as shaded parts of bars, pies and grids.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "gym/draft.h"
#include "gym/families.h"
#include "gym/figure.h"

namespace r1v {

namespace {

struct Figure {
  std::string form = "bar";  // bar, column, pie, grid
  int rows = 1;              // of a grid
  std::vector<int> shaded;   // one a part: 1 or 0

  int parts() const { return static_cast<int>(shaded.size()); }
  int count() const { return static_cast<int>(std::ranges::count(shaded, 1)); }
};

Figure shade(Draft& draft, const std::string& form, int parts, int count, bool is_scattered) {
  Figure figure{.form = form, .rows = form == "grid" ? (parts % 3 == 0 && parts > 6 ? 3 : 2) : 1};
  for (int i = 0; i < parts; ++i) figure.shaded.push_back(i < count ? 1 : 0);
  if (is_scattered) draft.rng.shuffle(figure.shaded);
  return figure;
}

std::string pick_form(Draft& draft, int parts) {
  const bool can_be_grid = draft.task.level >= 2 && parts >= 6 && (parts % 2 == 0 || parts % 3 == 0);
  if (can_be_grid && draft.chance(0.5)) return "grid";
  return draft.chance(0.5) ? "pie" : draft.chance(0.7) ? "bar" : "column";
}

std::vector<Figure> plan(Draft& draft) {
  const int level = draft.task.level;
  if (level == 5) {
    const int parts = draft.number(5, 10), total = draft.number(2, parts);
    const int first = draft.number(1, total - 1);
    const std::string form = draft.chance(0.5) ? "pie" : "bar";
    return {shade(draft, form, parts, first, false), shade(draft, form, parts, total - first, false)};
  }
  // All pairs (parts, shaded) alike, so that 1/2 is not the best guess.
  std::vector<std::array<int, 2>> pairs;
  const int most = level == 1 ? 6 : level == 2 ? 8 : 12;
  for (int parts = level == 1 ? 2 : 3; parts <= most; ++parts) {
    for (int count = 1; count < parts; ++count) {
      const bool reduces = std::gcd(parts, count) > 1;
      if (level <= 2 || reduces || draft.chance(0.25)) pairs.push_back({parts, count});
    }
  }
  const auto [parts, count] = draft.rng.pick(pairs);
  return {shade(draft, pick_form(draft, parts), parts, count, level >= 3)};
}

void draw_pie(Canvas& canvas, const Figure& figure, Point center, double radius, const Paint& line, const Paint& fill) {
  const double step = 2 * M_PI / figure.parts();
  for (int i = 0; i < figure.parts(); ++i) {
    const double from = -M_PI / 2 + i * step;
    const bool is_shaded = figure.shaded[static_cast<size_t>(i)] == 1;
    canvas.fill_sector(center, radius, from, from + step, is_shaded ? fill : paint("white"));
    const Point middle_of_part = {center.x + 0.62 * radius * std::cos(from + step / 2),
                                  center.y + 0.62 * radius * std::sin(from + step / 2)};
    const double extent = std::min(0.6 * radius, radius * step);
    Mark mark = place(is_shaded ? "shaded" : "part", middle_of_part, extent, extent);
    mark.color = is_shaded ? fill.name : "white";
    canvas.mark(mark);
  }
  for (int i = 0; i < figure.parts(); ++i) {
    const double angle = -M_PI / 2 + i * step;
    canvas.line(center, {center.x + radius * std::cos(angle), center.y + radius * std::sin(angle)}, line, 2);
  }
  canvas.stroke_circle(center, radius, line, 2);
}

void draw_boxes(Canvas& canvas, const Figure& figure, const Box& box, const Paint& line, const Paint& fill) {
  const int rows = figure.form == "column" ? figure.parts() : figure.rows, columns = figure.parts() / rows;
  const double width = box.width / columns, height = box.height / rows;
  for (int i = 0; i < figure.parts(); ++i) {
    const double x = box.left + width * (i % columns), y = box.top + height * (i / columns);
    const bool is_shaded = figure.shaded[static_cast<size_t>(i)] == 1;
    canvas.fill_rect(x, y, width, height, is_shaded ? fill : paint("white"));
    canvas.stroke_rect(x, y, width, height, line, 2);
    Mark mark = place(is_shaded ? "shaded" : "part", {x + width / 2, y + height / 2}, width, height);
    mark.color = is_shaded ? fill.name : "white";
    canvas.mark(mark);
  }
}

void draw(Draft& draft, const std::vector<Figure>& figures) {
  const int level = draft.task.level;
  Rng& rng = draft.rng;
  const int width = 112 * static_cast<int>(figures.size());
  Canvas canvas(width, 112, paper(rng, level));
  const Paint line = paint("black"), fill = accent(rng);
  for (size_t i = 0; i < figures.size(); ++i) {
    const Figure& figure = figures[i];
    const double left = 112.0 * static_cast<double>(i);
    if (figure.form == "pie") {
      const double radius = rng.uniform(42, 50), slack = 53 - radius;
      draw_pie(canvas, figure, {left + 56 + rng.uniform(-slack, slack), 56 + rng.uniform(-slack, slack)}, radius, line,
               fill);
    } else if (figure.form == "grid") {
      const double height = rng.uniform(56, 90);
      draw_boxes(canvas, figure, {left + 6, rng.uniform(6, 106 - height), 100, height}, line, fill);
    } else {
      const double across = rng.uniform(26, 44), start = rng.uniform(6, 106 - across);
      const bool is_bar = figure.form == "bar";
      draw_boxes(canvas, figure,
                 {left + (is_bar ? 6 : start), is_bar ? start : 6, is_bar ? 100 : across, is_bar ? across : 100}, line,
                 fill);
    }
  }
  draft.task.pictures.push_back(canvas.finish(rng, level));
}

/// A wrong fraction, unless it happens to be equal to the right one.
void slip_fraction(Draft& draft, int count, int parts, int right_count, int right_parts, const std::string& mistake) {
  if (count * right_parts != right_count * parts) draft.slip(fraction(count, parts), mistake);
}

/// "6/8: divide by 2: 3/4", or nothing when it is in lowest terms.
std::string reduce(int count, int parts) {
  const int divisor = std::gcd(count, parts);
  if (divisor == 1) return cat(count, "/", parts, " is in lowest terms.");
  return cat("Divide ", count, " and ", parts, " by ", divisor, ": ", fraction(count / divisor, parts / divisor), ".");
}

void ask_one(Draft& draft, const Figure& figure, const std::string& see) {
  const int level = draft.task.level, parts = figure.parts();
  const bool asks_blank = level == 4 && draft.chance(0.6);
  const int count = asks_blank ? parts - figure.count() : figure.count();
  const int divisor = level >= 3 ? std::gcd(count, parts) : 1;
  const std::string which = asks_blank ? "not shaded" : "shaded", terms = level >= 3 ? " in lowest terms" : "";
  draft.ask({cat("What fraction is ", which, terms, "?"), cat("Which fraction of the figure is ", which, terms, "?")},
            "expression", fraction(count / divisor, parts / divisor));
  draft.task.scene["ask"] = asks_blank ? "blank" : "shaded";
  draft.task.solution = see + (asks_blank ? cat(parts, "-", figure.count(), "=", count, " not shaded. ") : "") +
                        (level >= 3 ? reduce(count, parts) : cat("So ", count, "/", parts, "."));
  slip_fraction(draft, parts - count, parts, count, parts, "counted the other parts");
  slip_fraction(draft, count, parts - count, count, parts, "compared with the rest, not the whole");
  slip_fraction(draft, count + 1, parts + 1, count, parts, "counted one part too many");
  slip_fraction(draft, count, parts + 1, count, parts, "miscounted the parts");
}

void ask_two(Draft& draft, const std::vector<Figure>& figures, const std::string& see) {
  const int parts = figures[0].parts(), first = figures[0].count(), second = figures[1].count();
  const bool is_sum = first == second || draft.chance(0.6);
  const int large = std::max(first, second), small = std::min(first, second);
  const int count = is_sum ? first + second : large - small, divisor = std::gcd(count, parts);
  draft.ask({is_sum ? "What is the sum of both shaded fractions in lowest terms?"
                    : "What is the difference of the shaded fractions in lowest terms?"},
            "expression", fraction(count / divisor, parts / divisor));
  draft.task.scene["ask"] = is_sum ? "sum" : "difference";
  const std::string step = is_sum ? cat(first, "+", second, "=", count) : cat(large, "-", small, "=", count);
  draft.task.solution = cat(see, step, ", so ", count, "/", parts, ". ", reduce(count, parts));
  slip_fraction(draft, count, 2 * parts, count, parts, "added the denominators too");
  slip_fraction(draft, is_sum ? large - small : large + small, parts, count, parts, "wrong operation");
  slip_fraction(draft, count + 1, parts, count, parts, "counted one part too many");
}

}  // namespace

Task make_shaded_fraction(uint64_t seed, int level, Split) {
  Draft draft("shaded_fraction", seed, level);
  const std::vector<Figure> figures = plan(draft);
  draw(draft, figures);
  Json list = Json::array();
  std::vector<std::string> words;
  for (const Figure& figure : figures) {
    list.push_back({{"form", figure.form}, {"rows", figure.rows}, {"shaded", figure.shaded}});
    words.push_back(cat(figure.form, " ", figure.parts(), " parts ", figure.count(), " shaded"));
  }
  draft.task.scene = {{"figures", list}};
  draft.task.transcript = join(words);
  const std::string see = cat("I see ", draft.task.transcript, ". ");
  if (figures.size() == 1) {
    ask_one(draft, figures[0], see);
  } else {
    ask_two(draft, figures, see);
  }
  return draft.task;
}

}  // namespace r1v
