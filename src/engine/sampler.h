// Draws one next token from a row of logits: all rules together, seeded. Torch-free.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/rng.h"
#include "engine/logits_rules.h"
#include "engine/sampling_params.h"

namespace r1v {

struct Choice {
  int64_t id = 0;
  double logprob =
      0.0;  // nats, of softmax(logits / temperature) before bans, penalty and filters; greedy: temperature 1
};

/// What holds for one draw beside the parameters.
struct DrawState {
  std::span<const int64_t> banned_ids;  // that may not come now
  std::span<const int64_t> seen_ids;    // distinct ids of prompt and output; read with a repetition penalty only
  IdCounts output;                      // read with a presence or frequency penalty only
  /// As keep_allowed wants it; none = anything.
  std::optional<std::span<const uint64_t>> allowed;
  std::span<const int64_t> allowed_beside;  // ids that may come too
};

/// The random stream of sample `index`; it does not depend on how many samples there are.
Rng sample_stream(uint64_t seed, int64_t index);

/// One sample's drawing: parameters, random stream and scratch memory.
class Sampler {
 public:
  Sampler(const SamplingParams& params, int64_t sample_index);

  /// One token by the rules of logits_rules.h. Greedy draws use no randomness.
  Choice draw(std::span<const float> logits, const DrawState& state);

  /// A token that is given rather than drawn, with its log-probability all the same.
  Choice force(std::span<const float> logits, int64_t id) const;

 private:
  Choice given(std::span<const float> logits, int64_t id, double log_total) const;
  double log_total(std::span<const float> logits) const;
  double temperature() const { return is_greedy() ? 1.0 : params_.temperature; }
  bool is_greedy() const { return params_.temperature == 0.0; }
  int64_t pick_by_probability();

  SamplingParams params_;
  Rng rng_;
  std::vector<float> scratch_;
};

}  // namespace r1v
