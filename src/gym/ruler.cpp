// Ruler: a bar above a scale in centimetres; how long is it? From level 2 on it does not start at 0.
#include <cmath>

#include "base/error.h"
#include "gym/draft.h"
#include "gym/families.h"

namespace r1v {

namespace {

/// Ends in half centimetres, so that level 4 can ask for 3.5.
struct Bar {
  int left = 0, right = 2;
  std::string color;

  int length() const { return right - left; }
};

struct Ruler {
  int last = 7;  // the label at its right end, cm
  std::vector<Bar> bars;
};

std::string halves(int count) { return tenths(5 * count); }

Ruler plan(Draft& draft) {
  const int level = draft.task.level;
  Ruler ruler{.last = level <= 2 ? 7 : 14};
  std::vector<std::string> colors = {"red", "blue", "green", "orange", "purple"};
  draft.rng.shuffle(colors);
  const int num_bars = level == 5 ? 2 : 1;
  for (int i = 0; i < num_bars; ++i) {
    const int unit = level >= 4 ? 1 : 2;  // half or whole centimetres
    const int shortest = unit == 1 ? 3 : 1;
    const int last = 2 * ruler.last / unit;
    const int length = draft.number(shortest, level == 2 ? last - 1 : last - (level > 2));
    const int left = level == 1 ? 0 : draft.number(level >= 2 ? 1 : 0, last - length);
    ruler.bars.push_back({left * unit, (left + length) * unit, colors[static_cast<size_t>(i)]});
  }
  return ruler;
}

void draw_scale(Canvas& canvas, Rng& rng, const Ruler& ruler, int level, double margin, double gap, double top) {
  const Paint dark = ink(rng, level);
  canvas.fill_rect(margin - 6, top, ruler.last * gap + 12, 34, Paint{"yellow", 0.98, 0.91, 0.66});
  canvas.stroke_rect(margin - 6, top, ruler.last * gap + 12, 34, dark, 1.5);
  const TextStyle style = {
      .size = level <= 2 ? 14.0 : 11.5, .font = level <= 2 ? Font::sans : pick_font(rng, 3), .paint = dark};
  for (int half = 0; half <= 2 * ruler.last; ++half) {
    const double x = margin + half * gap / 2;
    const bool is_whole = half % 2 == 0;
    if (!is_whole && level <= 3) continue;
    canvas.line({x, top}, {x, top + (is_whole ? 9 : 5)}, dark, 1.5);
    if (!is_whole) continue;
    canvas.mark(place("tick", {x, top + 5}, 2, 9, half / 2));
    const std::string label = std::to_string(half / 2);
    TextStyle fitting = style;
    fitting.size = canvas.fitting_size(label, style, gap - 0.5);
    canvas.text(label, {x, top + 22}, fitting);
  }
}

void draw(Draft& draft, const Ruler& ruler) {
  const int level = draft.task.level;
  Rng& rng = draft.rng;
  const int width = level <= 2 ? 112 : 224;
  Canvas canvas(width, 112, paper(rng, level));
  const double margin = width == 112 ? 8 : 9;
  const double gap = (width - 2 * margin) / ruler.last, top = rng.uniform(60, 72);
  draw_scale(canvas, rng, ruler, level, margin, gap, top);
  double y = top;
  for (const Bar& bar : ruler.bars) {
    const double height = rng.uniform(16, 22), left = margin + bar.left * gap / 2, right = margin + bar.right * gap / 2;
    y -= height + 3;
    const Paint fill = paint(bar.color, rng);
    canvas.fill_rect(left, y, right - left, height, fill);
    Mark mark = place("segment", {(left + right) / 2, y + height / 2}, right - left, height,
                      bar.length() % 2 == 0 ? bar.length() / 2 : -1);
    mark.color = bar.color;
    canvas.mark(mark);
    canvas.mark(place("end", {left, y + height / 2}, 2, height, bar.left % 2 == 0 ? bar.left / 2 : -1));
    canvas.mark(place("end", {right, y + height / 2}, 2, height, bar.right % 2 == 0 ? bar.right / 2 : -1));
    y -= 3;
  }
  draft.task.pictures.push_back(canvas.finish(rng, level));
}

std::string read_off(const Ruler& ruler) {
  std::vector<std::string> lines;
  for (const Bar& bar : ruler.bars)
    lines.push_back(cat(bar.color, " bar from ", halves(bar.left), " to ", halves(bar.right)));
  return join(lines);
}

void ask_one(Draft& draft, const Bar& bar) {
  const std::string length = halves(bar.length());
  draft.ask({"How long is the bar in cm?", "What is the length of the bar in cm?",
             cat("How many cm long is the ", bar.color, " bar?")},
            "number", length);
  draft.task.solution =
      cat("I see ", draft.task.transcript, ". ", halves(bar.right), "-", halves(bar.left), "=", length, ".");
  draft.slip(halves(bar.right), "read only the right end");
  draft.slip(halves(bar.length() + 2), "counted the marks instead of the steps");
  draft.slip(halves(bar.length() - 2), "misread one end");
}

void ask_two(Draft& draft, const std::vector<Bar>& bars) {
  const bool is_sum = draft.chance(0.5);
  const Bar& longer = bars[bars[0].length() >= bars[1].length() ? 0 : 1];
  const Bar& shorter = bars[bars[0].length() >= bars[1].length() ? 1 : 0];
  const int result = is_sum ? longer.length() + shorter.length() : longer.length() - shorter.length();
  draft.ask(is_sum ? std::vector<std::string>{"How long are both bars together in cm?",
                                              "What is the total length of the bars in cm?"}
                   : std::vector<std::string>{"By how many cm do the lengths of the bars differ?",
                                              "What is the difference of the two lengths in cm?"},
            "number", halves(result));
  std::string text = cat("I see ", draft.task.transcript, ".");
  for (const Bar* bar : {&longer, &shorter}) {
    text += cat(" ", bar->color, ": ", halves(bar->right), "-", halves(bar->left), "=", halves(bar->length()), ".");
  }
  draft.task.solution =
      cat(text, " ", halves(longer.length()), is_sum ? "+" : "-", halves(shorter.length()), "=", halves(result), ".");
  draft.task.scene["ask"] = is_sum ? "sum" : "difference";
  draft.slip(halves(is_sum ? longer.length() - shorter.length() : longer.length() + shorter.length()),
             "wrong operation");
  draft.slip(halves(is_sum ? longer.right + shorter.right : std::abs(longer.right - shorter.right)),
             "read only the right ends");
  draft.slip(halves(result + 1), "misread half a centimetre");
}

}  // namespace

Task make_ruler(uint64_t seed, int level, Split) {
  Draft draft("ruler", seed, level);
  const Ruler ruler = plan(draft);
  draw(draft, ruler);
  Json bars = Json::array();
  for (const Bar& bar : ruler.bars)
    bars.push_back({{"color", bar.color}, {"from", 0.5 * bar.left}, {"to", 0.5 * bar.right}});
  draft.task.scene = {{"scale", ruler.last}, {"bars", bars}, {"ask", "length"}};
  draft.task.transcript = read_off(ruler);
  if (ruler.bars.size() == 1) {
    ask_one(draft, ruler.bars[0]);
  } else {
    ask_two(draft, ruler.bars);
  }
  return draft.task;
}

}  // namespace r1v
