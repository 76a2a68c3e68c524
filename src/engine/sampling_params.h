// How an answer is drawn. Torch-free.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace r1v {

class Grammar;  // constrain/grammar.h

struct SamplingParams {
  double temperature = 0.6;         // 0 = greedy
  int64_t top_k = 0;                // 0 = off; ties with the k-th logit are kept
  double top_p = 0.95;              // 1 = off
  double min_p = 0.0;               // 0 = off
  double repetition_penalty = 1.0;  // Hugging Face: logit > 0 ? logit / p : logit * p for ids in prompt or output
  uint64_t seed = 0;                // sample i draws from its own stream of it, whatever n is
  int64_t max_tokens = 2048;        // of the completion, thinking included; fewer where the context ends before
  int64_t thinking_budget = -1;     // -1 = none; after so many thinking tokens </think> is forced, the answer follows
  int64_t n = 1;                    // samples that share one prefill
  std::vector<std::string> stop;    // ends the text before the first of them, in thinking and answer alike
  bool detect_loops = true;         // ends a sample that repeats itself, see loop.h
  double presence_penalty = 0.0;    // OpenAI: off the logit of every id that the output holds
  double frequency_penalty = 0.0;   // OpenAI: off the logit, times how often the output holds the id
  std::vector<std::pair<int64_t, double>> logit_bias;  // OpenAI: (id, added to its logit), distinct ids
  std::optional<int64_t> top_logprobs;  // reports every token with so many likeliest ones beside it (0: itself alone)
  std::shared_ptr<const Grammar> grammar;  // what the answer (not the thinking) must look like; null = anything
  bool ignore_eos = false;                 // neither the end of sequence nor a loop ends it (benchmarks)
};

inline constexpr int64_t kMaxSamples = 1024;
inline constexpr size_t kMaxStopStrings = 64;
inline constexpr int64_t kMaxTopLogprobs = 20;

/// Whether what the output holds counts.
inline bool has_output_penalty(const SamplingParams& params) {
  return params.presence_penalty != 0.0 || params.frequency_penalty != 0.0;
}

/// throws InputError naming the first parameter out of its range, the range and the value found.
void check_sampling(const SamplingParams& params);

}  // namespace r1v
