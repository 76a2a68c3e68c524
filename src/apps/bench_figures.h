// One measured figure, as a JSON line for programs and a row for people.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "kernels/machine_limits.h"

namespace r1v {

/// A figure beside the limit of the machine that holds it back.
struct Share {
  double of_limit = 0.0;  // least possible seconds / seconds taken
  std::string limit;      // "memory read", "int8 products", ...
};

struct Figure {
  std::string measure;
  std::string unit;         // "tok/s", "s", ...
  std::vector<double> all;  // one a repetition; the figure is their median
  std::optional<Share> share;
  std::vector<std::pair<std::string, double>> extras;  // "peak_rss_mb": 561, ...
};

/// {"peer":"r1v","variant":"int8","measure":"decode","value":31.2,"unit":"tok/s","all":[...],"share":0.78,...}
Json figure_json(const Figure& figure, const std::string& variant);
std::string figure_row(const Figure& figure, const std::string& variant);

/// The machine's limits in the same form, peer "limit": mem_read, fma_fp32, dot_bf16, madd_int8.
std::vector<Json> limit_lines(const MachineLimits& limits);
std::string limit_row(const MachineLimits& limits);

}  // namespace r1v
