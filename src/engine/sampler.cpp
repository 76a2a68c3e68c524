// The order of the rules, and the draw by inverse cumulative distribution.
#include "engine/sampler.h"

#include <numeric>

#include "kernels/softmax_sums.h"

namespace r1v {

Rng sample_stream(uint64_t seed, int64_t index) {
  return Rng(mix_seed(mix_seed(seed, "sample"), static_cast<uint64_t>(index)));
}

Sampler::Sampler(const SamplingParams& params, int64_t sample_index)
    : params_(params), rng_(sample_stream(params.seed, sample_index)) {}

double Sampler::log_total(std::span<const float> logits) const { return log_sum_exp(logits, temperature()); }

Choice Sampler::given(std::span<const float> logits, int64_t id, double log_total) const {
  return {.id = id, .logprob = logits[static_cast<size_t>(id)] / temperature() - log_total};
}

Choice Sampler::force(std::span<const float> logits, int64_t id) const { return given(logits, id, log_total(logits)); }

Choice Sampler::draw(std::span<const float> logits, const DrawState& state) {
  const double total = log_total(logits);  // first: it refuses logits that are no numbers, the rules only check
  scratch_.assign(logits.begin(), logits.end());
  ban_ids(scratch_, state.banned_ids);
  if (state.allowed) keep_allowed(scratch_, *state.allowed, state.allowed_beside);
  add_bias(scratch_, params_.logit_bias);
  if (params_.repetition_penalty != 1.0) apply_repetition_penalty(scratch_, state.seen_ids, params_.repetition_penalty);
  if (has_output_penalty(params_)) {
    apply_output_penalties(scratch_, state.output, params_.presence_penalty, params_.frequency_penalty);
  }
  if (is_greedy()) return given(logits, argmax(scratch_), total);
  if (params_.temperature != 1.0) apply_temperature(scratch_, params_.temperature);
  if (params_.top_k > 0) keep_top_k(scratch_, params_.top_k);
  if (params_.top_p < 1.0) keep_top_p(scratch_, params_.top_p);
  if (params_.min_p > 0.0) keep_min_p(scratch_, params_.min_p);
  return given(logits, pick_by_probability(), total);
}

int64_t Sampler::pick_by_probability() {
  to_weights(scratch_);
  const double total = std::accumulate(scratch_.begin(), scratch_.end(), 0.0);
  double left = rng_.uniform() * total;
  size_t last = 0;  // rounding may leave a crumb after the last token: it belongs to that token
  for (size_t id = 0; id < scratch_.size(); ++id) {
    if (scratch_[id] == 0.0F) continue;
    last = id;
    left -= scratch_[id];
    if (left < 0.0) break;
  }
  return static_cast<int64_t>(last);
}

}  // namespace r1v
