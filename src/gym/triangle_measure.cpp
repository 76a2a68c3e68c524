// Triangles with labelled sides: perimeter, a missing side, area of right triangles, Pythagoras from level 3 on.
#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "gym/calculation.h"
#include "gym/draft.h"
#include "gym/families.h"
#include "gym/figure.h"

namespace r1v {

namespace {

enum class Asked { perimeter, side, area, hypotenuse, leg, perimeter_of_legs, area_from_hypotenuse };

/// Right triangles have their legs in a and b and the longest side in c.
struct Sides {
  int a = 3, b = 4, c = 5;
  bool is_right = false;
  Asked asked = Asked::perimeter;
};

Sides any_triangle(Draft& draft, int low, int high, Asked asked) {
  Sides sides{.asked = asked};
  do {
    sides.a = draft.number(low, high), sides.b = draft.number(low, high), sides.c = draft.number(low, high);
  } while (2 * std::max({sides.a, sides.b, sides.c}) >= 0.9 * (sides.a + sides.b + sides.c));
  return sides;
}

Sides pythagorean(Draft& draft, Asked asked) {
  struct Shape {
    int a, b, c, largest_factor;
  };
  static constexpr std::array<Shape, 7> kShapes = {
      {{3, 4, 5, 9}, {5, 12, 13, 3}, {8, 15, 17, 2}, {7, 24, 25, 1}, {20, 21, 29, 1}, {12, 35, 37, 1}, {9, 40, 41, 1}}};
  const Shape& shape = kShapes[static_cast<size_t>(draft.chance(0.4) ? 0 : draft.number(1, 6))];
  const int factor = draft.number(1, shape.largest_factor);
  const std::array<int, 3> triple = {shape.a * factor, shape.b * factor, shape.c * factor};
  const bool is_swapped = draft.chance(0.5);
  return {triple[is_swapped ? 1 : 0], triple[is_swapped ? 0 : 1], triple[2], true, asked};
}

Sides plan(Draft& draft) {
  const bool first = draft.chance(0.5);
  switch (draft.task.level) {
    case 1:
      return any_triangle(draft, 2, 9, Asked::perimeter);
    case 2:
      if (first) return any_triangle(draft, 3, 12, Asked::side);
      return {2 * draft.number(1, 6), draft.number(2, 9), 0, true, Asked::area};
    case 3:
      if (first) return pythagorean(draft, Asked::hypotenuse);
      return {2 * draft.number(4, 12), draft.number(5, 15), 0, true, Asked::area};
    case 4:
      return pythagorean(draft, first ? Asked::leg : Asked::hypotenuse);
    default:
      return pythagorean(draft, first ? Asked::perimeter_of_legs : Asked::area_from_hypotenuse);
  }
}

/// Corners so that side a joins 0 and 1, b joins 1 and 2, c joins 2 and 0; the right angle, if any, is at corner 1.
std::vector<Point> corners_of(const Sides& sides) {
  const double a = sides.a, b = sides.b;
  if (sides.is_right) {
    const double shorter = 0.42 * std::max(a, b);  // very thin triangles are drawn a little fatter
    return {{std::max(a, shorter), 0}, {0, 0}, {0, -std::max(b, shorter)}};
  }
  const double c = sides.c, x = (a * a + c * c - b * b) / (2 * a);
  return {{0, 0}, {a, 0}, {x, -std::sqrt(c * c - x * x)}};
}

/// What stands beside each side: its number, "x", or nothing.
std::array<std::string, 3> labels_of(const Sides& sides) {
  const std::string a = std::to_string(sides.a), b = std::to_string(sides.b), c = std::to_string(sides.c);
  switch (sides.asked) {
    case Asked::perimeter:
      return {a, b, c};
    case Asked::side:
      return {a, b, "x"};
    case Asked::area:
      return {a, b, ""};
    case Asked::hypotenuse:
      return {a, b, "x"};
    case Asked::leg:
      return {a, "x", c};
    case Asked::perimeter_of_legs:
      return {a, b, ""};
    case Asked::area_from_hypotenuse:
      return {a, "", c};
  }
  return {};
}

void draw(Draft& draft, const Sides& sides) {
  const int level = draft.task.level;
  Rng& rng = draft.rng;
  Canvas canvas(112, 112, paper(rng, level));
  std::vector<Point> corners = corners_of(sides);
  if (rng.chance(0.5)) {
    for (Point& corner : corners) corner.x = -corner.x;
  }
  const double turn = sides.is_right ? M_PI / 2 * static_cast<double>(rng.integer(0, 3)) : rng.uniform(-0.3, 0.3);
  const double margin = 27;
  corners = fit_into(corners, {margin, margin - 4, 112 - 2 * margin, 112 - 2 * margin + 8}, turn);
  const Paint dark = ink(rng, level);
  draw_polygon(canvas, corners, dark, tint(rng), rng.uniform(2, 3.5));
  if (sides.is_right) draw_right_angle(canvas, corners[1], corners[0], corners[2], dark);
  const TextStyle style = {
      .size = level <= 2 ? rng.uniform(16, 18) : rng.uniform(14, 16), .font = pick_font(rng, level), .paint = dark};
  const std::array<std::string, 3> labels = labels_of(sides);
  for (size_t side = 0; side < 3; ++side) {
    if (!labels[side].empty()) {
      label_side(canvas, corners[side], corners[(side + 1) % 3], middle(corners), labels[side], style);
    }
  }
  draft.task.pictures.push_back(canvas.finish(rng, level));
}

void ask_simple(Draft& draft, const Sides& sides, const std::string& see) {
  const int a = sides.a, b = sides.b, c = sides.c, around = a + b + c;
  if (sides.asked == Asked::perimeter) {
    draft.ask(
        {"What is the perimeter of the triangle?", "Find the perimeter.", "How long are the three sides together?"},
        around);
    draft.task.solution = cat(see, worked_sum({a, b, c}), ".");
    draft.slip(a + b, "forgot one side");
    draft.slip(around + 1, "added wrongly");
    draft.slip(around - 10, "forgot a carry");
  } else if (sides.asked == Asked::side) {
    draft.ask({cat("The perimeter of the triangle is ", around, ". What is x?"),
               cat("Find x when the perimeter is ", around, ".")},
              c);
    draft.task.solution = cat(see, worked_sum(a, b), ". x: ", worked_difference(around, a + b), ".");
    draft.slip(around - a, "took only one side away");
    draft.slip(a + b, "gave the sum of the two sides");
    draft.slip(c + 1, "off by one");
  } else {
    draft.ask({"What is the area of the triangle?", "Find the area.", "How large is the area of this triangle?"},
              a * b / 2);
    draft.task.solution = cat(see, "Half of ", a, " is ", a / 2, ". area: ", worked_product(a / 2, b), ".");
    draft.slip(a * b, "forgot to halve");
    draft.slip(a + b, "added the sides");
    draft.slip(a * b / 2 + b, "one time too many");
  }
}

/// "c*c = 6*6+8*8: 36+64=100, so c=10"
std::string find_hypotenuse(const Sides& sides) {
  const int a2 = sides.a * sides.a, b2 = sides.b * sides.b;
  return cat(worked_product(sides.a, sides.a), ". ", worked_product(sides.b, sides.b), ". ", worked_sum(a2, b2), ". ",
             sides.c, "*", sides.c, "=", a2 + b2, ", so the long side is ", sides.c, ".");
}

std::string find_leg(const Sides& sides) {
  const int a2 = sides.a * sides.a, c2 = sides.c * sides.c;
  return cat(worked_product(sides.c, sides.c), ". ", worked_product(sides.a, sides.a), ". ", worked_difference(c2, a2),
             ". ", sides.b, "*", sides.b, "=", c2 - a2, ", so the other side is ", sides.b, ".");
}

void ask_right(Draft& draft, const Sides& sides, const std::string& see) {
  const int a = sides.a, b = sides.b, c = sides.c;
  if (sides.asked == Asked::hypotenuse) {
    draft.ask({"What is x?", "Find x.", "How long is the side x?"}, c);
    draft.task.solution = see + find_hypotenuse(sides);
    draft.slip(a + b, "added the sides");
    draft.slip(c + 1, "took the wrong root");
    draft.slip(c - 1, "took the wrong root");
  } else if (sides.asked == Asked::leg) {
    draft.ask({"What is x?", "Find x.", "How long is the side x?"}, b);
    draft.task.solution = see + find_leg(sides);
    draft.slip(c - a, "subtracted the sides");
    draft.slip(b + 1, "took the wrong root");
    draft.slip(a + c, "added the sides");
  } else if (sides.asked == Asked::perimeter_of_legs) {
    draft.ask({"What is the perimeter of the triangle?", "Find the perimeter."}, a + b + c);
    draft.task.solution = cat(see, find_hypotenuse(sides), " ", worked_sum({a, b, c}), ".");
    draft.slip(a + b, "forgot the long side");
    draft.slip(a * b / 2, "took the area");
    draft.slip(a + b + c + 1, "took the wrong root");
  } else {
    const int even = a % 2 == 0 ? a : b, other = a % 2 == 0 ? b : a;
    draft.ask({"What is the area of the triangle?", "Find the area."}, a * b / 2);
    draft.task.solution = cat(see, find_leg(sides), " Half of ", even, " is ", even / 2,
                              ". area: ", worked_product(even / 2, other), ".");
    draft.slip(a * b, "forgot to halve");
    draft.slip(a + b + c, "took the perimeter");
    draft.slip((a * c + 1) / 2, "multiplied the labelled sides");
  }
}

const char* name_of(Asked asked) {
  constexpr const char* kNames[] = {"perimeter", "side", "area", "hypotenuse", "leg", "perimeter", "area"};
  return kNames[static_cast<int>(asked)];
}

}  // namespace

Task make_triangle_measure(uint64_t seed, int level, Split) {
  Draft draft("triangle_measure", seed, level);
  const Sides sides = plan(draft);
  draw(draft, sides);
  std::vector<std::string> shown;
  for (const std::string& label : labels_of(sides)) {
    if (!label.empty()) shown.push_back(label);
  }
  draft.task.transcript = cat(sides.is_right ? "right triangle, sides " : "triangle, sides ", join(shown));
  draft.task.scene = {{"right", sides.is_right}, {"ask", name_of(sides.asked)}, {"labels", labels_of(sides)}};
  const std::string see = cat("I see ", draft.task.transcript, ". ");
  if (sides.asked == Asked::side) draft.task.scene["perimeter"] = sides.a + sides.b + sides.c;
  if (sides.asked == Asked::perimeter || sides.asked == Asked::side || sides.asked == Asked::area) {
    ask_simple(draft, sides, see);
  } else {
    ask_right(draft, sides, see);
  }
  return draft.task;
}

}  // namespace r1v
