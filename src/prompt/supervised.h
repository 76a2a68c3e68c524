// A conversation with the assistant's answers in it -> token ids and answer-only labels, for training.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <span>
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
  at::Tensor pixels;  // float32, as Prompt::pixels
};

/// Tokens from `begin` on, up to but without `end`.
struct AnswerSpan {
  size_t begin = 0;
  size_t end = 0;
};

/// The scored tokens of the last answer, its end token among them; empty, at the front, where no token is scored.
AnswerSpan last_answer(std::span<const int64_t> labels);

/// Every assistant turn is the generation prompt as the template writes it (it may open <think> there), then the
/// turn's text as a model would have written it, then the template's end token; all turns stand in one sequence, each
/// with its thoughts. A <think> that the prompt has opened is not doubled when the text starts with one too; an answer
/// without any thoughts follows the prompt without <think>, as with thinking switched off. "reasoning_content" (or
/// "reasoning", "thinking": kReasoningKeys) comes first, in <think> tags. The last message must be the assistant's.
/// throws InputError: no assistant turn, last turn not the assistant's, an answer without content, a template whose
/// generation prompt does not begin its answers, and whatever Renderer::render throws.
SupervisedPrompt supervise(const Renderer& renderer, const Conversation& conversation, Pixels pixels = Pixels::cut);

}  // namespace r1v
