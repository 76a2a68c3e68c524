// Lines to curves; means and extremes.
#include "report/curve.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"

namespace r1v {
namespace {

double step_of(const Json& line, size_t index) {
  const auto step = line.find("step");
  const bool is_there = step != line.end() && step->is_number() && std::isfinite(step->get<double>());
  return is_there ? step->get<double>() : static_cast<double>(index + 1);
}

// By step; of equals only the last, which a run that went on from a checkpoint wrote anew.
void put_in_order(std::vector<CurvePoint>& points) {
  std::ranges::stable_sort(points, {}, &CurvePoint::step);
  std::vector<CurvePoint> kept;
  for (const CurvePoint& point : points) {
    if (!kept.empty() && kept.back().step == point.step) kept.pop_back();
    kept.push_back(point);
  }
  points = std::move(kept);
}

void append(ThinCurve& thin, const std::vector<CurvePoint>& points, size_t begin, size_t end) {
  double sum = 0, low = points[begin].value, high = points[begin].value;
  for (size_t i = begin; i < end; ++i) {
    sum += points[i].value;
    low = std::min(low, points[i].value);
    high = std::max(high, points[i].value);
  }
  thin.from.push_back(points[begin].step);
  thin.to.push_back(points[end - 1].step);
  thin.mean.push_back(sum / static_cast<double>(end - begin));
  thin.low.push_back(low);
  thin.high.push_back(high);
}

}  // namespace

std::vector<Curve> read_curves(const std::vector<Json>& lines) {
  std::vector<Curve> curves;
  std::map<std::string, size_t> places;
  for (size_t i = 0; i < lines.size(); ++i) {
    const double step = step_of(lines[i], i);
    for (const auto& [name, value] : lines[i].items()) {
      if (name == "step" || (!value.is_number() && !value.is_null())) continue;
      const auto [place, is_new] = places.emplace(name, curves.size());
      if (is_new) curves.push_back({.name = name, .points = {}, .not_finite = {}});
      curves[place->second].points.push_back({step, value.is_null() ? NAN : value.get<double>()});
    }
  }
  for (Curve& curve : curves) {
    put_in_order(curve.points);
    for (const CurvePoint& point : curve.points) {
      if (!std::isfinite(point.value)) curve.not_finite.push_back(point.step);
    }
    std::erase_if(curve.points, [](const CurvePoint& point) { return !std::isfinite(point.value); });
  }
  return curves;
}

CurveSummary summarize(const Curve& curve) {
  const std::vector<CurvePoint>& points = curve.points;
  R1V_CHECK(!points.empty(), "a summary of the curve ", curve.name, ", which has no points");
  const size_t tenth = (points.size() + 9) / 10;
  double sum = 0;
  for (size_t i = points.size() - tenth; i < points.size(); ++i) sum += points[i].value;
  return {.last = points.back(),
          .lowest = *std::ranges::min_element(points, {}, &CurvePoint::value),
          .highest = *std::ranges::max_element(points, {}, &CurvePoint::value),
          .mean_of_last_tenth = sum / static_cast<double>(tenth)};
}

ThinCurve thin_out(const Curve& curve, size_t limit) {
  R1V_CHECK(limit >= 3, "a curve thinned to ", limit, " stretches");
  ThinCurve thin;
  const size_t count = curve.points.size();
  if (count <= limit) {
    for (size_t i = 0; i < count; ++i) append(thin, curve.points, i, i + 1);
    return thin;
  }
  append(thin, curve.points, 0, 1);
  const size_t inner = count - 2, stretches = limit - 2;
  for (size_t i = 0; i < stretches; ++i) {
    append(thin, curve.points, 1 + i * inner / stretches, 1 + (i + 1) * inner / stretches);
  }
  append(thin, curve.points, count - 1, count);
  return thin;
}

}  // namespace r1v
