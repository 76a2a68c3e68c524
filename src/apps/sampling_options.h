// The sampling options of `ask` and `chat`, and how they meet the checkpoint's own defaults.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/sampling_params.h"
#include "models/config.h"

namespace r1v {

struct SamplingOptions {
  bool greedy = false;
  std::optional<double> temperature;
  std::optional<double> top_p;
  std::optional<int64_t> top_k;
  std::optional<double> min_p;
  std::optional<double> repetition_penalty;
  int64_t max_tokens = 2048;
  int64_t thinking_budget = -1;
  std::vector<std::string> stop;
  uint64_t seed = 0;
  void fields(auto& field) {
    field("greedy", greedy, "always the likeliest token");
    field("temperature", temperature,
          "0 is greedy. Default: greedy, unless the checkpoint's generation_config.json says do_sample (then its "
          "values)");
    field("top-p", top_p, "keep the likeliest tokens that sum to this probability; 1 is off");
    field("top-k", top_k, "keep the k likeliest tokens; 0 is off");
    field("min-p", min_p, "keep tokens at least this many times as likely as the likeliest; 0 is off");
    field("repetition-penalty", repetition_penalty, "above 1 makes tokens of prompt and answer less likely; 1 is off");
    field("max-tokens", max_tokens, "most tokens of one answer, thinking included");
    field("thinking-budget", thinking_budget, "most tokens of thinking, then the answer is asked for; -1 is no limit");
    field("stop", stop, "text that ends the answer (repeat for several)");
    field("seed", seed, "of all random draws; same seed, same answer");
  }
};

/// What is asked for, the checkpoint's defaults where nothing is. Warns of options that greedy decoding ignores.
/// throws InputError: --greedy with a temperature; a value out of range.
SamplingParams resolve_sampling(const SamplingOptions& options, const GenerationConfig& defaults);

}  // namespace r1v
