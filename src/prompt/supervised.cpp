// Turn by turn: what the model would have seen, then what it should have written.
#include "prompt/supervised.h"

#include "base/error.h"
#include "prompt/chat_text.h"

namespace r1v {
namespace {

// The assistant's turn as a model writes it after `prefix`: a <think> that the prefix has opened is not written twice.
std::string reply_text(const Message& message, std::string_view prefix, Protector& protector) {
  std::string text;
  for (const Part& part : message.parts) {
    if (part.kind == Part::Kind::picture) throw InputError("an assistant's message holds a picture; only users show pictures");
    text += part.text;
  }
  const std::string_view opened = prefix.substr(0, prefix.find_last_not_of('\n') + 1);
  if (opened.ends_with("<think>") && text.starts_with("<think>")) {
    text.erase(0, 7);
    if (prefix.ends_with('\n') && text.starts_with('\n')) text.erase(0, 1);
  }
  return protect_reply(text, protector);
}

Conversation first_messages(const Conversation& conversation, size_t count) {
  Conversation part = conversation;
  part.messages.resize(count);
  part.add_generation_prompt = true;
  return part;
}

}  // namespace

SupervisedPrompt supervise(const Renderer& renderer, const Conversation& conversation) {
  if (conversation.messages.empty() || conversation.messages.back().role != "assistant") {
    throw InputError("the last message must be the assistant's: it is what the model learns to write");
  }
  Protector protector = renderer.protector();
  Prompt prompt;
  std::vector<int64_t> labels;
  std::string seen;  // marked text so far
  const auto add = [&](std::string_view marked, bool scored) {
    const size_t begin = prompt.input_ids.size();
    renderer.encode(marked, protector, conversation, prompt);
    for (size_t i = begin; i < prompt.input_ids.size(); ++i) labels.push_back(scored ? prompt.input_ids[i] : kIgnoredLabel);
    seen += marked;
  };
  for (size_t i = 0; i < conversation.messages.size(); ++i) {
    if (conversation.messages[i].role != "assistant") continue;
    const std::string prefix = renderer.marked_text(first_messages(conversation, i), protector);
    if (!prefix.starts_with(seen)) {  // the template rewrites earlier turns (drops their thinking): score from here on
      prompt = Prompt();
      labels.clear();
      seen.clear();
    }
    add(std::string_view(prefix).substr(seen.size()), /*scored=*/false);
    add(reply_text(conversation.messages[i], prefix, protector) + renderer.turn_end(), /*scored=*/true);
  }
  return {.text = std::move(prompt.text),
          .input_ids = std::move(prompt.input_ids),
          .labels = std::move(labels),
          .images = std::move(prompt.images),
          .pixels_NCHW = std::move(prompt.pixels_NCHW)};
}

}  // namespace r1v
