// A conversation with the assistant's answers in it -> token ids and answer-only labels, for training.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

#include "prompt/render.h"

namespace r1v {

/// The label of a token that is not scored.
inline constexpr int64_t kIgnoredLabel = -100;

/// One training sample, image tokens expanded. labels[t] is input_ids[t] where the token belongs to an answer of the
/// assistant (its content and the <|im_end|> behind it), kIgnoredLabel elsewhere; the shift by one is the loss's work.
struct SupervisedPrompt {
  std::string text;                // what the ids spell, as Prompt::text
  std::vector<int64_t> input_ids;  // T
  std::vector<int64_t> labels;     // T
  std::vector<PromptImage> images;
  at::Tensor pixels_NCHW;          // float32, all tiles of all pictures in order; undefined without pictures
};

/// Every assistant turn: the prompt up to it as generation would see it (the template may open <think> there), then the
/// turn's content as a model would have written it, then <|im_end|>. A <think> that the prompt has opened is not doubled
/// when the content starts with one too. The last message must be the assistant's.
/// throws InputError: no assistant turn, last turn not the assistant's, and whatever Renderer::render throws.
SupervisedPrompt supervise(const Renderer& renderer, const Conversation& conversation);

}  // namespace r1v
