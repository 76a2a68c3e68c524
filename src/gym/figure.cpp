// Small plane geometry for lettering figures.
#include "gym/figure.h"

#include <algorithm>
#include <cmath>

#include "gym/draft.h"

namespace r1v {

namespace {

double length(Point a) { return std::hypot(a.x, a.y); }
Point minus(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
Point along(Point from, Point direction, double distance) {
  const double scale = distance / std::max(1e-9, length(direction));
  return {from.x + direction.x * scale, from.y + direction.y * scale};
}

/// How far the centre of a text must lie from an edge with this outward normal so that they do not touch.
double clearance(const Canvas& canvas, const std::string& text, const TextStyle& style, Point normal) {
  const double half_width = canvas.text_width(text, style) / 2, half_height = 0.4 * style.size;
  const double size = std::max(1e-9, length(normal));
  return (std::abs(normal.x) * half_width + std::abs(normal.y) * half_height) / size + 4;
}

}  // namespace

std::vector<Point> fit_into(const std::vector<Point>& points, const Box& box, double turn) {
  std::vector<Point> out;
  double left = 1e9, right = -1e9, top = 1e9, bottom = -1e9;
  for (const Point& point : points) {
    const Point turned = {std::cos(turn) * point.x - std::sin(turn) * point.y,
                          std::sin(turn) * point.x + std::cos(turn) * point.y};
    out.push_back(turned);
    left = std::min(left, turned.x), right = std::max(right, turned.x);
    top = std::min(top, turned.y), bottom = std::max(bottom, turned.y);
  }
  const double scale = std::min(box.width / (right - left), box.height / (bottom - top));
  for (Point& point : out) {
    point.x = box.left + box.width / 2 + scale * (point.x - (left + right) / 2);
    point.y = box.top + box.height / 2 + scale * (point.y - (top + bottom) / 2);
  }
  return out;
}

Point middle(const std::vector<Point>& points) {
  Point sum;
  for (const Point& point : points) sum = {sum.x + point.x, sum.y + point.y};
  return {sum.x / static_cast<double>(points.size()), sum.y / static_cast<double>(points.size())};
}

void draw_polygon(Canvas& canvas, const std::vector<Point>& corners, const Paint& line, const Paint& fill,
                  double line_width) {
  canvas.fill_polygon(corners, fill);
  canvas.stroke_polygon(corners, line, line_width);
  for (const Point& corner : corners) canvas.mark(place("vertex", corner, 6, 6));
}

void label_side(Canvas& canvas, Point a, Point b, Point inside, const std::string& text, const TextStyle& style) {
  const Point center = middle({a, b});
  Point normal = {b.y - a.y, a.x - b.x};
  const Point inward = minus(inside, center);
  if (normal.x * inward.x + normal.y * inward.y > 0) normal = {-normal.x, -normal.y};
  canvas.mark(place("segment", center, std::abs(a.x - b.x), std::abs(a.y - b.y), mark_value(text)));
  canvas.text(text, along(center, normal, clearance(canvas, text, style, normal)), style);
}

void label_angle(Canvas& canvas, Point corner, Point p, Point q, const std::string& text, const TextStyle& style) {
  double from = std::atan2(p.y - corner.y, p.x - corner.x), to = std::atan2(q.y - corner.y, q.x - corner.x);
  if (std::remainder(to - from, 2 * M_PI) < 0) std::swap(from, to);
  const double opening = std::abs(std::remainder(to - from, 2 * M_PI));
  const double bisector = from + opening / 2;
  canvas.arc(corner, 12, from, from + opening, style.paint, 1.5);
  canvas.mark(place("angle", corner, 24, 24, mark_value(text)));
  const double half_width = canvas.text_width(text, style) / 2, half_height = 0.4 * style.size;
  // The text's box must clear both arms: its extent across each arm against the distance of its centre from it.
  double distance = 12 + 2 + std::abs(std::cos(bisector)) * half_width + std::abs(std::sin(bisector)) * half_height;
  for (const double arm : {from, to}) {
    const double across = std::abs(std::sin(arm)) * half_width + std::abs(std::cos(arm)) * half_height + 2;
    distance = std::max(distance, across / std::max(0.2, std::sin(std::min(opening / 2, M_PI / 2))));
  }
  canvas.text(text, {corner.x + distance * std::cos(bisector), corner.y + distance * std::sin(bisector)}, style);
}

void draw_right_angle(Canvas& canvas, Point corner, Point p, Point q, const Paint& paint, double size) {
  const Point first = along(corner, minus(p, corner), size), second = along(corner, minus(q, corner), size);
  const Point far = {first.x + second.x - corner.x, first.y + second.y - corner.y};
  canvas.polyline({first, far, second}, paint, 1.5);
  canvas.mark(place("right angle", middle({corner, far}), size, size, 90));
}

Paint tint(Rng& rng) { return {"white", rng.uniform(0.82, 0.97), rng.uniform(0.82, 0.97), rng.uniform(0.82, 0.97)}; }

int mark_value(const std::string& text) {
  const bool is_number =
      !text.empty() && text.size() <= 2 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  return is_number ? std::stoi(text) : -1;
}

}  // namespace r1v
