// Sums in double, groups one by one.
#include "train/advantage.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace r1v {
namespace {

constexpr double kSameReward = 1e-9;

bool is_flat(const RewardSpread& spread) { return spread.count < 2 || spread.highest - spread.lowest < kSameReward; }

RewardSpread spread_of_all(const GroupRewards& rewards) {
  std::vector<std::optional<double>> all;
  for (const auto& group : rewards) all.insert(all.end(), group.begin(), group.end());
  return spread_of(all);
}

}  // namespace

AdvantageScale parse_advantage_scale(const std::string& name) {
  if (name == "group") return AdvantageScale::group;
  if (name == "batch") return AdvantageScale::batch;
  if (name == "none") return AdvantageScale::none;
  throw InputError(cat("--scale-rewards: found \"", printable(name), "\", expected group, batch or none"));
}

RewardSpread spread_of(const std::vector<std::optional<double>>& rewards) {
  RewardSpread spread;
  for (const auto& reward : rewards) {
    if (!reward) continue;
    spread.lowest = spread.count == 0 ? *reward : std::min(spread.lowest, *reward);
    spread.highest = spread.count == 0 ? *reward : std::max(spread.highest, *reward);
    spread.mean += *reward;
    ++spread.count;
  }
  if (spread.count == 0) return spread;
  spread.mean /= static_cast<double>(spread.count);
  double squares = 0;
  for (const auto& reward : rewards) {
    if (reward) squares += (*reward - spread.mean) * (*reward - spread.mean);
  }
  if (spread.count > 1) spread.deviation = std::sqrt(squares / static_cast<double>(spread.count - 1));
  return spread;
}

std::vector<std::vector<double>> group_advantages(const GroupRewards& rewards, const AdvantageOptions& options) {
  const double of_batch = options.scale == AdvantageScale::batch ? spread_of_all(rewards).deviation : 0.0;
  std::vector<std::vector<double>> advantages;
  for (const auto& group : rewards) {
    const RewardSpread spread = spread_of(group);
    std::vector<double>& own = advantages.emplace_back(group.size(), 0.0);
    if (is_flat(spread)) continue;
    double divisor = 1;
    if (options.scale == AdvantageScale::group) divisor = spread.deviation + options.epsilon;
    if (options.scale == AdvantageScale::batch) divisor = of_batch + options.epsilon;
    for (size_t i = 0; i < group.size(); ++i) {
      if (group[i]) own[i] = (*group[i] - spread.mean) / divisor;
    }
  }
  return advantages;
}

double overlong_penalty(int64_t tokens, int64_t max_tokens, int64_t buffer, double factor) {
  if (buffer <= 0) return 0;
  const int64_t over = tokens - (max_tokens - buffer);
  return std::min(-static_cast<double>(over) / static_cast<double>(buffer) * factor, 0.0);
}

}  // namespace r1v
