// A conversation whose last answer is to be judged -> tokens, with the place where what answers share ends.
#pragma once

#include "prompt/render.h"

namespace r1v {

/// The whole conversation as it is read, without a generation prompt behind it.
struct ScoredPrompt {
  Prompt prompt;
  size_t shared_tokens = 0;  // leading ids that any other answer to the same question would have too
  size_t answer_end = 0;     // behind the id that ends the answer; what the template prints after it is no choice
};

/// throws InputError: the last message is not the assistant's, its answer is empty, a role that the template refuses.
ScoredPrompt render_scored(const Renderer& renderer, const Conversation& conversation, Pixels pixels = Pixels::cut);

}  // namespace r1v
