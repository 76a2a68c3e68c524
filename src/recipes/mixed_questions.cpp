// Window by window: sample, judge, keep.
#include "recipes/mixed_questions.h"

#include <algorithm>

#include "base/error.h"
#include "recipes/pairs_lines.h"

namespace r1v {

void keep_if_mixed(const RolloutGroup& group, const QuestionData& data, LinesWriter& writer, MixedCounts& counts) {
  double right = 0, decided = 0;
  for (const RolloutSample& sample : group.samples) {
    decided += sample.reward.is_decided() ? 1 : 0;
    right += sample.reward.accuracy.value_or(0.0);
  }
  ++counts.questions;
  if (decided == 0) {
    ++counts.undecided;
  } else if (right == 0) {
    ++counts.all_wrong;
  } else if (right == decided) {
    ++counts.all_right;
  } else {
    ++counts.mixed;
    Json line = data.line(group.question.index);
    line["pass_rate"] = right / decided;
    writer.write(line, data.root(group.question.index));
  }
}

std::string MixedCounts::text() const {
  return cat("questions ", questions, ": mixed ", mixed, ", all right ", all_right, ", all wrong ", all_wrong,
             ", undecided ", undecided);
}

std::optional<MixedCounts> keep_mixed_questions(const R1vModel& network, const Renderer& renderer, QuestionData& data,
                                                const SamplingParams& params, const EngineOptions& engine,
                                                const std::filesystem::path& out, const std::atomic<bool>& stop) {
  const int64_t window_size = std::max<int64_t>(1, 2 * engine.max_batch / params.n);
  MixedCounts counts;
  LinesWriter writer(out);
  for (int64_t index = 0; index < data.size();) {
    std::vector<Question> window;
    for (; index < data.size() && static_cast<int64_t>(window.size()) < window_size; ++index) {
      if (auto question = data.read(index)) window.push_back(std::move(*question));
    }
    if (window.empty()) continue;
    auto groups = sample_groups(network, renderer, std::move(window), params, engine, stop);
    if (!groups) return std::nullopt;
    judge_groups(*groups, {.max_tokens = params.max_tokens});
    for (const RolloutGroup& group : *groups) keep_if_mixed(group, data, writer, counts);
  }
  writer.finish();
  return counts;
}

}  // namespace r1v
