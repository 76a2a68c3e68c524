// Rectangles with labelled sides: area, perimeter, a missing side; L-shapes at level 5.
#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "gym/calculation.h"
#include "gym/draft.h"
#include "gym/families.h"
#include "gym/figure.h"

namespace r1v {

namespace {

enum class Asked { area, perimeter, side_from_area, side_from_perimeter, l_area, l_perimeter };

struct Sides {
  int width = 2, height = 2;
  int cut_width = 0, cut_height = 0;  // of the corner that an L-shape lacks
  Asked asked = Asked::area;
};

Sides plan(Draft& draft) {
  const bool first = draft.chance(0.5);
  switch (draft.task.level) {
    case 1:
      return {draft.number(2, 9), draft.number(2, 9), 0, 0, first ? Asked::area : Asked::perimeter};
    case 2:
      if (first) return {draft.number(5, 20), draft.number(3, 12), 0, 0, Asked::perimeter};
      return {draft.number(3, 12), draft.number(2, 9), 0, 0, Asked::area};
    case 3:
      if (first) return {draft.number(11, 29), draft.number(3, 9), 0, 0, Asked::area};
      return {draft.number(3, 15), draft.number(3, 15), 0, 0, Asked::side_from_perimeter};
    case 4:
      if (first) return {draft.number(11, 29), draft.number(11, 19), 0, 0, Asked::area};
      return {draft.number(3, 15), draft.number(3, 9), 0, 0, Asked::side_from_area};
    default:
      break;
  }
  Sides sides{
      .width = draft.number(6, 15), .height = draft.number(5, 12), .asked = first ? Asked::l_area : Asked::l_perimeter};
  sides.cut_width = draft.number(2, sides.width - 3);
  sides.cut_height = draft.number(2, sides.height - 3);
  return sides;
}

/// Sides as drawn: true proportions, but never thinner than 0.45 of the longer side.
Point proportions(const Sides& sides) {
  const double longer = std::max(sides.width, sides.height);
  return {std::max(0.45, sides.width / longer), std::max(0.45, sides.height / longer)};
}

void draw_rectangle(Draft& draft, const Sides& sides) {
  const int level = draft.task.level;
  Rng& rng = draft.rng;
  Canvas canvas(112, 112, paper(rng, level));
  const Point shape = proportions(sides);
  const double dx = rng.uniform(-4, 4), dy = rng.uniform(-3, 3);
  const bool is_label_right = rng.chance(0.5), is_label_top = rng.chance(0.5);
  const Box box = {(is_label_right ? 8.0 : 30.0) + dx, (is_label_top ? 26.0 : 8.0) + dy, 74, 78};
  const double scale = rng.uniform(0.85, 1);
  const Box inner = {box.left, box.top, box.width * scale, box.height * scale};
  const std::vector<Point> corners = fit_into({{0, 0}, {shape.x, 0}, {shape.x, shape.y}, {0, shape.y}}, inner);
  const Paint dark = ink(rng, level);
  draw_polygon(canvas, corners, dark, tint(rng), rng.uniform(2, 3.5));
  const TextStyle style = {
      .size = level <= 2 ? rng.uniform(17, 20) : rng.uniform(15, 17), .font = pick_font(rng, level), .paint = dark};
  const bool hides = sides.asked == Asked::side_from_area || sides.asked == Asked::side_from_perimeter;
  const Point center = middle(corners);
  label_side(canvas, corners[is_label_top ? 0 : 3], corners[is_label_top ? 1 : 2], center, std::to_string(sides.width),
             style);
  label_side(canvas, corners[is_label_right ? 1 : 0], corners[is_label_right ? 2 : 3], center,
             hides ? "x" : std::to_string(sides.height), style);
  draft.task.pictures.push_back(canvas.finish(rng, level));
}

/// The upper right corner is cut away; all six sides but two are labelled.
void draw_l_shape(Draft& draft, const Sides& sides) {
  const int level = draft.task.level;
  Rng& rng = draft.rng;
  Canvas canvas(224, 224, paper(rng, level));
  const double w = sides.width, h = sides.height, cw = sides.cut_width, ch = sides.cut_height;
  const std::vector<Point> corners =
      fit_into({{0, 0}, {w - cw, 0}, {w - cw, ch}, {w, ch}, {w, h}, {0, h}}, {38, 30, 148, 158});
  const Paint dark = ink(rng, level);
  draw_polygon(canvas, corners, dark, tint(rng), rng.uniform(2, 3.5));
  const TextStyle style = {.size = rng.uniform(17, 20), .font = pick_font(rng, level), .paint = dark};
  const auto label = [&](size_t a, size_t b, Point inside, int value) {
    label_side(canvas, corners[a], corners[b], inside, std::to_string(value), style);
  };
  const Point low_left = {corners[5].x + 1, corners[5].y - 1};
  label(5, 0, {corners[5].x + 50, corners[1].y}, sides.height);
  label(4, 5, {corners[4].x - 1, corners[4].y - 20}, sides.width);
  label(1, 2, low_left, sides.cut_height);
  label(2, 3, low_left, sides.cut_width);
  draft.task.pictures.push_back(canvas.finish(rng, level));
}

void ask_plain(Draft& draft, const Sides& sides) {
  const int w = sides.width, h = sides.height, half = w + h;
  const std::string see = cat("I see ", draft.task.transcript, ". ");
  if (sides.asked == Asked::area) {
    draft.ask({"What is the area of the rectangle?", "Find the area.", "How large is the area of this rectangle?"},
              w * h);
    draft.task.solution = cat(see, "area: ", worked_product(w, h), ".");
    draft.slip(2 * half, "took the perimeter");
    draft.slip(half, "added the sides");
    draft.slip(w * h + h, "one time too many");
    return;
  }
  draft.ask(
      {"What is the perimeter of the rectangle?", "Find the perimeter.", "How long is the way around this rectangle?"},
      2 * half);
  draft.task.solution = cat(see, "perimeter: ", worked_sum(w, h), "; ", worked_product(half, 2), ".");
  draft.slip(half, "added each side only once");
  draft.slip(w * h, "took the area");
  draft.slip(2 * w + h, "forgot one side");
}

void ask_side(Draft& draft, const Sides& sides) {
  const int w = sides.width, h = sides.height, around = 2 * (w + h);
  const std::string see = cat("I see ", draft.task.transcript, ". ");
  if (sides.asked == Asked::side_from_area) {
    draft.ask(
        {cat("The area of the rectangle is ", w * h, ". What is x?"), cat("Find x when the area is ", w * h, ".")}, h);
    draft.task.solution = cat(see, "x*", w, "=", w * h, ", so x=", worked_quotient(w * h, w), ".");
    draft.slip(w * h - w, "took away instead of dividing");
    draft.slip(h + 1, "miscounted the multiples");
    draft.slip(h - 1, "miscounted the multiples");
    return;
  }
  draft.ask({cat("The perimeter of the rectangle is ", around, ". What is x?"),
             cat("Find x when the perimeter is ", around, ".")},
            h);
  draft.task.solution = cat(see, "Half of ", around, " is ", w + h, ". x = ", worked_difference(w + h, w), ".");
  draft.slip(around - w, "took one side from the whole perimeter");
  draft.slip(around - 2 * w, "forgot to halve");
  draft.slip(h + 1, "off by one");
}

void ask_l_shape(Draft& draft, const Sides& sides) {
  const int w = sides.width, h = sides.height, whole = w * h, cut = sides.cut_width * sides.cut_height;
  const std::string see = cat("I see ", draft.task.transcript, ". ");
  if (sides.asked == Asked::l_area) {
    draft.ask({"What is the area of the figure?", "Find the area of this figure."}, whole - cut);
    draft.task.solution = cat(see, worked_product(w, h), ". ", worked_product(sides.cut_width, sides.cut_height), ". ",
                              worked_difference(whole, cut), ".");
    draft.slip(whole, "forgot the missing corner");
    draft.slip(whole + cut, "added the missing corner");
    draft.slip(whole - sides.cut_width, "took one side of the corner away");
    return;
  }
  draft.ask({"What is the perimeter of the figure?", "Find the perimeter of this figure."}, 2 * (w + h));
  draft.task.solution =
      cat(see, "The corner does not change the way around. ", worked_sum(w, h), "; ", worked_product(w + h, 2), ".");
  draft.slip(2 * (w + h) - sides.cut_width - sides.cut_height, "took the corner away");
  draft.slip(w + h + sides.cut_width + sides.cut_height, "added only the labelled sides");
  draft.slip(w + h, "added each side only once");
}

const char* name_of(Asked asked) {
  constexpr const char* kNames[] = {"area", "perimeter", "side from area", "side from perimeter", "area", "perimeter"};
  return kNames[static_cast<int>(asked)];
}

}  // namespace

Task make_rectangle_measure(uint64_t seed, int level, Split) {
  Draft draft("rectangle_measure", seed, level);
  const Sides sides = plan(draft);
  draft.task.scene = {{"width", sides.width}, {"height", sides.height}, {"ask", name_of(sides.asked)}};
  if (level == 5) {
    draft.task.scene["cut"] = {sides.cut_width, sides.cut_height};
    draft.task.transcript =
        cat("figure ", sides.width, " by ", sides.height, ", corner ", sides.cut_width, " by ", sides.cut_height);
    draw_l_shape(draft, sides);
    ask_l_shape(draft, sides);
    return draft.task;
  }
  const bool hides = sides.asked == Asked::side_from_area || sides.asked == Asked::side_from_perimeter;
  draft.task.transcript = cat("rectangle ", sides.width, " by ", hides ? "x" : std::to_string(sides.height));
  draw_rectangle(draft, sides);
  hides ? ask_side(draft, sides) : ask_plain(draft, sides);
  return draft.task;
}

}  // namespace r1v
