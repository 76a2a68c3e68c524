// A reward model's scores of several answers to one question.
#pragma once

#include <string>
#include <vector>

#include "prompt/conversation.h"

namespace r1v {

class RewardModel;

/// One score an answer, in order; whole answers, thinking included. What they share, pictures and question, is computed
/// once. `question` ends with the user's message. throws InputError when the model cannot read one of them.
std::vector<double> score_answers(const RewardModel& model, const Conversation& question,
                                  const std::vector<std::string>& answers);

/// Warns where `use` (what the user asked for) compares scores of different questions, or against fixed numbers, and
/// the judge adds the answer's log-likelihood: such scores fall with every token.
void warn_of_falling_scores(const RewardModel& model, const std::string& use);

}  // namespace r1v
