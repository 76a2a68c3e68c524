// One number over the steps of a run: its summary, and as few points as a chart needs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"

namespace r1v {

struct CurvePoint {
  double step = 0;
  double value = 0;
};

struct Curve {
  std::string name;
  std::vector<CurvePoint> points;  // finite values, steps strictly rising
  std::vector<double> not_finite;  // steps whose value was null, NaN or infinite
};

struct CurveSummary {
  CurvePoint last, lowest, highest;  // the first of equals
  double mean_of_last_tenth = 0;
};

/// Every key with a number (or null, which stands for NaN) becomes a curve, in the order of first appearance. Lines are
/// sorted by "step"; of two lines with one step the later counts. A line without "step" takes its number in the file.
std::vector<Curve> read_curves(const std::vector<Json>& lines);

/// throws InternalError when the curve has no points.
CurveSummary summarize(const Curve& curve);

/// A chart's view of a curve: stretches of neighbouring points, each with its mean and its extremes.
struct ThinCurve {
  std::vector<double> from, to;  // steps, both ends included
  std::vector<double> mean, low, high;
};

/// At most `limit` stretches (at least 3) of the same number of points; the first and the last point stand alone. A
/// curve with no more points than that stays as it is.
ThinCurve thin_out(const Curve& curve, size_t limit);

}  // namespace r1v
