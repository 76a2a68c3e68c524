// Pie charts in per cent: read a part, add two, find the largest, work out a missing part or a number of people.
#include <algorithm>
#include <numbers>

#include "base/error.h"
#include "gym/draft.h"
#include "gym/families.h"
#include "gym/solution.h"
#include "gym/things.h"
#include "gym/words.h"

namespace r1v {

namespace {

struct PieChart {
  std::vector<std::string> colors;  // one a part
  std::vector<std::string> names;   // the colours, or fruits told by a legend
  std::vector<int> percents;        // all different, together 100
  size_t hidden = SIZE_MAX;         // the part that shows a question mark

  bool has_legend() const { return names != colors; }
  std::string shown(size_t i) const { return i == hidden ? "?" : std::to_string(percents[i]); }
  std::string text() const {
    std::vector<std::string> parts;
    for (size_t i = 0; i < names.size(); ++i) parts.push_back(cat(names[i], " ", shown(i)));
    return join(parts);
  }
};

/// Different multiples of `step`, at least `low`, that add up to 100.
std::vector<int> choose_percents(Draft& draft, int count, int step, int low) {
  for (;;) {
    std::vector<int> percents;
    int left = 100;
    for (int i = 1; i < count; ++i) {
      const int value = step * draft.number(low / step, 60 / step);
      percents.push_back(value);
      left -= value;
    }
    percents.push_back(left);
    std::vector<int> sorted = percents;
    std::ranges::sort(sorted);
    if (sorted[0] >= low && std::ranges::adjacent_find(sorted) == sorted.end()) return percents;
  }
}

PieChart plan(Draft& draft) {
  const int level = draft.task.level;
  const int count = level == 1 ? 3 : level == 2 ? draft.number(3, 4) : level == 3 ? 4 : 5;
  PieChart chart;
  chart.colors = sample({"red", "blue", "green", "yellow", "orange", "purple", "pink", "gray"}, count, draft.rng);
  chart.names = chart.colors;
  if (level >= 3) chart.names = sample({kFruits.begin(), kFruits.end()}, count, draft.rng);
  chart.percents = choose_percents(draft, count, level <= 3 ? 10 : level == 4 ? 5 : 1, level <= 3 ? 10 : 7);
  return chart;
}

void draw_part(Canvas& canvas, const PieChart& chart, size_t i, Point center, double radius, double from,
               const TextStyle& style, Rng& rng) {
  const double to = from + 2 * std::numbers::pi * chart.percents[i] / 100, middle = (from + to) / 2;
  const Paint fill = paint(chart.colors[i], rng);
  canvas.fill_sector(center, radius, from, to, fill);
  canvas.line(center, {center.x + radius * std::cos(from), center.y + radius * std::sin(from)}, paint("white"), 1.5);
  const double reach = radius * (chart.percents[i] < 15 ? 0.74 : 0.62);
  const Point at = {center.x + reach * std::cos(middle), center.y + reach * std::sin(middle)};
  Mark mark = place("sector", at, 24, 24, chart.percents[i]);
  mark.label = chart.names[i];
  mark.color = chart.colors[i];
  canvas.mark(mark);
  const bool dark = 0.3 * fill.red + 0.6 * fill.green + 0.1 * fill.blue < 0.42;
  TextStyle number = style;
  number.paint = paint(dark ? "white" : "black");
  canvas.text(chart.shown(i), at, number);
}

void draw(Draft& draft, const PieChart& chart) {
  const int level = draft.task.level;
  Canvas canvas(chart.has_legend() ? 224 : 112, 112, paper(draft.rng, level));
  const Point center = {56, 56};
  const double radius = level <= 2 ? 53 : draft.rng.uniform(48, 53);
  const TextStyle style = {.size = level <= 2 ? 17.0 : 13.0, .font = pick_font(draft.rng, level)};
  // Without a legend the parts are read clockwise from the top, so the first one starts there.
  double from = chart.has_legend() ? draft.rng.uniform(0, 2 * std::numbers::pi) : -std::numbers::pi / 2;
  for (size_t i = 0; i < chart.percents.size(); ++i) {
    draw_part(canvas, chart, i, center, radius, from, style, draft.rng);
    from += 2 * std::numbers::pi * chart.percents[i] / 100;
  }
  if (chart.has_legend()) {
    const double step = 108.0 / static_cast<double>(chart.names.size());
    for (size_t i = 0; i < chart.names.size(); ++i) {
      const double y = 2 + step * (static_cast<double>(i) + 0.5);
      canvas.shape("square", {130, y}, 16, {.paint = paint(chart.colors[i])});
      canvas.text(chart.names[i], {144, y}, {.size = 14, .font = style.font, .align = Align::left});
    }
  }
  draft.task.pictures.push_back(canvas.finish(draft.rng, level));
}

void finish(Draft& draft, const PieChart& chart, const char* ask, const std::vector<size_t>& of,
            const std::string& steps) {
  draft.task.scene["ask"] = ask;
  draft.task.scene["of"] = of;
  draft.task.transcript = chart.text();
  draft.task.solution = cat("I see ", chart.text(), ". ", steps, ". So ", draft.task.answer, ".");
}

void slip_other_parts(Draft& draft, const PieChart& chart) {
  for (size_t i = 0; i < chart.names.size(); ++i)
    draft.slip(chart.percents[i], cat("read ", chart.names[i], " instead"));
}

void ask_read(Draft& draft, const PieChart& chart, size_t a) {
  const std::string verb = chart.has_legend() ? " are " : " is ";
  draft.ask({cat("What percent", verb, chart.names[a], "?"), cat("How many percent", verb, chart.names[a], "?")},
            chart.percents[a]);
  finish(draft, chart, "read", {a}, cat(chart.names[a], ": ", chart.percents[a]));
  slip_other_parts(draft, chart);
}

void ask_pair(Draft& draft, const PieChart& chart, size_t a, size_t b) {
  const int x = chart.percents[a], y = chart.percents[b];
  draft.ask({cat("How many percent are ", chart.names[a], " and ", chart.names[b], " together?"),
             cat("What percent are ", chart.names[a], " and ", chart.names[b], " in total?")},
            x + y);
  finish(draft, chart, "pair", {a, b},
         cat(chart.names[a], " ", x, ", ", chart.names[b], " ", y, ": ", add_steps(x, y)));
  draft.slip(std::abs(x - y), "subtracted instead of adding");
  draft.slip(100 - x - y, "gave the rest");
  draft.slip(x + y + 10, "a wrong tens digit");
}

void ask_extreme(Draft& draft, const PieChart& chart, bool largest) {
  const auto found = largest ? std::ranges::max_element(chart.percents) : std::ranges::min_element(chart.percents);
  const auto part = static_cast<size_t>(found - chart.percents.begin());
  const std::string extreme = largest ? "largest" : "smallest", what = chart.has_legend() ? "fruit" : "color";
  draft.ask({cat("Which ", what, " has the ", extreme, " part?"),
             cat("Which ", what, " is the ", extreme, " part of the pie?")},
            "word", chart.names[part]);
  finish(draft, chart, largest ? "largest" : "smallest", {part},
         cat("The ", extreme, " is ", chart.percents[part], ": ", chart.names[part]));
  for (const std::string& name : chart.names) draft.slip(name, "took another part");
}

void ask_hidden(Draft& draft, const PieChart& chart) {
  std::vector<int> others;
  int sum = 0;
  for (size_t i = 0; i < chart.percents.size(); ++i) {
    if (i == chart.hidden) continue;
    others.push_back(chart.percents[i]);
    sum += chart.percents[i];
  }
  draft.ask({"What percent is the part with the question mark?",
             "All parts make 100. What number belongs at the question mark?"},
            100 - sum);
  finish(draft, chart, "hidden", {chart.hidden}, cat(sum_steps(others), ". 100-", sum, ": ", subtract_steps(100, sum)));
  draft.slip(sum, "forgot to subtract from 100");
  draft.slip(110 - sum, "forgot the borrow");
  draft.slip(100 - sum + others.back(), "left out one part");
}

/// total * percent / 100 with a total of whole hundreds.
void ask_people(Draft& draft, const PieChart& chart, size_t a) {
  const int hundreds = draft.number(2, 9), percent = chart.percents[a];
  draft.ask({cat("There are ", hundreds, "00 people. How many chose ", chart.names[a], "?"),
             cat(hundreds, "00 people were asked. How many of them took ", chart.names[a], "?")},
            hundreds * percent);
  finish(draft, chart, "people", {a},
         cat(chart.names[a], ": ", percent, " of each 100, ", percent, "*", hundreds, ": ",
             multiply_steps(percent, hundreds)));
  draft.task.scene["people"] = hundreds * 100;
  draft.slip(percent, "gave the percent");
  draft.slip(hundreds * 100 - hundreds * percent, "gave the rest");
  draft.slip(hundreds * percent + hundreds * 10, "misread the percent by ten");
}

void ask(Draft& draft, PieChart& chart) {
  const int level = draft.task.level, last = static_cast<int>(chart.names.size()) - 1;
  const auto a = static_cast<size_t>(draft.number(0, last));
  const auto b = (a + static_cast<size_t>(draft.number(1, last))) % chart.names.size();
  const int kind = draft.number(0, level == 1 ? 5 : level <= 3 ? 7 : 9);
  if (kind <= 1) return ask_read(draft, chart, a);
  if (kind <= 3) return ask_pair(draft, chart, a, b);
  if (kind <= 5) return ask_extreme(draft, chart, kind == 4);
  if (kind >= 8) return ask_people(draft, chart, a);
  chart.hidden = a;
  ask_hidden(draft, chart);
}

}  // namespace

Task make_pie_chart(uint64_t seed, int level, Split) {
  Draft draft("pie_chart", seed, level);
  PieChart chart = plan(draft);
  ask(draft, chart);
  draft.task.scene["names"] = chart.names;
  draft.task.scene["colors"] = chart.colors;
  draft.task.scene["percents"] = chart.percents;
  draw(draft, chart);
  return draft.task;
}

}  // namespace r1v
