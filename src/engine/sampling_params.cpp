// Range checks of the sampling parameters.
#include "engine/sampling_params.h"

#include <cmath>

#include "base/error.h"

namespace r1v {
namespace {

template <typename Value>
void expect(bool holds, const char* name, const char* range, const Value& found) {
  if (!holds) throw InputError(cat("sampling: ", name, " is ", found, " but must be ", range));
}

}  // namespace

void check_sampling(const SamplingParams& params) {
  // Written so that NaN fails every comparison.
  // The least values keep divided logits inside float32.
  expect(params.temperature == 0.0 || (params.temperature >= 0.001 && params.temperature <= 100.0), "temperature",
         "0 (greedy) or 0.001 to 100", params.temperature);
  expect(params.top_k >= 0, "top_k", "0 (off) or more", params.top_k);
  expect(params.top_p > 0.0 && params.top_p <= 1.0, "top_p", "above 0 and at most 1 (off)", params.top_p);
  expect(params.min_p >= 0.0 && params.min_p <= 1.0, "min_p", "0 (off) to 1", params.min_p);
  expect(params.repetition_penalty >= 0.01 && params.repetition_penalty <= 100.0, "repetition_penalty",
         "0.01 to 100; 1 is off", params.repetition_penalty);
  expect(params.max_tokens >= 1, "max_tokens", "1 or more", params.max_tokens);
  expect(params.thinking_budget >= -1, "thinking_budget", "0 or more, or -1 for none", params.thinking_budget);
  expect(params.n >= 1 && params.n <= kMaxSamples, "n", "1 to 1024", params.n);
  expect(params.stop.size() <= kMaxStopStrings, "the number of stop strings", "at most 64", params.stop.size());
  for (const std::string& stop : params.stop) expect(!stop.empty(), "a stop string", "not empty", "''");
}

}  // namespace r1v
