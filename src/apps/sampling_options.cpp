// Command line over generation_config.json over greedy.
#include "apps/sampling_options.h"

#include "base/error.h"
#include "base/log.h"

namespace r1v {
namespace {

SamplingParams checkpoint_defaults(const GenerationConfig& config) {
  SamplingParams params{.temperature = 0.0, .top_p = 1.0};
  params.repetition_penalty = config.repetition_penalty.value_or(1.0);
  if (!config.do_sample) return params;
  params.temperature = config.temperature.value_or(1.0);
  params.top_p = config.top_p.value_or(1.0);
  params.top_k = config.top_k.value_or(0);
  return params;
}

}  // namespace

SamplingParams resolve_sampling(const SamplingOptions& options, const GenerationConfig& defaults) {
  if (options.greedy && options.temperature.value_or(0.0) != 0.0) {
    throw InputError(
        cat("--greedy and --temperature ", *options.temperature, " contradict each other; give one of them"));
  }
  SamplingParams params = checkpoint_defaults(defaults);
  params.temperature = options.greedy ? 0.0 : options.temperature.value_or(params.temperature);
  params.top_p = options.top_p.value_or(params.top_p);
  params.top_k = options.top_k.value_or(params.top_k);
  params.min_p = options.min_p.value_or(params.min_p);
  params.repetition_penalty = options.repetition_penalty.value_or(params.repetition_penalty);
  params.max_tokens = options.max_tokens;
  params.thinking_budget = options.thinking_budget;
  params.stop = options.stop;
  params.seed = options.seed;
  check_sampling(params);
  if (params.temperature == 0.0 && (options.top_p || options.top_k || options.min_p)) {
    log_warning("decoding is greedy, so --top-p, --top-k and --min-p change nothing; give --temperature to sample");
  }
  return params;
}

}  // namespace r1v
