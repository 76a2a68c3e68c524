// Circles with a labelled radius or diameter: the other one, circumference and area as multiples of pi, rings.
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

enum class Asked { diameter, radius, circumference, area, half_area, ring_area };

struct Circle {
  int radius = 1, inner_radius = 0;
  bool shows_diameter = false;
  Asked asked = Asked::diameter;

  int label() const { return shows_diameter ? 2 * radius : radius; }
};

Circle plan(Draft& draft) {
  const bool first = draft.chance(0.5);
  switch (draft.task.level) {
    case 1:
      if (first) return {.radius = draft.number(2, 49), .asked = Asked::diameter};
      return {.radius = draft.number(2, 49), .shows_diameter = true, .asked = Asked::radius};
    case 2:
      if (first) return {.radius = draft.number(2, 30), .asked = Asked::circumference};
      return {.radius = draft.number(2, 9), .asked = Asked::area};
    case 3:
      return {.radius = draft.number(2, first ? 40 : 12),
              .shows_diameter = true,
              .asked = first ? Asked::circumference : Asked::area};
    case 4:
      if (first)
        return {.radius = 2 * draft.number(1, 7), .shows_diameter = draft.chance(0.5), .asked = Asked::half_area};
      return {.radius = draft.number(10, 25), .shows_diameter = draft.chance(0.5), .asked = Asked::area};
    default:
      break;
  }
  Circle ring{.radius = draft.number(4, 15), .asked = Asked::ring_area};
  ring.inner_radius = draft.number(2, ring.radius - 2);
  return ring;
}

/// The text stands beside the part of the line from share `begin` to its end `to`.
void draw_measure(Canvas& canvas, Point from, Point to, double begin, const std::string& text, const TextStyle& style) {
  const Paint& dark = style.paint;
  canvas.line(from, to, dark, 2);
  canvas.fill_circle(from, 2.5, dark);
  canvas.fill_circle(to, 2.5, dark);
  const Point start = {from.x + begin * (to.x - from.x), from.y + begin * (to.y - from.y)};
  label_side(canvas, start, to, {start.x, start.y + 20}, text, style);
}

void draw(Draft& draft, const Circle& circle) {
  const int level = draft.task.level;
  Rng& rng = draft.rng;
  const bool is_ring = circle.asked == Asked::ring_area, is_half = circle.asked == Asked::half_area;
  const int size = is_ring ? 224 : 112;
  Canvas canvas(size, size, paper(rng, level));
  const double radius = is_ring ? rng.uniform(85, 100) : rng.uniform(42, 50);
  const double slack = size / 2.0 - radius - 3;
  const Point center = {size / 2.0 + rng.uniform(-slack, slack),
                        size / 2.0 + rng.uniform(-slack, slack) + (is_half ? radius / 3 : 0)};
  const Paint dark = ink(rng, level), fill = tint(rng);
  const double thick = rng.uniform(2, 3);
  if (is_half) {
    canvas.fill_sector(center, radius, M_PI, 2 * M_PI, fill);
    canvas.arc(center, radius, M_PI, 2 * M_PI, dark, thick);
    canvas.line({center.x - radius, center.y}, {center.x + radius, center.y}, dark, thick);
    canvas.mark(place("half circle", {center.x, center.y - radius / 2}, 2 * radius, radius));
  } else {
    canvas.fill_circle(center, radius, fill);
    canvas.stroke_circle(center, radius, dark, thick);
    canvas.mark(place("circle", center, 2 * radius, 2 * radius));
  }
  const TextStyle style = {.size = rng.uniform(17, 20), .font = pick_font(rng, level), .paint = dark};
  const double side = circle.shows_diameter ? -1 : 0;
  if (is_ring) {
    const double hole = radius * std::clamp(static_cast<double>(circle.inner_radius) / circle.radius, 0.3, 0.65);
    canvas.fill_circle(center, hole, paint("white"));
    canvas.stroke_circle(center, hole, dark, thick);
    canvas.mark(place("circle", center, 2 * hole, 2 * hole));
    draw_measure(canvas, center, {center.x, center.y + hole}, 0, std::to_string(circle.inner_radius), style);
    draw_measure(canvas, center, {center.x - radius, center.y}, hole / radius, std::to_string(circle.radius), style);
  } else {
    draw_measure(canvas, {center.x + side * radius, center.y}, {center.x + radius, center.y}, 0,
                 std::to_string(circle.label()), style);
  }
  draft.task.pictures.push_back(canvas.finish(rng, level));
}

std::string pi_times(int factor) { return cat(factor == 1 ? "" : std::to_string(factor), "\\pi"); }

void ask_plain(Draft& draft, const Circle& circle, const std::string& see) {
  const int r = circle.radius, d = 2 * circle.radius;
  if (circle.asked == Asked::diameter) {
    draft.ask({"What is the diameter of the circle?", "Find the diameter."}, d);
    draft.task.solution = cat(see, "The diameter is 2 times the radius. ", worked_product(r, 2), ".");
    draft.slip(r, "gave the radius");
    draft.slip(r * r, "took the square");
    draft.slip(d + 10, "carried wrongly");
  } else if (circle.asked == Asked::radius) {
    draft.ask({"What is the radius of the circle?", "Find the radius."}, r);
    draft.task.solution = cat(see, "The radius is half the diameter. ", d, "/2=", r, ".");
    draft.slip(d, "gave the diameter");
    draft.slip(2 * d, "doubled instead of halving");
    draft.slip(r + 5, "halved the tens wrongly");
  } else {
    draft.ask(
        {"What is the circumference of the circle in terms of \\pi?", "Find the circumference as a multiple of \\pi."},
        "expression", pi_times(d));
    const std::string step = circle.shows_diameter ? "" : cat("diameter: ", worked_product(r, 2), ". ");
    draft.task.solution = cat(see, step, "The circumference is diameter times \\pi: ", pi_times(d), ".");
    draft.slip(pi_times(r), "took the radius for the diameter");
    draft.slip(pi_times(r * r), "took the area");
    draft.slip(pi_times(2 * d), "doubled the diameter");
  }
}

void ask_area(Draft& draft, const Circle& circle, const std::string& see) {
  const int r = circle.radius, square = r * r;
  const std::string radius = circle.shows_diameter ? cat("radius: ", 2 * r, "/2=", r, ". ") : "";
  if (circle.asked == Asked::area) {
    draft.ask({"What is the area of the circle in terms of \\pi?", "Find the area as a multiple of \\pi."},
              "expression", pi_times(square));
    draft.task.solution = cat(see, radius, worked_product(r, r), ". The area is ", pi_times(square), ".");
    draft.slip(pi_times(2 * r), "took the circumference");
    draft.slip(pi_times(circle.shows_diameter ? 4 * square : square + r), "squared wrongly");
    draft.slip(pi_times(r), "forgot the square");
    return;
  }
  if (circle.asked == Asked::half_area) {
    draft.ask({"What is the area of the half circle in terms of \\pi?", "Find the area as a multiple of \\pi."},
              "expression", pi_times(square / 2));
    draft.task.solution = cat(see, radius, worked_product(r, r), ". Half of ", square, " is ", square / 2,
                              ". The area is ", pi_times(square / 2), ".");
    draft.slip(pi_times(square), "forgot to halve");
    draft.slip(pi_times(r), "took half the circumference");
    draft.slip(pi_times(2 * square), "doubled instead of halving");
    return;
  }
  const int inner = circle.inner_radius, hole = inner * inner, gap = r - inner;
  draft.ask({"What is the area of the ring in terms of \\pi?",
             "Find the area between the two circles as a multiple of \\pi."},
            "expression", pi_times(square - hole));
  draft.task.solution = cat(see, worked_product(r, r), ". ", worked_product(inner, inner), ". ",
                            worked_difference(square, hole), ". The area is ", pi_times(square - hole), ".");
  draft.slip(pi_times(square), "forgot the hole");
  draft.slip(pi_times(gap * gap), "squared the difference");
  draft.slip(pi_times(square + hole), "added the hole");
}

const char* name_of(Asked asked) {
  constexpr const char* kNames[] = {"diameter", "radius", "circumference", "area", "half area", "ring area"};
  return kNames[static_cast<int>(asked)];
}

std::string read_off(const Circle& circle) {
  if (circle.asked == Asked::ring_area)
    return cat("ring, radius ", circle.radius, ", inner radius ", circle.inner_radius);
  return cat(circle.asked == Asked::half_area ? "half circle, " : "circle, ",
             circle.shows_diameter ? "diameter " : "radius ", circle.label());
}

}  // namespace

Task make_circle_measure(uint64_t seed, int level, Split) {
  Draft draft("circle_measure", seed, level);
  const Circle circle = plan(draft);
  draw(draft, circle);
  draft.task.transcript = read_off(circle);
  draft.task.scene = {{circle.shows_diameter ? "diameter" : "radius", circle.label()}, {"ask", name_of(circle.asked)}};
  if (circle.asked == Asked::ring_area) draft.task.scene["inner_radius"] = circle.inner_radius;
  const std::string see = cat("I see ", draft.task.transcript, ". ");
  const bool is_area =
      circle.asked == Asked::area || circle.asked == Asked::half_area || circle.asked == Asked::ring_area;
  is_area ? ask_area(draft, circle, see) : ask_plain(draft, circle, see);
  return draft.task;
}

}  // namespace r1v
