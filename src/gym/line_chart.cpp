// Line charts over days: values, extremes, changes and trends; from level 4 on two lines that meet once.
#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "gym/draft.h"
#include "gym/families.h"
#include "gym/solution.h"
#include "gym/things.h"
#include "gym/words.h"

namespace r1v {

namespace {

struct Line {
  std::string color;
  std::vector<int> values;  // one a day
};

struct LineChart {
  std::vector<std::string> days;
  std::vector<Line> lines;
  int high = 9;      // of the axis
  int tick = 0;      // between grid lines; 0: values are printed at the points
  int height = 112;  // the width is 224

  std::string read(const Line& line) const {
    std::vector<std::string> parts;
    for (size_t i = 0; i < days.size(); ++i) parts.push_back(cat(days[i], " ", line.values[i]));
    return join(parts);
  }
  std::string text() const {
    if (lines.size() == 1) return read(lines[0]);
    return cat(lines[0].color, ": ", read(lines[0]), "; ", lines[1].color, ": ", read(lines[1]));
  }
};

std::vector<int> different_values(Draft& draft, int count, int high, int step) {
  std::vector<int> values;
  for (int value = step; value <= high; value += step) values.push_back(value);
  draft.rng.shuffle(values);
  values.resize(static_cast<size_t>(count));
  return values;
}

LineChart one_line(Draft& draft) {
  const int level = draft.task.level, count = level == 1 ? 3 : level == 2 ? 4 : 5;
  LineChart chart;
  chart.high = level == 3 ? 20 : 9;
  if (level == 3) chart.tick = 4, chart.height = 224;
  const auto first = kShortDays.begin() + draft.number(0, 7 - count);
  chart.days.assign(first, first + count);
  const std::string color = draft.rng.pick(std::vector<std::string>{"red", "blue", "green", "purple"});
  chart.lines = {{color, different_values(draft, count, chart.high, level == 3 ? 2 : 1)}};
  return chart;
}

/// Two lines that have the same value on exactly one day.
LineChart two_lines(Draft& draft) {
  const int level = draft.task.level, count = level == 4 ? 4 : 6;
  LineChart chart{.high = level == 4 ? 10 : 20, .tick = level == 4 ? 1 : 2, .height = 224};
  const auto first = kShortDays.begin() + draft.number(0, 7 - count);
  chart.days.assign(first, first + count);
  const std::vector<std::string> all = {"red", "blue", "green", "purple"};
  std::vector<std::string> colors = sample(all, 2, draft.rng);
  std::ranges::sort(colors, {}, [&](const std::string& color) {
    return std::ranges::find(all, color) - all.begin();
  });  // one way to read it
  for (const std::string& color : colors) chart.lines.push_back({color, different_values(draft, count, chart.high, 1)});
  const size_t meeting = static_cast<size_t>(draft.number(0, count - 1));
  for (size_t i = 0; i < chart.days.size(); ++i) {
    int& other = chart.lines[1].values[i];
    const int value = chart.lines[0].values[i];
    if (i == meeting)
      other = value;
    else if (other == value)
      other = value > 1 ? value - 1 : value + 1;
  }
  return chart;
}

void draw(Draft& draft, const LineChart& chart) {
  const int level = draft.task.level;
  Canvas canvas(224, chart.height, paper(draft.rng, level));
  const TextStyle style = {
      .size = level <= 2 ? 14.0 : 13.0, .font = pick_font(draft.rng, level), .paint = ink(draft.rng, level)};
  const double left = chart.tick ? canvas.text_width(std::to_string(chart.high), style) + 8 : 4, right = 220,
               base = chart.height - 20, top = chart.tick ? 10 : 26;
  const double unit = (base - top) / chart.high, slot = (right - left) / static_cast<double>(chart.days.size());
  const auto at = [&](size_t day, int value) {
    return Point{left + (static_cast<double>(day) + 0.5) * slot, base - value * unit};
  };
  const Paint faint = {"gray", 0.78, 0.78, 0.78};
  for (int value = 0; chart.tick && value <= chart.high; value += chart.tick) {
    TextStyle number = style;
    number.align = Align::right;
    if (value > 0) canvas.line({left, base - value * unit}, {right, base - value * unit}, faint, 1);
    canvas.text(std::to_string(value), {left - 4, base - value * unit}, number);
  }
  if (chart.tick) canvas.line({left, base}, {left, top}, style.paint, 1.5);
  canvas.line({left, base}, {right, base}, style.paint, 1.5);
  for (const Line& line : chart.lines) {
    const Paint color = paint(line.color, draft.rng);
    std::vector<Point> points;
    for (size_t i = 0; i < line.values.size(); ++i) points.push_back(at(i, line.values[i]));
    canvas.polyline(points, color, 2.5);
    for (size_t i = 0; i < points.size(); ++i) {
      canvas.fill_circle(points[i], 4, color);
      Mark mark = place("point", points[i], 10, 10, line.values[i]);
      mark.color = line.color;
      canvas.mark(mark);
      if (chart.tick) continue;
      canvas.text(std::to_string(line.values[i]), {points[i].x, points[i].y - 14},
                  {.size = 17, .font = style.font, .paint = style.paint});
    }
  }
  for (size_t i = 0; i < chart.days.size(); ++i) canvas.text(chart.days[i], {at(i, 0).x, base + 10}, style);
  draft.task.pictures.push_back(canvas.finish(draft.rng, level));
}

void finish(Draft& draft, const LineChart& chart, const char* ask, const std::vector<size_t>& of,
            const std::string& steps) {
  draft.task.scene["ask"] = ask;
  draft.task.scene["of"] = of;
  draft.task.transcript = chart.text();
  draft.task.solution = cat("I see ", chart.text(), ". ", steps, ". So ", draft.task.answer, ".");
}

void ask_value(Draft& draft, const LineChart& chart, const Line& line, size_t day) {
  const std::string which = chart.lines.size() > 1 ? line.color + " " : "";
  draft.ask({cat("What is the ", which, "value on ", chart.days[day], "?"),
             cat("How high is the ", which, "line on ", chart.days[day], "?")},
            line.values[day]);
  finish(draft, chart, "value", {day}, cat(which, chart.days[day], ": ", line.values[day]));
  draft.task.scene["line"] = line.color;
  for (const Line& other : chart.lines) draft.slip(other.values[day], "took the other line");
  for (size_t i = 0; i < chart.days.size(); ++i) draft.slip(line.values[i], cat("read ", chart.days[i], " instead"));
}

void ask_extreme(Draft& draft, const LineChart& chart, bool highest) {
  const std::vector<int>& values = chart.lines[0].values;
  const auto found = highest ? std::ranges::max_element(values) : std::ranges::min_element(values);
  const auto day = static_cast<size_t>(found - values.begin());
  const std::string extreme = highest ? "highest" : "lowest";
  draft.ask({cat("On which day is the line ", extreme, "?"), cat("Which day has the ", extreme, " value?")}, "word",
            chart.days[day]);
  finish(draft, chart, highest ? "highest" : "lowest", {day},
         cat("The ", extreme, " is ", values[day], ": ", chart.days[day]));
  for (const std::string& other : chart.days) draft.slip(other, "took another day");
}

void ask_change(Draft& draft, const LineChart& chart, size_t a, size_t b) {
  const std::vector<int>& values = chart.lines[0].values;
  const bool rises = values[b] > values[a];
  const int high = std::max(values[a], values[b]), low = std::min(values[a], values[b]);
  const std::string verb = rises ? "rise" : "fall";
  draft.ask({cat("By how much does the line ", verb, " from ", chart.days[a], " to ", chart.days[b], "?"),
             cat("How much ", rises ? "higher" : "lower", " is ", chart.days[b], " than ", chart.days[a], "?")},
            high - low);
  finish(draft, chart, "change", {a, b},
         cat(chart.days[a], " ", values[a], ", ", chart.days[b], " ", values[b], ": ", subtract_steps(high, low)));
  draft.slip(high, "forgot to subtract");
  draft.slip(high + low, "added instead of subtracting");
  draft.slip(high - low + 1, "misread one value by one");
}

/// Rise, fall and stay are equally likely, so the second value is chosen anew.
void set_trend(Draft& draft, LineChart& chart, size_t day) {
  std::vector<int>& values = chart.lines[0].values;
  const int trend = draft.number(0, 2);
  if (trend == 0) values[day + 1] = values[day];
  if ((trend == 1) != (values[day + 1] > values[day]) && trend != 0) std::swap(values[day], values[day + 1]);
}

void ask_trend(Draft& draft, const LineChart& chart, size_t day) {
  const std::vector<int>& values = chart.lines[0].values;
  const int before = values[day], after = values[day + 1];
  const std::string answer = after > before ? "rise" : after < before ? "fall" : "stay";
  draft.ask({cat("From ", chart.days[day], " to ", chart.days[day + 1], ", does the line rise, fall or stay?"),
             cat("Does it rise, fall or stay from ", chart.days[day], " to ", chart.days[day + 1], "?")},
            "word", answer);
  finish(draft, chart, "trend", {day, day + 1},
         cat(chart.days[day], " ", before, ", ", chart.days[day + 1], " ", after));
  for (const char* other : {"rise", "fall", "stay"}) draft.slip(other, "compared the wrong way");
}

void ask_gap(Draft& draft, const LineChart& chart, size_t day) {
  const int a = chart.lines[0].values[day], b = chart.lines[1].values[day], high = std::max(a, b), low = std::min(a, b);
  draft.ask({cat("How far apart are the lines on ", chart.days[day], "?"),
             cat("What is the difference of the lines on ", chart.days[day], "?")},
            high - low);
  finish(draft, chart, "gap", {day}, cat(chart.days[day], ": ", high, " and ", low, ", ", subtract_steps(high, low)));
  draft.slip(high + low, "added instead of subtracting");
  draft.slip(high, "forgot to subtract");
  draft.slip(high - low + 1, "misread one value by one");
}

void ask_meeting(Draft& draft, const LineChart& chart) {
  size_t day = 0;
  while (chart.lines[0].values[day] != chart.lines[1].values[day]) ++day;
  draft.ask({"On which day do the lines meet?", "On which day are both lines equal?"}, "word", chart.days[day]);
  finish(draft, chart, "meet", {day}, cat("Both are ", chart.lines[0].values[day], " on ", chart.days[day]));
  for (const std::string& other : chart.days) draft.slip(other, "took another day");
}

void ask_above(Draft& draft, const LineChart& chart) {
  const Line &a = chart.lines[0], &b = chart.lines[1];
  std::vector<std::string> steps;
  for (size_t i = 0; i < chart.days.size(); ++i) {
    if (a.values[i] > b.values[i]) steps.push_back(cat(chart.days[i], " ", steps.size() + 1));
  }
  const int count = static_cast<int>(steps.size()), days = static_cast<int>(chart.days.size());
  draft.ask({cat("On how many days is the ", a.color, " line above the ", b.color, " line?"),
             cat("How many days have ", a.color, " higher than ", b.color, "?")},
            count);
  finish(draft, chart, "above", {}, cat(a.color, " above ", b.color, ": ", steps.empty() ? "none" : join(steps)));
  draft.slip(days - count, "counted the other days");
  draft.slip(days - 1 - count, "counted the days below");
  draft.slip(count + 1, "counted the meeting day");
}

void ask_one_line(Draft& draft, LineChart& chart) {
  std::vector<size_t> order(chart.days.size());
  std::iota(order.begin(), order.end(), size_t{0});
  draft.rng.shuffle(order);
  const int kind = draft.number(0, draft.task.level == 1 ? 8 : 10);
  if (kind >= 9) {
    const auto day = static_cast<size_t>(draft.number(0, static_cast<int>(chart.days.size()) - 2));
    set_trend(draft, chart, day);
    return ask_trend(draft, chart, day);
  }
  if (kind <= 3) return ask_value(draft, chart, chart.lines[0], order[0]);
  if (kind <= 5) return ask_extreme(draft, chart, kind == 4);
  ask_change(draft, chart, std::min(order[0], order[1]), std::max(order[0], order[1]));
}

void ask_two_lines(Draft& draft, const LineChart& chart) {
  auto day = static_cast<size_t>(draft.number(0, static_cast<int>(chart.days.size()) - 1));
  switch (draft.number(0, 3)) {
    case 0:
      return ask_value(draft, chart, chart.lines[static_cast<size_t>(draft.number(0, 1))], day);
    case 1:
      if (chart.lines[0].values[day] == chart.lines[1].values[day]) day = (day + 1) % chart.days.size();
      return ask_gap(draft, chart, day);
    case 2:
      return ask_meeting(draft, chart);
    default:
      return ask_above(draft, chart);
  }
}

}  // namespace

Task make_line_chart(uint64_t seed, int level, Split) {
  Draft draft("line_chart", seed, level);
  LineChart chart = level <= 3 ? one_line(draft) : two_lines(draft);
  level <= 3 ? ask_one_line(draft, chart) : ask_two_lines(draft, chart);
  draft.task.scene["days"] = chart.days;
  draft.task.scene["lines"] = Json::array();
  for (const Line& line : chart.lines)
    draft.task.scene["lines"].push_back({{"color", line.color}, {"values", line.values}});
  draw(draft, chart);
  return draft.task;
}

}  // namespace r1v
