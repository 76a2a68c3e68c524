// The template prints the answer as text; where it would drop thoughts, the answer is put in as a model writes it.
#include "prompt/scored.h"

#include <algorithm>

#include "base/error.h"
#include "prompt/supervised.h"

namespace r1v {
namespace {

std::string answer_of(const Conversation& conversation) {
  if (conversation.messages.empty() || conversation.messages.back().role != "assistant") {
    throw InputError("the last message must be the assistant's: it is the answer to score");
  }
  std::string answer;
  for (const Part& part : conversation.messages.back().parts) {
    if (part.kind == Part::Kind::picture) throw InputError("the answer to score holds a picture; expected text");
    answer += part.text;
  }
  if (answer.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw InputError("the answer to score is empty");
  }
  return answer;
}

/// Behind the last id that ends an answer; where there is none, behind everything.
size_t answer_end(const Renderer& renderer, const std::vector<int64_t>& ids, size_t shared_tokens) {
  for (size_t end = ids.size(); end > shared_tokens; --end) {
    if (std::ranges::count(renderer.eos_ids(), ids[end - 1]) > 0) return end;
  }
  return ids.size();
}

/// The answer as ids behind the prompt that asks for it. Used where the template would print less than the answer.
ScoredPrompt as_generated(const Renderer& renderer, const Conversation& conversation) {
  SupervisedPrompt supervised = supervise(renderer, conversation);
  const auto [begin, end] = last_answer(supervised.labels);
  return {.prompt = {.text = std::move(supervised.text),
                     .input_ids = std::move(supervised.input_ids),
                     .images = std::move(supervised.images),
                     .pixels = std::move(supervised.pixels)},
          .shared_tokens = begin,
          .answer_end = end};
}

}  // namespace

ScoredPrompt render_scored(const Renderer& renderer, const Conversation& conversation, Pixels pixels) {
  const std::string answer = answer_of(conversation);
  Conversation whole = conversation;
  whole.add_generation_prompt = false;
  Protector protector = renderer.protector();
  const std::string marked = renderer.marked_text(whole, protector, Replies::as_text);
  if (marked.find(protector.protect_reply(answer)) == std::string::npos) return as_generated(renderer, conversation);
  ScoredPrompt scored;
  renderer.append(marked, protector, conversation, scored.prompt, pixels);
  if (scored.prompt.images.size() != conversation.pictures.size()) {
    throw InputError(cat("the conversation has ", conversation.pictures.size(),
                         " pictures but the chat template printed ", scored.prompt.images.size()));
  }
  Conversation question = conversation;
  question.messages.pop_back();
  question.add_generation_prompt = true;
  Prompt asked;
  renderer.append(renderer.marked_text(question, protector, Replies::as_text), protector, conversation, asked,
                  Pixels::left_out);
  const std::vector<int64_t>& ids = scored.prompt.input_ids;
  const auto differ = std::ranges::mismatch(ids, asked.input_ids);
  // At least the last token belongs to the answer: the score is read there.
  scored.shared_tokens = std::min(static_cast<size_t>(differ.in1 - ids.begin()), ids.size() - 1);
  scored.answer_end = answer_end(renderer, ids, scored.shared_tokens);
  return scored;
}

}  // namespace r1v
