// How an answer is drawn. Torch-free.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace r1v {

struct SamplingParams {
  double temperature = 0.6;         // 0 = greedy
  int64_t top_k = 0;                // 0 = off; ties with the k-th logit are kept
  double top_p = 0.95;              // 1 = off
  double min_p = 0.0;               // 0 = off
  double repetition_penalty = 1.0;  // Hugging Face: logit > 0 ? logit / p : logit * p for ids in prompt or output
  uint64_t seed = 0;
  int64_t max_tokens = 2048;        // of the completion, thinking included
  int64_t thinking_budget = -1;     // -1 = none; at the budget </think> is forced and the answer follows
  int64_t n = 1;                    // samples that share one prefill
  std::vector<std::string> stop;
  bool ignore_eos = false;
};

}  // namespace r1v
