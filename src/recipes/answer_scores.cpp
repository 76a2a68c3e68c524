// One rendering an answer; the pictures of the first serve all.
#include "recipes/answer_scores.h"

#include "engine/reward_model.h"

namespace r1v {

std::vector<double> score_answers(const RewardModel& model, const Conversation& question,
                                  const std::vector<std::string>& answers) {
  Conversation whole = question;
  whole.messages.push_back({.role = "assistant"});
  std::vector<ScoredPrompt> prompts;
  for (const std::string& answer : answers) {
    whole.messages.back().parts = {{.text = answer}};
    prompts.push_back(render_scored(model.renderer(), whole, prompts.empty() ? Pixels::cut : Pixels::left_out));
    prompts.back().prompt.pixels = prompts.front().prompt.pixels;
  }
  return prompts.empty() ? std::vector<double>() : model.score(prompts);
}

}  // namespace r1v
