// Number line: equal ticks, some of them labelled, and an arrow at the tick whose number is asked for.
#include <algorithm>
#include <array>

#include "base/error.h"
#include "gym/draft.h"
#include "gym/families.h"

namespace r1v {

namespace {

/// Values are tenths at level 5 and whole numbers below.
struct NumberLine {
  int start = 0, step = 1, num_ticks = 4, arrow = 1;
  std::vector<int> labelled;  // tick indices, ascending, without the arrow's
  bool in_tenths = false;

  int value(int tick) const { return start + tick * step; }
  std::string text(int tick) const { return in_tenths ? tenths(value(tick)) : std::to_string(value(tick)); }
  std::string amount(int number) const { return in_tenths ? tenths(number) : std::to_string(number); }
  bool has_label(int tick) const { return std::ranges::count(labelled, tick) > 0; }
};

NumberLine plan(Draft& draft) {
  const int level = draft.task.level;
  NumberLine line;
  line.num_ticks = level <= 2 ? 4 : 9;
  if (level == 1) {
    line.step = draft.chance(0.7) ? 1 : 2;
    line.arrow = draft.number(1, 2);
    line.start = draft.number(0, 99 - 3 * line.step);
    for (int tick = 0; tick < line.num_ticks; ++tick) line.labelled.push_back(tick);
  } else if (level == 2) {
    line.step = std::array{1, 2, 5, 10}[static_cast<size_t>(draft.number(0, 3))];
    line.arrow = draft.number(2, 3);
    line.start = draft.number(0, 99 - 3 * line.step);
    line.labelled = {0, 1};
  } else {
    line.in_tenths = level == 5;
    line.step = draft.number(2, level == 3 ? 6 : 9);
    line.labelled = {0, draft.number(2, 4)};
    do line.arrow = draft.number(1, 8);
    while (line.arrow == line.labelled[1]);
    line.start = level == 4 ? -draft.number(1, 6) * line.step : draft.number(0, 99 - 8 * line.step);
  }
  std::erase(line.labelled, line.arrow);
  return line;
}

void draw(Draft& draft, const NumberLine& line) {
  const int level = draft.task.level;
  Rng& rng = draft.rng;
  const int width = line.num_ticks > 5 ? 224 : 112;
  Canvas canvas(width, 112, paper(rng, level));
  const Paint dark = ink(rng, level);
  const Paint strong = accent(rng);
  const double margin = level <= 2 ? 14 : 18, y = rng.uniform(58, 74),
               gap = (width - 2 * margin) / (line.num_ticks - 1);
  canvas.line({margin - 8, y}, {width - margin + 8, y}, dark, rng.uniform(2, 3));
  const TextStyle style = {
      .size = level <= 2 ? 16.0 : rng.uniform(13, 15), .font = pick_font(rng, level), .paint = dark};
  for (int tick = 0; tick < line.num_ticks; ++tick) {
    const double x = margin + tick * gap;
    const int shown = line.in_tenths ? -1 : line.value(tick);
    canvas.line({x, y - 6}, {x, y + 6}, dark, 2);
    canvas.mark(place("tick", {x, y}, 2, 12, shown > 99 ? -1 : shown));
    if (line.has_label(tick)) canvas.text(line.text(tick), {x, y + 18}, style);
  }
  const double tip = margin + line.arrow * gap;
  const int value = line.in_tenths || line.value(line.arrow) > 99 ? -1 : line.value(line.arrow);
  canvas.arrow({tip, y - 42}, {tip, y - 8}, strong, 3.5, 12);
  Mark arrow = place("arrow", {tip, y - 25}, 12, 34, value);
  arrow.color = strong.name;
  canvas.mark(arrow);
  draft.task.pictures.push_back(canvas.finish(rng, level));
}

std::string read_off(const NumberLine& line) {
  std::vector<std::string> words;
  for (int tick = 0; tick < line.num_ticks; ++tick) {
    words.push_back(tick == line.arrow ? "arrow" : line.has_label(tick) ? line.text(tick) : "tick");
  }
  return join(words, " ");
}

/// Walks from the nearest label at or below the arrow, or down from the first label when there is none below.
std::string solve(const NumberLine& line) {
  int first = line.labelled[0], second = line.labelled[1], from = first;
  for (size_t i = 0; i + 1 < line.labelled.size(); ++i) {
    if (line.labelled[i + 1] - line.labelled[i] < second - first)
      first = line.labelled[i], second = line.labelled[i + 1];
  }
  for (const int tick : line.labelled) from = tick < line.arrow ? tick : from;
  const std::string difference = line.amount(line.value(second) - line.value(first));
  std::string text = cat("From ", line.text(first), " to ", line.text(second), " is ", difference);
  if (second - first > 1) text += cat(" in ", second - first, " steps, so one step is ", line.amount(line.step));
  text += cat(". From ", line.text(from), " go up: ");
  std::vector<std::string> walk;
  for (int tick = from + 1; tick <= line.arrow; ++tick) walk.push_back(line.text(tick));
  return text + join(walk) + ".";
}

}  // namespace

Task make_number_line(uint64_t seed, int level, Split) {
  Draft draft("number_line", seed, level);
  const NumberLine line = plan(draft);
  draw(draft, line);
  Json labels = Json::object();
  for (const int tick : line.labelled) labels[std::to_string(tick)] = line.text(tick);
  draft.task.scene = {{"ticks", line.num_ticks}, {"labels", labels}, {"arrow", line.arrow}};
  draft.ask({"What number is at the arrow?", "Which number does the arrow show?", "Read the value at the arrow."},
            "number", line.text(line.arrow));
  draft.task.transcript = read_off(line);
  draft.task.solution = cat("I see ", draft.task.transcript, ". ", solve(line));
  draft.slip(line.text(line.arrow - 1), "stopped one step early");
  draft.slip(line.text(line.arrow + 1), "went one step too far");
  draft.slip(line.amount(line.start + line.arrow), "took every step as 1");
  return draft.task;
}

}  // namespace r1v
