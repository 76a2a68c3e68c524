// Choosing among several answers to one question: what the judge reads, and who wins.
#pragma once

#include <string>
#include <vector>

#include "prompt/conversation.h"
#include "serve/answer_format.h"

namespace r1v {

/// What the judge reads of a set of answers: those that say anything, thinking included.
struct Judged {
  std::vector<Conversation> conversations;
  std::vector<size_t> places;  // in the set
};

/// opens_thinking  whether the prompt ends with an opened "<think>".
Judged judged_answers(const Conversation& question, const std::vector<AnswerEnd>& ends, bool opens_thinking);

/// Puts scores[i] beside ends[places[i]] and chooses. With a judge, an answer that says nothing is worse than all
/// others.
void elect_best(const BestOfPlan& best_of, const std::vector<size_t>& places, const std::vector<double>& scores,
                AnswerSet& answers);

}  // namespace r1v
