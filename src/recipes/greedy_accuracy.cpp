// Window by window, so that memory holds few pictures however long the file is.
#include "recipes/greedy_accuracy.h"

#include "base/error.h"

namespace r1v {

std::optional<Json> greedy_accuracy(const R1vModel& network, const Renderer& renderer, QuestionData& data,
                                    const EngineOptions& engine, int64_t max_tokens, const std::atomic<bool>& stop) {
  const SamplingParams params{.temperature = 0.0, .top_p = 1.0, .max_tokens = max_tokens};
  const JudgeRules rules{.weights = {.accuracy = 1, .format = 1, .model = 0}, .max_tokens = max_tokens};
  double right = 0, format = 0, tokens = 0;
  int64_t answers = 0, undecided = 0;
  for (int64_t index = 0; index < data.size();) {
    std::vector<Question> window;
    for (; index < data.size() && static_cast<int64_t>(window.size()) < engine.max_batch; ++index) {
      if (auto question = data.read(index)) window.push_back(std::move(*question));
    }
    if (window.empty()) continue;
    auto groups = sample_groups(network, renderer, std::move(window), params, engine, stop);
    if (!groups) return std::nullopt;
    judge_groups(*groups, rules);
    for (const RolloutGroup& group : *groups) {
      const RolloutSample& sample = group.samples.front();
      ++answers;
      right += sample.reward.accuracy.value_or(0.0);
      undecided += sample.reward.is_decided() ? 0 : 1;
      format += sample.reward.format;
      tokens += static_cast<double>(sample.ids.size());
    }
  }
  if (answers == 0) throw InputError("--eval-data: no usable question; every line was left out");
  const auto count = static_cast<double>(answers);
  return Json{{"eval_accuracy", right / count},
              {"eval_format", format / count},
              {"eval_completion_tokens", tokens / count},
              {"eval_undecided", undecided}};
}

}  // namespace r1v
