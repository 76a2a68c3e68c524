// Bar charts: read a bar, compare two, add some, find the largest or smallest.
#include <algorithm>

#include "base/error.h"
#include "gym/amounts.h"
#include "gym/draft.h"
#include "gym/families.h"
#include "gym/things.h"

namespace r1v {

namespace {

struct BarPlan {
  AmountLimits limits;
  int height = 112;          // the width is 224
  bool print_values = true;  // else an axis with grid lines tells the heights
  int tick = 1;              // between two grid lines
};

BarPlan plan_of(Draft& draft) {
  switch (draft.task.level) {
    case 1:
      return {.limits = {.count = 3, .low = 1, .high = 9}};
    case 2:
      if (draft.chance(0.6)) return {.limits = {.count = 4, .low = 1, .high = 20, .longest_label = 6}};
      return {.limits = {.count = 3, .low = 1, .high = 5, .longest_label = 6}, .print_values = false, .tick = 1};
    case 3:
      if (draft.chance(0.5)) return {.limits = {.count = 5, .low = 5, .high = 60, .longest_label = 5}};
      return {.limits = {.count = 4, .low = 2, .high = 20, .step = 2, .longest_label = 5},
              .height = 224,
              .print_values = false,
              .tick = 4};
    case 4:
      if (draft.chance(0.3)) return {.limits = {.count = 6, .low = 10, .high = 99, .longest_label = 5}, .height = 224};
      return {.limits = {.count = 5, .low = 5, .high = 60, .step = 5, .longest_label = 5},
              .height = 224,
              .print_values = false,
              .tick = 10};
    default:
      return {.limits = {.count = 6, .low = 4, .high = 98, .step = 2, .longest_label = 5},
              .height = 224,
              .print_values = false,
              .tick = 10};
  }
}

/// Where the bars stand: pixels of the axis, of a unit and of a slot.
struct Frame {
  double left, right, base, unit, slot;
};

TextStyle text_style(Draft& draft) {
  const int level = draft.task.level;
  return {.size = level <= 2 ? 14.0 : static_cast<double>(draft.number(11, 13)),
          .font = pick_font(draft.rng, level),
          .paint = ink(draft.rng, level)};
}

void draw_axis(Canvas& canvas, const Frame& frame, const BarPlan& plan, int top, const TextStyle& style) {
  const Paint faint = {"gray", 0.75, 0.75, 0.75};
  TextStyle number = style;
  number.align = Align::right;
  for (int value = 0; value <= top; value += plan.tick) {
    const double y = frame.base - value * frame.unit;
    if (value > 0) canvas.line({frame.left, y}, {frame.right, y}, faint, 1);
    canvas.text(std::to_string(value), {frame.left - 4, y}, number);
  }
  canvas.line({frame.left, frame.base}, {frame.left, frame.base - top * frame.unit}, style.paint, 1.5);
}

void draw_bars(Draft& draft, Canvas& canvas, const Amounts& amounts, const Frame& frame, const BarPlan& plan,
               const TextStyle& style) {
  const bool one_color = draft.chance(0.3);
  std::vector<std::string> colors = sample(level_colors(5), 6, draft.rng);
  const double number_size = style.size + (draft.task.level <= 2 ? 4 : 2);
  const double width = frame.slot * draft.rng.uniform(0.45, 0.7);
  for (size_t i = 0; i < amounts.size(); ++i) {
    const int value = amounts.values[i];
    const double x = frame.left + (static_cast<double>(i) + 0.5) * frame.slot, height = value * frame.unit;
    const Paint fill = paint(colors[one_color ? 0 : i], draft.rng);
    canvas.fill_rect(x - width / 2, frame.base - height, width, height, fill);
    Mark mark = place("bar", {x, frame.base - height / 2}, width, height, value);
    mark.label = amounts.labels[i];
    mark.color = fill.name;
    canvas.mark(mark);
    if (plan.print_values) {
      canvas.text(std::to_string(value), {x, frame.base - height - 2 - number_size / 2},
                  {.size = number_size, .font = style.font, .paint = style.paint});
    }
    TextStyle label = style;
    label.size = canvas.fitting_size(amounts.labels[i], style, frame.slot - 2, draft.task.level <= 2 ? 13 : 9);
    canvas.text(amounts.labels[i], {x, frame.base + 10}, label);
  }
}

void draw(Draft& draft, const Amounts& amounts, const BarPlan& plan) {
  const int level = draft.task.level;
  Canvas canvas(224, plan.height, paper(draft.rng, level));
  const TextStyle style = text_style(draft);
  const int largest = *std::ranges::max_element(amounts.values);
  const int top = plan.print_values ? largest : (plan.limits.high + plan.tick - 1) / plan.tick * plan.tick;
  const double left = plan.print_values ? 4 : canvas.text_width(std::to_string(top), style) + 8, right = 220,
               base = plan.height - 20;
  const double room = base - (plan.print_values ? 24 : 10);
  const Frame frame{left, right, base, room / top * (plan.print_values ? draft.rng.uniform(0.8, 1.0) : 1.0),
                    (right - left) / static_cast<double>(amounts.size())};
  if (!plan.print_values) draw_axis(canvas, frame, plan, top, style);
  draw_bars(draft, canvas, amounts, frame, plan, style);
  canvas.line({left, base}, {right, base}, style.paint, 1.5);
  draft.task.pictures.push_back(canvas.finish(draft.rng, level));
}

}  // namespace

Task make_bar_chart(uint64_t seed, int level, Split) {
  Draft draft("bar_chart", seed, level);
  const BarPlan plan = plan_of(draft);
  const Amounts amounts = choose_amounts(draft, plan.limits);
  draw(draft, amounts, plan);
  draft.task.scene = amounts.json();
  draft.task.scene["values_printed"] = plan.print_values;
  ask_amounts(draft, amounts);
  return draft.task;
}

}  // namespace r1v
