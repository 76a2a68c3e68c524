// The three losses of a batch of pairs, and their sums over a step.
#pragma once

#include <string>

#include "base/json.h"
#include "recipes/shared_pairs.h"
#include "train/loss_mpo.h"

namespace r1v {

/// Of preference (DPO), quality (BCO) and generation (the chosen answers' likelihood).
struct MpoWeights {
  double preference = 0, quality = 0, generation = 0;
};

/// "0.8,0.2,1.0". throws InputError naming --loss-weights.
MpoWeights parse_mpo_weights(const std::string& text);

/// A batch through the policy.
struct PairRewards {
  AnswerLogps logps;
  at::Tensor rewards_P2;
};

/// The three losses of a batch.
struct PairLosses {
  PairLosses(const PairRewards& pairs, double delta, SftMean mean)
      : preference(dpo_loss(pairs.rewards_P2)),
        quality(bco_loss(pairs.rewards_P2, delta)),
        generation(chosen_loss(pairs.logps.sums_P2.select(1, 0), pairs.logps.tokens_P2.select(1, 0), mean)) {}

  LossSum preference, quality, generation;
};

/// Sums over the pairs of a step or an evaluation.
struct MpoTotals {
  void add(const PairRewards& pairs, const PairLosses& losses);
  void write(Json& line, const std::string& prefix, const MpoWeights& weights) const;

  double pairs = 0, right = 0, chosen = 0, rejected = 0, chosen_logps = 0, rejected_logps = 0;
  double preference_nats = 0, quality_nats = 0, generation_nats = 0, generation_count = 0;
};

}  // namespace r1v
