// Scores whole answers, thinking included, as the reward model saw them in training.
#include "apps/best_of.h"

#include <algorithm>

#include "base/error.h"

namespace r1v {
namespace {

Conversation answered(const Conversation& conversation, const Prompt& prompt, const Completion& completion) {
  Conversation whole = conversation;
  const bool opened = prompt.starts_thinking && !completion.text.starts_with("<think>");
  Message answer{.role = "assistant"};
  answer.parts.push_back({.text = (opened ? "<think>\n" : "") + completion.text});
  whole.messages.push_back(std::move(answer));
  return whole;
}

bool is_empty(const Completion& completion) {
  return completion.text.find_first_not_of(" \t\r\n") == std::string::npos;
}

}  // namespace

BestOf::BestOf(const BestOfOptions& options, const ModelOptions& place) : rule_(ElectionRule::judge) {
  try {
    rule_ = election_rule(options.choose);
  } catch (const InputError& error) {
    throw InputError(cat("--choose: ", error.what()));
  }
  if (rule_ == ElectionRule::vote) return;
  ModelOptions reward_place = place;
  reward_place.model = options.reward_model;
  reward_place.max_tiles = 0;  // --max-tiles is about the pictures of who answers; the judge cuts them as it learnt to
  reward_ = open_reward_model(reward_place);
}

std::vector<Candidate> BestOf::judge(const Conversation& conversation, const Prompt& prompt,
                                     const GenerateResult& result) const {
  std::vector<Candidate> candidates;
  for (const Completion& completion : result.completions) candidates.push_back({.text = completion.text});
  if (!reward_) return candidates;
  std::vector<ScoredPrompt> prompts;
  std::vector<size_t> places;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (is_empty(result.completions[i])) continue;
    const bool has_pixels = !prompts.empty();
    prompts.push_back(render_scored(reward_->renderer(), answered(conversation, prompt, result.completions[i]),
                                    has_pixels ? Pixels::left_out : Pixels::cut));
    if (has_pixels) prompts.back().prompt.pixels = prompts.front().prompt.pixels;  // the same pictures: cut once
    places.push_back(i);
  }
  const std::vector<double> scores = reward_->score(prompts);
  double lowest = 0.0;
  for (const double score : scores) lowest = std::min(lowest, score);
  for (size_t i = 0; i < places.size(); ++i) candidates[places[i]].score = scores[i];
  for (Candidate& candidate : candidates) {
    if (!candidate.score) candidate.score = lowest - 1.0;  // nothing was said: worse than anything that was
  }
  return candidates;
}

Election BestOf::choose(const Conversation& conversation, const Prompt& prompt, const GenerateResult& result,
                        AnswerKind kind) const {
  Election election{.candidates = judge(conversation, prompt, result)};
  election.chosen = elect(election.candidates, rule_, kind);
  return election;
}

}  // namespace r1v
