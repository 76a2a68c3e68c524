// A question with a model's output behind it, for a reward model to judge.
#pragma once

#include <string>

#include "prompt/conversation.h"

namespace r1v {

/// As reward models read answers in training: the whole output, the thinking with its tags.
/// opens_thinking  the prompt ended with "<think>", and the output goes on from there.
Conversation answered(const Conversation& question, const std::string& output, bool opens_thinking);

}  // namespace r1v
