// Numbers are rounded to five digits: more would be noise.
#include "apps/bench_figures.h"

#include <fmt/format.h>

#include <cmath>

#include "apps/bench_work.h"

namespace r1v {
namespace {

double rounded(double value) {
  if (value == 0.0 || !std::isfinite(value)) return value;
  const double unit = std::pow(10.0, 4 - std::floor(std::log10(std::abs(value))));
  return std::round(value * unit) / unit;
}

constexpr double kGiga = 1e9;

Json limit_line(const std::string& measure, const std::string& variant, const char* unit, const MeasuredRate& rate) {
  return {{"peer", "limit"},    {"variant", variant},
          {"measure", measure}, {"value", rounded(rate.median / kGiga)},
          {"unit", unit},       {"best", rounded(rate.best / kGiga)}};
}

}  // namespace

Json figure_json(const Figure& figure, const std::string& variant) {
  Json line = {{"peer", "r1v"},
               {"variant", variant},
               {"measure", figure.measure},
               {"value", rounded(median(figure.all))},
               {"unit", figure.unit}};
  line["all"] = Json::array();
  for (const double value : figure.all) line["all"].push_back(rounded(value));
  if (figure.share) {
    line["share"] = rounded(figure.share->of_limit);
    line["limit"] = figure.share->limit;
  }
  for (const auto& [name, value] : figure.extras) line[name] = rounded(value);
  return line;
}

std::string figure_row(const Figure& figure, const std::string& variant) {
  std::string row =
      fmt::format("{:<16}{:<16}{:>12.5g} {:<8}", figure.measure, variant, median(figure.all), figure.unit);
  row +=
      figure.share ? fmt::format("{:>5.0f} % of {}", 100 * figure.share->of_limit, figure.share->limit) : std::string();
  const char* separator = figure.share ? "; " : "  ";
  for (const auto& [name, value] : figure.extras) {
    row += fmt::format("{}{} {:.4g}", separator, name, value);
    separator = ", ";
  }
  return row;
}

std::vector<Json> limit_lines(const MachineLimits& limits) {
  const auto threads = [](int64_t count) { return fmt::format("r1v, {} thread{}", count, count == 1 ? "" : "s"); };
  const std::string all = threads(limits.threads);
  std::vector<Json> lines = {limit_line("mem_read", threads(1), "GB/s", limits.read_one_thread)};
  if (limits.threads > 1) lines.push_back(limit_line("mem_read", all, "GB/s", limits.read));
  lines.push_back(limit_line("fma_fp32", all, "GFLOP/s", limits.float32));
  if (limits.bfloat16) lines.push_back(limit_line("dot_bf16", all, "GFLOP/s", *limits.bfloat16));
  if (limits.int8) lines.push_back(limit_line("madd_int8", all + ", " + limits.instructions, "GOP/s", *limits.int8));
  return lines;
}

std::string limit_row(const MachineLimits& limits) {
  std::string row = fmt::format(
      "machine: {}, {} thread(s); reads {:.1f} GB/s ({:.1f} by one thread); a second {:.0f} G "
      "float32",
      limits.instructions, limits.threads, limits.read.median / kGiga, limits.read_one_thread.median / kGiga,
      limits.float32.median / kGiga);
  if (limits.bfloat16) row += fmt::format(", {:.0f} G bfloat16", limits.bfloat16->median / kGiga);
  if (limits.int8) row += fmt::format(", {:.0f} G int8", limits.int8->median / kGiga);
  return row + " operations";
}

}  // namespace r1v
