// r1v assemble: a new checkpoint from the parts of others.
#include "recipes/assemble.h"

#include <fmt/format.h>

#include <iostream>

#include "apps/commands.h"
#include "apps/interrupt.h"
#include "base/json.h"
#include "base/log.h"

namespace r1v {
namespace {

struct Options : AssembleOptions {
  bool json = false;
  void fields(auto& field) {
    AssembleOptions::fields(field);
    field("json", json, "what was made as one JSON document on stdout");
  }
};

constexpr const char* kDescription =
    "Puts a vision tower, a projector and a language model of different folders into one checkpoint, after checking "
    "that they fit: the papers train a projector on a small language model and move it to a large one.\n\n"
    "  r1v assemble --vision TRAINED --language QWEN2 --out NEW";

}  // namespace

int run_assemble(Args args) {
  const auto options = parse_options<Options>("assemble", kDescription, args);
  AssembleReport report;
  try {
    report = assemble(options, [] { return interrupt_flag().load(); });
  } catch (const Stopped&) {
    log_info("stopped; nothing was written");
    return kInterruptedStatus;
  }
  if (options.json) {
    std::cout << dump_json({{"out", options.out.string()},
                            {"parameters", report.parameters},
                            {"added_tokens", report.added_tokens},
                            {"check_nats", options.no_check ? Json() : Json(report.check_nats)}})
              << "\n";
    return 0;
  }
  std::cout << options.out.string() << "\n";
  for (const auto& [part, count] : report.parameters)
    log_info(fmt::format("{}: {:.1f} M parameters", part, static_cast<double>(count) / 1e6));
  for (const auto& [token, id] : report.added_tokens)
    log_info(fmt::format("token {} was added as {}; its embedding is untrained", token, id));
  if (!options.no_check)
    log_info(fmt::format("a question about a grey picture runs: {:.2f} nats a token", report.check_nats));
  return 0;
}

}  // namespace r1v
