// Angles in degrees: the third angle of a triangle, crossing lines, isosceles triangles, outer angles.
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

enum class Scenery { triangle, opposite, neighbour, isosceles, outer, straight };

struct Angles {
  Scenery scenery = Scenery::triangle;
  int first = 60, second = 60;  // the labelled ones; second is 0 where one suffices
  bool apex_is_known = true;    // isosceles: the apex is labelled, a base angle is x; or the other way round

  int answer() const {
    switch (scenery) {
      case Scenery::opposite:
        return first;
      case Scenery::neighbour:
        return 180 - first;
      case Scenery::isosceles:
        return apex_is_known ? (180 - first) / 2 : 180 - 2 * first;
      case Scenery::outer:
        return first + second;
      default:
        return 180 - first - second;
    }
  }
};

/// Two angles of a triangle whose third is not small either.
Angles two_of_triangle(Draft& draft, Scenery scenery, int step) {
  Angles angles{.scenery = scenery};
  do {
    angles.first = step * draft.number(35 / step + 1, 100 / step);
    angles.second = step * draft.number(35 / step + 1, 100 / step);
  } while (180 - angles.first - angles.second < 35);
  return angles;
}

Angles plan(Draft& draft) {
  const bool first = draft.chance(0.5);
  switch (draft.task.level) {
    case 1:
      if (first) return two_of_triangle(draft, Scenery::triangle, 10);
      return {draft.chance(0.3) ? Scenery::opposite : Scenery::neighbour, 5 * draft.number(8, 28), 0};
    case 2:
      if (first) return two_of_triangle(draft, Scenery::triangle, 5);
      return {draft.chance(0.25) ? Scenery::opposite : Scenery::neighbour, draft.number(40, 140), 0};
    case 3:
      if (first) return two_of_triangle(draft, Scenery::triangle, 1);
      return {Scenery::straight, draft.number(35, 80), draft.number(35, 65)};
    case 4:
      break;
    default:
      return first ? two_of_triangle(draft, Scenery::outer, 1) : two_of_triangle(draft, Scenery::triangle, 1);
  }
  if (first) return {Scenery::isosceles, 2 * draft.number(18, 50), 0, true};
  return {Scenery::isosceles, draft.number(36, 70), 0, false};
}

double radians(int degrees) { return degrees * M_PI / 180; }

/// A triangle with these angles at corners 0 and 1.
std::vector<Point> triangle_with(int first, int second) {
  const double height = std::sin(radians(first)) * std::sin(radians(second)) / std::sin(radians(first + second));
  return {{0, 0}, {1, 0}, {height / std::tan(radians(first)), -height}};
}

/// What a drawing needs besides the angles.
struct Pen {
  TextStyle text;
  Paint fill;
  double line_width = 2;
};

void label_corner(Canvas& canvas, const std::vector<Point>& corners, size_t at, const std::string& text,
                  const Pen& pen) {
  label_angle(canvas, corners[at], corners[(at + 1) % 3], corners[(at + 2) % 3], text, pen.text);
}

void draw_triangle(Canvas& canvas, Rng& rng, const Angles& angles, const Pen& pen) {
  const std::vector<Point> corners =
      fit_into(triangle_with(angles.first, angles.second), {6, 8, canvas.width() - 12.0, 96}, rng.uniform(-0.15, 0.15));
  draw_polygon(canvas, corners, pen.text.paint, pen.fill, pen.line_width);
  label_corner(canvas, corners, 0, std::to_string(angles.first), pen);
  label_corner(canvas, corners, 1, std::to_string(angles.second), pen);
  label_corner(canvas, corners, 2, "x", pen);
}

/// The equal sides bear a short stroke.
void draw_isosceles(Canvas& canvas, Rng& rng, const Angles& angles, const Pen& pen) {
  const int base = angles.apex_is_known ? (180 - angles.first) / 2 : angles.first;
  const std::vector<Point> corners =
      fit_into(triangle_with(base, base), {6, 8, canvas.width() - 12.0, 96}, rng.uniform(-0.15, 0.15));
  draw_polygon(canvas, corners, pen.text.paint, pen.fill, pen.line_width);
  for (const size_t leg : {size_t{1}, size_t{2}}) {
    const Point from = corners[leg], to = corners[(leg + 1) % 3], center = middle({from, to});
    const double length = std::hypot(to.x - from.x, to.y - from.y);
    const double dx = 6 * (to.y - from.y) / length, dy = 6 * (from.x - to.x) / length;
    canvas.line({center.x - dx, center.y - dy}, {center.x + dx, center.y + dy}, pen.text.paint, 2);
    canvas.mark(place("tick", center, 12, 12));
  }
  label_corner(canvas, corners, angles.apex_is_known ? 2 : 0, std::to_string(angles.first), pen);
  label_corner(canvas, corners, angles.apex_is_known ? 1 : 2, "x", pen);
}

/// The labelled angles are at the left and at the top; x is outside at the right, beside the extended base.
void draw_outer(Canvas& canvas, const Angles& angles, const Pen& pen) {
  const std::vector<Point> corners =
      fit_into(triangle_with(angles.first, 180 - angles.first - angles.second), {8, 8, 150, 92});
  draw_polygon(canvas, corners, pen.text.paint, pen.fill, pen.line_width);
  const Point end = {canvas.width() - 8.0, corners[1].y};
  canvas.line(corners[1], end, pen.text.paint, pen.line_width);
  label_corner(canvas, corners, 0, std::to_string(angles.first), pen);
  label_corner(canvas, corners, 2, std::to_string(angles.second), pen);
  label_angle(canvas, corners[1], end, corners[2], "x", pen.text);
}

void draw_crossing(Canvas& canvas, Rng& rng, const Angles& angles, const Pen& pen) {
  const double size = std::min(canvas.width(), canvas.height());
  const Point center = {canvas.width() / 2.0 + rng.uniform(-4, 4), canvas.height() / 2.0 + rng.uniform(-4, 4)};
  const double start = rng.uniform(0, 2 * M_PI);
  const auto at = [&](double angle) {
    return Point{center.x + 0.44 * size * std::cos(angle), center.y + 0.44 * size * std::sin(angle)};
  };
  const double other = start + radians(angles.first);
  canvas.line(at(start), at(start + M_PI), pen.text.paint, pen.line_width);
  canvas.line(at(other), at(other + M_PI), pen.text.paint, pen.line_width);
  canvas.mark(place("vertex", center, 6, 6));
  label_angle(canvas, center, at(start), at(other), std::to_string(angles.first), pen.text);
  if (angles.scenery == Scenery::opposite) {
    label_angle(canvas, center, at(start + M_PI), at(other + M_PI), "x", pen.text);
  } else if (rng.chance(0.5)) {
    label_angle(canvas, center, at(other), at(start + M_PI), "x", pen.text);
  } else {
    label_angle(canvas, center, at(other + M_PI), at(start), "x", pen.text);
  }
}

/// Three angles side by side on a straight line.
void draw_straight(Canvas& canvas, Rng& rng, const Angles& angles, const Pen& pen) {
  const Point center = {canvas.width() / 2.0 + rng.uniform(-8, 8), canvas.height() * 0.82};
  const double reach = 82;
  const auto at = [&](double angle) {
    return Point{center.x + reach * std::cos(angle), center.y + reach * std::sin(angle)};
  };
  const double one = M_PI + radians(angles.first), two = one + radians(angles.second);
  canvas.line({center.x - 100, center.y}, {center.x + 100, center.y}, pen.text.paint, pen.line_width);
  canvas.line(center, at(one), pen.text.paint, pen.line_width);
  canvas.line(center, at(two), pen.text.paint, pen.line_width);
  canvas.mark(place("vertex", center, 6, 6));
  label_angle(canvas, center, at(M_PI), at(one), std::to_string(angles.first), pen.text);
  label_angle(canvas, center, at(one), at(two), std::to_string(angles.second), pen.text);
  label_angle(canvas, center, at(two), at(2 * M_PI), "x", pen.text);
}

void draw(Draft& draft, const Angles& angles) {
  const int level = draft.task.level;
  Rng& rng = draft.rng;
  const bool is_wide = angles.scenery == Scenery::straight || angles.scenery == Scenery::outer;
  Canvas canvas(is_wide ? 224 : 112, 112, paper(rng, level));
  const TextStyle text = {.size = level <= 2 ? rng.uniform(15, 17) : rng.uniform(13, 15),
                          .font = pick_font(rng, level),
                          .paint = ink(rng, level)};
  const Pen pen = {text, tint(rng), rng.uniform(2, 3)};
  switch (angles.scenery) {
    case Scenery::triangle:
      draw_triangle(canvas, rng, angles, pen);
      break;
    case Scenery::isosceles:
      draw_isosceles(canvas, rng, angles, pen);
      break;
    case Scenery::outer:
      draw_outer(canvas, angles, pen);
      break;
    case Scenery::straight:
      draw_straight(canvas, rng, angles, pen);
      break;
    default:
      draw_crossing(canvas, rng, angles, pen);
  }
  draft.task.pictures.push_back(canvas.finish(rng, level));
}

std::string read_off(const Angles& angles) {
  const std::string both = cat(angles.first, ", ", angles.second, ", x");
  switch (angles.scenery) {
    case Scenery::triangle:
      return cat("triangle, angles ", both);
    case Scenery::opposite:
      return cat("crossing lines, angle ", angles.first, ", x opposite");
    case Scenery::neighbour:
      return cat("crossing lines, angle ", angles.first, ", x beside it");
    case Scenery::isosceles:
      return cat("triangle with two equal sides, ", angles.apex_is_known ? "top" : "base", " angle ", angles.first);
    case Scenery::outer:
      return cat("triangle, angles ", angles.first, ", ", angles.second, ", x outside");
    case Scenery::straight:
      return cat("straight line, angles ", both);
  }
  return "";
}

std::string solve(const Angles& angles) {
  const int a = angles.first, b = angles.second;
  switch (angles.scenery) {
    case Scenery::opposite:
      return cat("Opposite angles are equal, so x is ", a, ".");
    case Scenery::neighbour:
      return cat("Both make 180. ", worked_difference(180, a), ".");
    case Scenery::outer:
      return cat("The outer angle is the sum of the two. ", worked_sum(a, b), ".");
    case Scenery::isosceles:
      break;
    default:
      return cat("All three make 180. ", worked_sum(a, b), ". ", worked_difference(180, a + b), ".");
  }
  if (angles.apex_is_known) {
    return cat("The base angles are equal. ", worked_difference(180, a), ". Half of ", 180 - a, " is ", (180 - a) / 2,
               ".");
  }
  return cat("The base angles are equal. ", worked_product(a, 2), ". ", worked_difference(180, 2 * a), ".");
}

void add_slips(Draft& draft, const Angles& angles) {
  const int answer = angles.answer(), a = angles.first, b = angles.second;
  draft.slip(180 - a, angles.scenery == Scenery::opposite ? "took the angle beside it" : "used only one angle");
  if (b > 0) draft.slip(a + b, "forgot to take the sum from 180");
  if (b > 0) draft.slip(180 - a - b, "took the inner angle");
  draft.slip(a, "took the angles as equal");
  draft.slip(answer + 10, "made a mistake in the tens");
  draft.slip(answer > 10 ? answer - 10 : answer + 20, "forgot a carry");
}

const char* name_of(Scenery scenery) {
  constexpr const char* kNames[] = {"triangle", "opposite", "neighbour", "isosceles", "outer", "straight"};
  return kNames[static_cast<int>(scenery)];
}

}  // namespace

Task make_angles(uint64_t seed, int level, Split) {
  Draft draft("angles", seed, level);
  const Angles angles = plan(draft);
  draw(draft, angles);
  Json known = Json::array({angles.first});
  if (angles.second > 0) known.push_back(angles.second);
  draft.task.scene = {{"scenery", name_of(angles.scenery)}, {"angles", known}};
  if (angles.scenery == Scenery::isosceles) draft.task.scene["known"] = angles.apex_is_known ? "apex" : "base";
  draft.task.transcript = read_off(angles);
  draft.ask({"How large is the angle x in degrees?", "What is x in degrees?", "Find the angle x."}, angles.answer());
  draft.task.solution = cat("I see ", draft.task.transcript, ". ", solve(angles));
  add_slips(draft, angles);
  return draft.task;
}

}  // namespace r1v
