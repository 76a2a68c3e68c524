// One rendering an answer; the pictures of the first serve all.
#include "recipes/answer_scores.h"

#include "base/error.h"
#include "base/log.h"
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

void warn_of_falling_scores(const RewardModel& model, const std::string& use) {
  if (model.likelihood_weight() == 0) return;
  log_warning(cat(use, ": this judge's scores hold ", model.likelihood_weight(),
                  " times the answer's log-likelihood and fall with every token; they compare answers to one question, "
                  "not questions with each other or with a fixed number"));
}

}  // namespace r1v
