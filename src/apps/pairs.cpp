// `r1v pairs make | ...`: preference pairs, from samples to a clean training file.
#include <iostream>

#include "apps/commands.h"
#include "base/error.h"
#include "recipes/pairs_make.h"

namespace r1v {

namespace {

int run_pairs_make(Args args) {
  const auto options = parse_options<PairsMakeOptions>(
      "pairs make", "joins questions with sampled answers and pairs right ones with wrong ones", args);
  std::cerr << make_pairs(options).text() << "\n";
  std::cout << options.out.string() << "\n";
  return 0;
}

}  // namespace

int run_pairs(Args args) {
  const std::string verb = args.empty() ? "" : args[0];
  if (verb == "make") return run_pairs_make(args.subspan(1));
  const std::string usage = "usage: r1v pairs make [options]; each takes --help";
  if (verb == "--help") throw HelpRequest{usage + "\n"};
  throw InputError(cat("pairs: found \"", printable(verb), "\"; ", usage));
}

}  // namespace r1v
