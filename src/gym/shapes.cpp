// Outlines of the named shapes, each a formula of a few lines.
#include "gym/shapes.h"

#include <cmath>
#include <numbers>

#include "base/error.h"

namespace r1v {

namespace {

constexpr double kPi = std::numbers::pi;

std::vector<Point> circle(double radius, int corners) {
  std::vector<Point> points;
  for (int i = 0; i < corners; ++i) {
    points.push_back({radius * std::cos(2 * kPi * i / corners), radius * std::sin(2 * kPi * i / corners)});
  }
  return points;
}

std::vector<Point> star() {
  std::vector<Point> points;
  for (int i = 0; i < 10; ++i) {
    const double radius = i % 2 == 0 ? 0.5 : 0.2;
    const double angle = kPi * i / 5 - kPi / 2;
    points.push_back({radius * std::cos(angle), radius * std::sin(angle)});
  }
  return points;
}

std::vector<Point> heart() {
  std::vector<Point> points;  // the usual curve x = 16 sin^3 t, y = 13 cos t - 5 cos 2t - 2 cos 3t - cos 4t
  for (int i = 0; i < 48; ++i) {
    const double t = 2 * kPi * i / 48;
    const double s = std::sin(t);
    const double y = 13 * std::cos(t) - 5 * std::cos(2 * t) - 2 * std::cos(3 * t) - std::cos(4 * t);
    points.push_back({16 * s * s * s / 34, -(y + 2.5) / 31});
  }
  return points;
}

std::vector<Point> moon() {
  std::vector<Point>
      points;  // outer radius 0.5 around (0, 0), inner radius 0.4 around (0.25, 0); they meet at x = 0.305
  const double outer = std::acos(0.305 / 0.5), inner = std::acos((0.305 - 0.25) / 0.4);
  for (int i = 0; i <= 36; ++i) {
    const double angle = outer + (2 * kPi - 2 * outer) * i / 36;
    points.push_back({0.1 + 0.5 * std::cos(angle), 0.5 * std::sin(angle)});
  }
  for (int i = 1; i < 30; ++i) {
    const double angle = 2 * kPi - inner - (2 * kPi - 2 * inner) * i / 30;
    points.push_back({0.1 + 0.25 + 0.4 * std::cos(angle), 0.4 * std::sin(angle)});
  }
  return points;
}

}  // namespace

std::vector<Point> shape_outline(const std::string& name) {
  constexpr double a = 0.17;  // half the width of the cross's arms
  if (name == "circle") return circle(0.48, 64);
  if (name == "square") return {{-0.44, -0.44}, {0.44, -0.44}, {0.44, 0.44}, {-0.44, 0.44}};
  if (name == "triangle") return {{0, -0.48}, {0.5, 0.42}, {-0.5, 0.42}};
  if (name == "star") return star();
  if (name == "diamond") return {{0, -0.5}, {0.36, 0}, {0, 0.5}, {-0.36, 0}};
  if (name == "heart") return heart();
  if (name == "moon") return moon();
  if (name == "cross") {
    return {{-a, -0.5}, {a, -0.5}, {a, -a}, {0.5, -a}, {0.5, a},   {a, a},
            {a, 0.5},   {-a, 0.5}, {-a, a}, {-0.5, a}, {-0.5, -a}, {-a, -a}};
  }
  R1V_CHECK(false, "no shape is called ", name);
}

}  // namespace r1v
