// r1v quantize: a smaller checkpoint, with a table of what it saves and what it costs.
#include "recipes/quantize.h"

#include <fmt/format.h>

#include <iostream>

#include "apps/commands.h"
#include "apps/default_model.h"
#include "apps/interrupt.h"
#include "base/log.h"

namespace r1v {
namespace {

void print_report(const QuantizeReport& report) {
  const auto line = [](const QuantizedKind& row, const std::string& error) {
    std::cout << fmt::format("{:<20}{:>8}{:>14.2f}{:>14.2f}{:>12}\n", row.kind, row.count,
                             static_cast<double>(row.bytes_before) / 1e6, static_cast<double>(row.bytes_after) / 1e6,
                             error);
  };
  std::cout << fmt::format("{:<20}{:>8}{:>14}{:>14}{:>12}\n", "tensors", "count", "MB before", "MB after", "error");
  QuantizedKind total{.kind = "total"};
  for (const QuantizedKind& row : report.kinds) {
    line(row, row.largest_error > 0 ? fmt::format("{:.4f}", row.largest_error) : "-");
    total.count += row.count;
    total.bytes_before += row.bytes_before;
    total.bytes_after += row.bytes_after;
  }
  line(total, "");
  if (report.nats_before) std::cout << fmt::format("nats per token before  {:.5f}\n", *report.nats_before);
  if (report.nats_after) std::cout << fmt::format("nats per token after   {:.5f}\n", *report.nats_after);
}

}  // namespace

int run_quantize(Args args) {
  const auto options = parse_options("quantize", "a smaller checkpoint: int8, int4 or GGUF", args,
                                     QuantizeOptions{.model = default_model()});
  try {
    print_report(quantize(options, [] { return interrupt_flag().load(); }));
  } catch (const Stopped&) {
    log_info("stopped; nothing was written");
    return kInterruptedStatus;
  }
  return 0;
}

}  // namespace r1v
