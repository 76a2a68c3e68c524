// Sums in float64, means when a line is written.
#include "recipes/mpo_totals.h"

#include <cmath>
#include <cstdlib>
#include <sstream>
#include <vector>

#include "base/error.h"

namespace r1v {

MpoWeights parse_mpo_weights(const std::string& text) {
  std::vector<double> values;
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, ',');) {
    char* end = nullptr;
    values.push_back(std::strtod(word.c_str(), &end));
    const bool whole = !word.empty() && *end == '\0';
    if (!whole || !(values.back() >= 0) || std::isinf(values.back())) values.assign(4, 0.0);  // too many: refused
  }
  const bool any = values.size() == 3 && values[0] + values[1] + values[2] > 0;
  if (!any) {
    throw InputError(cat("--loss-weights: found \"", printable(text),
                         "\", expected three numbers from 0 with commas between, not all 0, as 0.8,0.2,1.0"));
  }
  return {.preference = values[0], .quality = values[1], .generation = values[2]};
}

void MpoTotals::add(const PairRewards& pair, const PairLosses& losses) {
  const at::Tensor rewards_P2 = pair.rewards_P2.detach(), logps_P2 = pair.logps.sums_P2.detach();
  const auto sum = [](const at::Tensor& sums_P2, int64_t column) {
    return sums_P2.select(1, column).sum().item<double>();
  };
  pairs += losses.preference.count;
  right += (rewards_P2.select(1, 0) > rewards_P2.select(1, 1)).sum().item<double>();
  chosen += sum(rewards_P2, 0);
  rejected += sum(rewards_P2, 1);
  chosen_logps += sum(logps_P2, 0);
  rejected_logps += sum(logps_P2, 1);
  preference_nats += losses.preference.sum.item<double>();
  quality_nats += losses.quality.sum.item<double>();
  generation_nats += losses.generation.sum.item<double>();
  generation_count += losses.generation.count;
}

void MpoTotals::write(Json& line, const std::string& prefix, const MpoWeights& weights) const {
  const double preference = preference_nats / pairs, quality = quality_nats / pairs,
               generation = generation_nats / generation_count;
  line[prefix + "loss"] = weights.preference * preference + weights.quality * quality + weights.generation * generation;
  line[prefix + "loss/preference"] = preference;
  line[prefix + "loss/quality"] = quality;
  line[prefix + "loss/generation"] = generation;
  line[prefix + "rewards/chosen"] = chosen / pairs;
  line[prefix + "rewards/rejected"] = rejected / pairs;
  line[prefix + "rewards/margins"] = (chosen - rejected) / pairs;
  line[prefix + "rewards/accuracies"] = right / pairs;
  line[prefix + "logps/chosen"] = chosen_logps / pairs;
  line[prefix + "logps/rejected"] = rejected_logps / pairs;
}

}  // namespace r1v
