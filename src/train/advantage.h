// How much better than its siblings a sample is: rewards of a group become advantages.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace r1v {

/// What the distance from the group's mean is divided by.
enum class AdvantageScale {
  group,  // the group's standard deviation
  batch,  // that of all rewards of the step
  none,   // 1: Dr.GRPO
};
/// "group", "batch", "none". throws InputError for other names.
AdvantageScale parse_advantage_scale(const std::string& name);

struct AdvantageOptions {
  AdvantageScale scale = AdvantageScale::group;
  double epsilon = 1e-4;  // added to the standard deviation: TRL 1e-4, verl 1e-6
};

/// One list a group; an empty reward (nobody could decide) stands outside of mean and deviation, its advantage is 0.
using GroupRewards = std::vector<std::vector<std::optional<double>>>;

/// (reward - mean) / (deviation + epsilon), deviations with n - 1. Exactly 0 throughout a group whose rewards agree
/// within 1e-9, so that rounding is never taken for a lesson, and for a sample that is alone in its group.
/// source: TRL 1.16, GRPOTrainer; verl, compute_grpo_outcome_advantage (which gives a lone sample its whole reward);
/// Dr.GRPO: Liu et al., 2025 (arXiv 2503.20783).
std::vector<std::vector<double>> group_advantages(const GroupRewards& rewards, const AdvantageOptions& options);

/// Mean and standard deviation (n - 1; 0 for one) of the rewards that are there. count 0: nothing is.
struct RewardSpread {
  double mean = 0, deviation = 0, lowest = 0, highest = 0;
  int64_t count = 0;
};
RewardSpread spread_of(const std::vector<std::optional<double>>& rewards);

/// DAPO's soft punishment of long answers: 0 up to max_tokens - buffer tokens, then falling to -factor at max_tokens.
/// source: verl, reward_manager/dapo.py; Yu et al., 2025 (arXiv 2503.14476), eq. 13.
double overlong_penalty(int64_t tokens, int64_t max_tokens, int64_t buffer, double factor);

}  // namespace r1v
