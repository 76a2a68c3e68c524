// The rules are verify's; here they meet the answers of a request.
#include "serve/best_of.h"

#include "prompt/answered.h"

namespace r1v {
namespace {

std::vector<Candidate> candidates_of(const std::vector<AnswerEnd>& ends) {
  std::vector<Candidate> candidates;
  for (const AnswerEnd& end : ends) candidates.push_back({.text = end.completion.text});
  return candidates;
}

}  // namespace

Judged judged_answers(const Conversation& question, const std::vector<AnswerEnd>& ends, bool opens_thinking) {
  Judged judged{.places = places_to_judge(candidates_of(ends))};
  for (const size_t place : judged.places) {
    judged.conversations.push_back(answered(question, ends[place].completion.text, opens_thinking));
  }
  return judged;
}

void elect_best(const BestOfPlan& best_of, const std::vector<size_t>& places, const std::vector<double>& scores,
                AnswerSet& answers) {
  std::vector<Candidate> candidates = candidates_of(answers.ends);
  if (best_of.judge != nullptr) put_scores(places, scores, candidates);
  for (size_t i = 0; i < candidates.size(); ++i) answers.ends[i].score = candidates[i].score;
  answers.chosen = elect(candidates, best_of.rule);
}

}  // namespace r1v
