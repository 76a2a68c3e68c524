// Range checks of the sampling parameters.
#include "engine/sampling_params.h"

#include <set>

#include "base/error.h"

namespace r1v {
namespace {

template <typename Value>
void expect(bool holds, const char* name, const char* range, const Value& found) {
  if (!holds) throw InputError(cat("sampling: ", name, " is ", found, " but must be ", range));
}

void check_bias(const std::vector<std::pair<int64_t, double>>& biases) {
  std::set<int64_t> ids;
  for (const auto& [id, bias] : biases) {
    expect(id >= 0, "an id of logit_bias", "a token's", id);
    expect(bias >= -100.0 && bias <= 100.0, cat("logit_bias of id ", id).c_str(), "-100 to 100", bias);
    expect(ids.insert(id).second, "an id of logit_bias", "there once", id);
  }
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
  expect(params.presence_penalty >= -2.0 && params.presence_penalty <= 2.0, "presence_penalty", "-2 to 2; 0 is off",
         params.presence_penalty);
  expect(params.frequency_penalty >= -2.0 && params.frequency_penalty <= 2.0, "frequency_penalty", "-2 to 2; 0 is off",
         params.frequency_penalty);
  check_bias(params.logit_bias);
  if (const auto top = params.top_logprobs) {
    expect(*top >= 0 && *top <= kMaxTopLogprobs, "top_logprobs", "0 to 20", *top);
  }
}

}  // namespace r1v
