// The engine draws, verify judges, the reward model has its say.
#include "recipes/rollouts.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/rng.h"
#include "prompt/scored.h"
#include "train/advantage.h"

namespace r1v {
namespace {

RolloutSample taken(const Completion& completion) {
  return {.ids = completion.ids,
          .logprobs = {completion.logprobs.begin(), completion.logprobs.end()},
          .text = completion.text,
          .is_truncated = completion.finish == FinishReason::length || completion.finish == FinishReason::loop};
}

std::string name_of(const Question& question) {
  return question.id.is_null() ? cat("question ", question.index + 1) : cat("question ", dump_json(question.id));
}

Conversation answered(const Question& question, const std::string& text) {
  Conversation whole = question.conversation;
  Message answer{.role = "assistant"};
  answer.parts.push_back({.text = (question.prompt.starts_thinking ? "<think>\n" : "") + text});
  whole.messages.push_back(std::move(answer));
  return whole;
}

bool is_empty(const std::string& text) { return text.find_first_not_of(" \t\r\n") == std::string::npos; }

/// The reward model's score of every sample, one pass a question.
std::vector<std::optional<double>> model_scores(const RolloutGroup& group, const RewardModel& model) {
  std::vector<std::optional<double>> scores(group.samples.size());
  std::vector<ScoredPrompt> prompts;
  std::vector<size_t> places;
  for (size_t i = 0; i < group.samples.size(); ++i) {
    if (is_empty(group.samples[i].text)) continue;
    const bool has_pixels = !prompts.empty();
    prompts.push_back(render_scored(model.renderer(), answered(group.question, group.samples[i].text),
                                    has_pixels ? Pixels::left_out : Pixels::cut));
    if (has_pixels) prompts.back().prompt.pixels = prompts.front().prompt.pixels;  // the same pictures: cut once
    places.push_back(i);
  }
  const std::vector<double> found = model.score(prompts);
  for (size_t i = 0; i < places.size(); ++i) scores[places[i]] = found[i];
  const double lowest = found.empty() ? 0.0 : std::ranges::min(found);
  for (auto& score : scores) score = score.value_or(lowest);
  return scores;
}

}  // namespace

std::optional<std::vector<RolloutGroup>> sample_groups(const R1vModel& network, const Renderer& renderer,
                                                       std::vector<Question> questions, const SamplingParams& params,
                                                       const EngineOptions& engine_options,
                                                       const std::atomic<bool>& stop) {
  std::vector<RolloutGroup> groups;
  for (Question& question : questions) groups.push_back({.question = std::move(question)});
  Engine engine(network, renderer, engine_options);
  std::vector<size_t> numbers;
  std::map<int64_t, uint64_t> times_asked;
  for (const RolloutGroup& group : groups) {
    GenerateRequest request{.prompt = &group.question.prompt, .sampling = params, .is_cancelled = &stop};
    request.sampling.seed = mix_seed(params.seed, static_cast<uint64_t>(group.question.index));
    // Few questions, or the end of an epoch, bring one twice: its answers are not to be the same ones.
    const uint64_t again = times_asked[group.question.index]++;
    if (again > 0) request.sampling.seed = mix_seed(request.sampling.seed, again);
    try {
      numbers.push_back(engine.add(request));
    } catch (const InputError& error) {
      throw InputError(cat(name_of(group.question), ": ", error.what()));
    }
  }
  while (engine.step() && !stop) {
  }
  if (stop) return std::nullopt;
  while (auto done = engine.take_finished()) {
    const auto place = std::ranges::find(numbers, done->first) - numbers.begin();
    for (const Completion& completion : done->second.completions) {
      groups[static_cast<size_t>(place)].samples.push_back(taken(completion));
    }
  }
  return groups;
}

void judge_groups(std::vector<RolloutGroup>& groups, const JudgeRules& rules) {
  for (RolloutGroup& group : groups) {
    RewardWeights weights = rules.weights;
    weights.starts_in_thought = group.question.prompt.starts_thinking;
    const AnswerKind kind = answer_kind(group.question.kind);
    std::vector<std::optional<double>> scores(group.samples.size());
    if (rules.model != nullptr) scores = model_scores(group, *rules.model);
    for (size_t i = 0; i < group.samples.size(); ++i) {
      RolloutSample& sample = group.samples[i];
      sample.reward = answer_reward(group.question.answer, sample.text, kind, weights, scores[i]);
      sample.overlong = overlong_penalty(static_cast<int64_t>(sample.ids.size()), rules.max_tokens,
                                         rules.overlong_buffer, rules.overlong_factor);
    }
  }
}

}  // namespace r1v
