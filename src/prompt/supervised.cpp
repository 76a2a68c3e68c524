// The whole conversation is rendered once with marks in place of the answers; then the answers are put in.
#include "prompt/supervised.h"

#include <algorithm>

#include "base/error.h"

namespace r1v {
namespace {

constexpr std::string_view kThink = "<think>";

// The assistant's turn as a model writes it from its first token on: thinking and answer, as the user's file has them.
std::string reply_of(const Message& message, const std::string& where) {
  std::string text;
  for (const Part& part : message.parts) {
    if (part.kind == Part::Kind::picture) throw InputError(cat(where, ": a picture in an answer of the assistant"));
    text += part.text;
  }
  if (message.content_was_null) {
    throw InputError(cat(where, ": an answer without content cannot be learned; give the call as the model writes it"));
  }
  if (!message.extra.is_object()) return text;
  for (const char* key : kReasoningKeys) {
    const std::string thoughts = json_string_or(message.extra, key, "", where);
    if (!thoughts.empty()) return cat("<think>\n", thoughts, "\n</think>\n\n", text);
  }
  return text;
}

// Finds out how the template leads into answers and out of them.
class Turns {
 public:
  Turns(const Renderer& renderer, const Conversation& conversation, Pixels pixels)
      : renderer_(renderer), conversation_(conversation), pixels_(pixels), protector_(renderer.protector()) {
    Conversation whole = conversation;
    whole.add_generation_prompt = false;
    marked_ = renderer.marked_text(whole, protector_, Replies::as_marks);
  }

  SupervisedPrompt run() {
    for (size_t i = 0; i < conversation_.messages.size(); ++i) {
      if (conversation_.messages[i].role == "assistant") add_turn(i);
    }
    add(std::string_view(marked_).substr(done_), /*is_scored=*/false);
    if (prompt_.images.size() != conversation_.pictures.size()) {
      throw InputError(cat("the conversation has ", conversation_.pictures.size(),
                           " pictures but the chat template printed ", prompt_.images.size()));
    }
    return {.text = std::move(prompt_.text),
            .input_ids = std::move(prompt_.input_ids),
            .labels = std::move(labels_),
            .images = std::move(prompt_.images),
            .pixels = std::move(prompt_.pixels)};
  }

 private:
  void add(std::string_view marked, bool is_scored) {
    const size_t begin = prompt_.input_ids.size();
    renderer_.append(marked, protector_, conversation_, prompt_, pixels_);
    for (size_t i = begin; i < prompt_.input_ids.size(); ++i) {
      labels_.push_back(is_scored ? prompt_.input_ids[i] : kIgnoredLabel);
    }
  }

  void add_turn(size_t index) {
    const std::string where = cat("messages[", index, "]");
    const std::string mark = Protector::reply_mark(index);
    const size_t place = marked_.find(mark, done_);
    if (place == std::string::npos) throw InputError(cat(where, ": the chat template does not print this answer"));
    std::string reply = reply_of(conversation_.messages[index], where);
    std::string lead = lead_into(index, place, where);
    const bool thinks = reply.starts_with(kThink) || reply.find("</think>") != std::string::npos;
    const std::string_view closed = without_open_think(lead);
    if (!thinks) {
      lead.resize(closed.size());  // an answer without thoughts follows the prompt that asks for none
    } else if (closed.size() < lead.size() && reply.starts_with(kThink)) {
      reply.erase(0, kThink.size());
      if (lead.ends_with('\n') && reply.starts_with('\n')) reply.erase(0, 1);
    }
    add(lead, /*is_scored=*/false);
    const size_t end = end_of_turn(place + mark.size(), where);
    add(protector_.protect_reply(reply) + marked_.substr(place + mark.size(), end - place - mark.size()),
        /*is_scored=*/true);
    done_ = end;
  }

  // What stands in front of an answer when it is generated: from the end of the turn before to the generation prompt.
  std::string lead_into(size_t index, size_t place, const std::string& where) {
    Conversation before = conversation_;
    before.messages.resize(index);
    before.add_generation_prompt = true;
    const std::string prompt = renderer_.marked_text(before, protector_, Replies::as_marks);
    const std::string_view written = std::string_view(marked_).substr(0, place);
    const bool opens_more = std::string_view(prompt).starts_with(written);  // e.g. <think>
    const bool opens_less = written.starts_with(prompt);  // the template itself writes an empty thought in front
    if (!opens_more && !(opens_less && prompt.size() >= done_)) {
      throw InputError(cat(where,
                           ": the chat template's generation prompt is not how it begins an answer; "
                           "this template cannot be trained with"));
    }
    return prompt.substr(done_);
  }

  // Behind the first end token that follows the answer.
  size_t end_of_turn(size_t from, const std::string& where) const {
    size_t at = from;
    for (const Protector::Piece& piece : protector_.split(std::string_view(marked_).substr(from))) {
      if (piece.kind != Protector::Piece::Kind::token) continue;
      at = marked_.find(piece.text, at) + piece.text.size();
      if (std::ranges::find(renderer_.eos_ids(), piece.token_id) != renderer_.eos_ids().end()) return at;
    }
    throw InputError(cat(where,
                         ": the chat template writes no end-of-sequence token behind this answer; "
                         "check \"eos_token\" in tokenizer_config.json"));
  }

  const Renderer& renderer_;
  const Conversation& conversation_;
  const Pixels pixels_;
  Protector protector_;
  std::string marked_;  // the whole conversation with marks in place of the answers
  size_t done_ = 0;     // how much of it is in the prompt
  Prompt prompt_;
  std::vector<int64_t> labels_;
};

}  // namespace

AnswerSpan last_answer(std::span<const int64_t> labels) {
  size_t end = labels.size();
  while (end > 0 && labels[end - 1] == kIgnoredLabel) --end;
  size_t begin = end;
  while (begin > 0 && labels[begin - 1] != kIgnoredLabel) --begin;
  return {begin, end};
}

SupervisedPrompt supervise(const Renderer& renderer, const Conversation& conversation, Pixels pixels) {
  if (conversation.messages.empty() || conversation.messages.back().role != "assistant") {
    throw InputError("the last message must be the assistant's: it is what the model learns to write");
  }
  return Turns(renderer, conversation, pixels).run();
}

}  // namespace r1v
