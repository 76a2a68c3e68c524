// Scores whole answers, thinking included, as the reward model saw them in training.
#include "apps/best_of.h"

#include "base/error.h"
#include "prompt/answered.h"

namespace r1v {

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
  const std::vector<size_t> places = places_to_judge(candidates);
  for (const size_t place : places) {
    const bool has_pixels = !prompts.empty();
    const Conversation whole = answered(conversation, candidates[place].text, prompt.starts_thinking);
    prompts.push_back(render_scored(reward_->renderer(), whole, has_pixels ? Pixels::left_out : Pixels::cut));
    if (has_pixels) prompts.back().prompt.pixels = prompts.front().prompt.pixels;  // the same pictures: cut once
  }
  put_scores(places, reward_->score(prompts), candidates);
  return candidates;
}

Election BestOf::choose(const Conversation& conversation, const Prompt& prompt, const GenerateResult& result,
                        AnswerKind kind) const {
  Election election{.candidates = judge(conversation, prompt, result)};
  election.chosen = elect(election.candidates, rule_, kind);
  return election;
}

}  // namespace r1v
