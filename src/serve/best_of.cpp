// As the reward model saw answers in training: whole outputs, the thinking with its tags.
#include "serve/best_of.h"

#include <algorithm>

namespace r1v {

Judged judged_answers(const Conversation& question, const std::vector<AnswerEnd>& ends, bool opened) {
  Judged judged;
  for (size_t i = 0; i < ends.size(); ++i) {
    const std::string& text = ends[i].completion.text;
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) continue;
    Message answer{.role = "assistant", .extra = Json::object()};
    answer.parts.push_back({.text = (opened && !text.starts_with("<think>") ? "<think>\n" : "") + text});
    judged.conversations.push_back(question);
    judged.conversations.back().messages.push_back(std::move(answer));
    judged.places.push_back(i);
  }
  return judged;
}

void elect_best(const BestOfPlan& best_of, const std::vector<size_t>& places, const std::vector<double>& scores,
                AnswerSet& answers) {
  R1V_CHECK(places.size() == scores.size(), scores.size(), " scores of ", places.size(), " answers");
  for (size_t i = 0; i < scores.size(); ++i) answers.ends[places[i]].score = scores[i];
  const double lowest = scores.empty() ? 0.0 : *std::ranges::min_element(scores);
  std::vector<Candidate> candidates;
  for (AnswerEnd& end : answers.ends) {
    if (best_of.judge != nullptr && !end.score) end.score = lowest - 1.0;
    candidates.push_back({.text = end.completion.text, .score = end.score});
  }
  answers.chosen = elect(candidates, best_of.rule);
}

}  // namespace r1v
