// What a step was like: figures for metrics.jsonl and a few answers for samples.jsonl.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <vector>

#include "base/json.h"
#include "recipes/policy_update.h"
#include "recipes/rollouts.h"

namespace r1v {

/// "reward" (the mean of what answers are worth), "reward_std" (the mean of the groups' deviations), "accuracy",
/// "format", "model_reward" and "model_reward_raw" (where a reward model scored), "overlong", "completion_tokens",
/// "truncated" (a share), "undecided" (a count, in none of the means of rewards). A mean of nothing is left out: it is
/// no zero.
Json rollout_figures(const std::vector<RolloutGroup>& groups);

/// What the optimizer steps of one rollout tell together.
struct LearnFigures {
  UpdateFigures passes;
  PolicyFigures policy;
  double loss = 0, norm = 0;  // summed over updates
  int64_t updates = 0;
};
/// "loss" and "grad_norm" (means over updates), "updates", "clip_low", "clip_high", "clip_share", "ratio_max", "kl"
/// (with a reference), "entropy", "entropy_critical", "critical_tokens", "logprob_difference_max" and "_mean",
/// "tokens". What was not measured is left out.
Json learn_figures(const LearnFigures& figures, bool has_kl);

/// samples.jsonl of a run folder.
class RolloutLog final {
 public:
  /// Goes on behind the lines of the first `step` steps; later ones are dropped.
  RolloutLog(const std::filesystem::path& run, int64_t step);

  /// `count` answers: of questions spread over the step, its best and worst answer in turn.
  void write(int64_t step, const std::vector<RolloutGroup>& groups, int64_t count);

 private:
  std::ofstream out_;
};

}  // namespace r1v
