// Arithmetic only.
#include "recipes/drlc.h"

#include <algorithm>
#include <cmath>

namespace r1v {

std::vector<double> min_max(std::span<const double> values) {
  if (values.empty()) return {};
  const auto [least, most] = std::ranges::minmax(values);
  std::vector<double> scaled;
  for (const double value : values) scaled.push_back(most > least ? (value - least) / (most - least) : 0.5);
  return scaled;
}

double length_penalty(double visual, double textual, double integration, const PenaltyRule& rule) {
  const double demand = (visual + rule.beta * textual + rule.gamma * integration) / (1 + rule.beta + rule.gamma);
  return std::min(2.0, std::exp(rule.alpha * (1 - demand)));
}

}  // namespace r1v
