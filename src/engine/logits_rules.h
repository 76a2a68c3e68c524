// Rules on the logits of one next token, in the order in which a sampler applies them. Torch-free, pure.
#pragma once

#include <cstdint>
#include <span>

namespace r1v {

/// Every rule works in place on one row of V logits in float32; a removed token's logit is -infinity, and each rule
/// takes what earlier rules removed as given. At least one token always stays.
/// Order: banned ids, repetition penalty, temperature, top-k, top-p, min-p.
/// source: transformers 5.23 generation/logits_process.py; parity: logits_rules_test.cpp.

/// Ids that may never be drawn. Ids outside the row are ignored.
void ban_ids(std::span<float> logits, std::span<const int64_t> ids);

/// logit > 0 ? logit / penalty : logit * penalty, once for each of the (distinct) ids.
void apply_repetition_penalty(std::span<float> logits, std::span<const int64_t> distinct_ids, double penalty);

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
