// Rules on the logits of one next token, in the order in which a sampler applies them. Torch-free, pure.
#pragma once

#include <cstdint>
#include <span>
#include <utility>

namespace r1v {

/// Every rule works in place on one row of V logits in float32; a removed token's logit is -infinity, and each rule
/// takes what earlier rules removed as given. At least one token always stays.
/// Order: banned ids, grammar, bias, repetition penalty, presence and frequency penalties, temperature, top-k, top-p,
/// min-p.
/// source: transformers 5.23 generation/logits_process.py; parity: logits_rules_test.cpp. Bias and the two penalties
/// over the output: vLLM 0.11 model_executor/layers/utils.py (apply_penalties), v1/sample/sampler.py, which keep that
/// order.

/// Ids that may never be drawn. Ids outside the row are ignored.
void ban_ids(std::span<float> logits, std::span<const int64_t> ids);

/// Removes every id whose bit (id % 64 of word id / 64) is not set, those behind the words too, but keeps `others`.
void keep_allowed(std::span<float> logits, std::span<const uint64_t> allowed, std::span<const int64_t> others);

/// logit + bias, for each of the (distinct) ids; all lie in the row.
void add_bias(std::span<float> logits, std::span<const std::pair<int64_t, double>> biases);

/// logit > 0 ? logit / penalty : logit * penalty, once for each of the (distinct) ids.
void apply_repetition_penalty(std::span<float> logits, std::span<const int64_t> distinct_ids, double penalty);

/// What the output holds already: distinct ids, and how often each.
struct IdCounts {
  std::span<const int64_t> ids;
  std::span<const int64_t> counts;
};

/// logit - presence - frequency * count, for each id of the output.
void apply_output_penalties(std::span<float> logits, const IdCounts& output, double presence, double frequency);

/// logit / temperature; temperature above 0.
void apply_temperature(std::span<float> logits, double temperature);

/// Keeps the k largest logits and all that tie with the k-th.
void keep_top_k(std::span<float> logits, int64_t k);

/// Keeps the fewest, likeliest tokens whose probabilities sum to at least p. Of tokens that tie at the edge the smaller
/// ids stay (transformers leaves that to an unstable sort).
void keep_top_p(std::span<float> logits, double p);

/// Keeps tokens at least min_p times as likely as the likeliest.
void keep_min_p(std::span<float> logits, double min_p);

/// Index of the largest logit, the first of equals.
int64_t argmax(std::span<const float> logits);

/// log sum exp(logits / temperature), in nats; sums in double. The log-probability of an id is its
/// logit / temperature less this.
/// throws InputError when a logit is NaN or infinite: broken weights, or an overflow of the compute dtype.
double log_sum_exp(std::span<const float> logits, double temperature);

}  // namespace r1v
