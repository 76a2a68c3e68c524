// Message parts to the contents that templates see.
#include "prompt/chat_text.h"

#include <algorithm>

#include "base/error.h"

namespace r1v {

size_t count_markers(std::string_view text) {
  size_t count = 0;
  size_t at = text.find(kPictureMarker);
  for (; at != std::string_view::npos; at = text.find(kPictureMarker, at + kPictureMarker.size())) ++count;
  return count;
}

namespace {

// The pictures of one message on their way into its text.
class MessagePictures {
 public:
  MessagePictures(const Message& message, const std::string& where) {
    size_t markers = 0;
    for (const Part& part : message.parts) {
      if (part.kind == Part::Kind::picture) {
        pictures_.push_back(part.picture_index);
      } else {
        markers += count_markers(part.text);
      }
    }
    named_by_text_ = !pictures_.empty() && markers > 0;
    if (named_by_text_ && markers != pictures_.size()) {
      throw InputError(cat(where, ": the text has ", markers, " <image> markers but the message has ", pictures_.size(),
                           " pictures; give one marker a picture, or none"));
    }
  }

  /// The text of one part, protected, with pictures at its markers.
  std::string text(const Part& part, const Message& message, Protector& protector) {
    if (part.kind == Part::Kind::picture) {
      return named_by_text_ ? "" : Protector::picture_mark(part.picture_index) + "\n";
    }
    if (message.role == "assistant") return protector.protect_reply(part.text);
    if (!named_by_text_) return protector.protect(part.text);
    std::string out;
    std::string_view rest = part.text;
    for (size_t at = rest.find(kPictureMarker); at != std::string_view::npos; at = rest.find(kPictureMarker)) {
      out += protector.protect(rest.substr(0, at)) + Protector::picture_mark(pictures_[next_++]);
      rest.remove_prefix(at + kPictureMarker.size());
    }
    return out + protector.protect(rest);
  }

 private:
  std::vector<size_t> pictures_;
  bool named_by_text_ = false;
  size_t next_ = 0;
};

Json content_of(const Message& message, Protector& protector, ContentShapes shapes, const std::string& where) {
  if (message.content_was_null) return nullptr;
  const bool as_parts = message.content_was_list ? shapes.parts : !shapes.text && shapes.parts;
  MessagePictures pictures(message, where);
  std::string text;
  Json parts = Json::array();
  for (const Part& part : message.parts) {
    const std::string piece = pictures.text(part, message, protector);
    if (as_parts) {
      parts.push_back({{"type", "text"}, {"text", piece}});
    } else {
      text += piece;
    }
  }
  return as_parts ? parts : Json(text);
}

Json message_variables(const Message& message, Protector& protector, ContentShapes shapes, const std::string& where) {
  Json entry = {{"role", message.role}, {"content", content_of(message, protector, shapes, where)}};
  if (!message.extra.is_object()) return entry;
  for (const auto& [key, value] : message.extra.items()) {
    const bool is_reasoning = std::ranges::find(kReasoningKeys, key) != std::end(kReasoningKeys);
    const bool is_own_text = is_reasoning && message.role == "assistant" && value.is_string();
    entry[key] = protector.protect_json(value);
    if (is_own_text) entry[key] = protector.protect_reply(value.get_ref<const std::string&>());
  }
  return entry;
}

Json shared_variables(const Json& tokenizer_config) {
  return {{"bos_token", config_token(tokenizer_config, "bos_token")},
          {"eos_token", config_token(tokenizer_config, "eos_token")}};
}

}  // namespace

std::string config_token(const Json& tokenizer_config, const char* key) {
  if (!tokenizer_config.is_object() || !tokenizer_config.contains(key)) return "";
  const Json& token = tokenizer_config.at(key);
  if (token.is_string()) return token.get<std::string>();
  return token.is_object() ? json_string_or(token, "content", "", "tokenizer_config.json") : "";
}

ContentShapes probe_content_shapes(const ChatTemplate& chat_template, const Json& tokenizer_config) {
  static constexpr const char* kQuestion = "what-is-this";
  const auto prints = [&](const Json& content) {
    Json variables = shared_variables(tokenizer_config);
    variables["messages"] = Json::array({{{"role", "user"}, {"content", content}}});
    variables["add_generation_prompt"] = true;
    variables["tools"] = nullptr;
    try {
      const std::string text = chat_template.render(variables);
      // A list that is printed as a whole shows its keys.
      return text.find(kQuestion) != std::string::npos && text.find("'type'") == std::string::npos &&
             text.find("\"type\"") == std::string::npos;
    } catch (const InputError&) {
      return false;  // the template refuses this shape
    }
  };
  return {.text = prints(kQuestion), .parts = prints(Json::array({{{"type", "text"}, {"text", kQuestion}}}))};
}

Json template_variables(const Conversation& conversation, Protector& protector, const Json& tokenizer_config,
                        ContentShapes shapes, Replies replies) {
  Json messages = Json::array();
  for (size_t i = 0; i < conversation.messages.size(); ++i) {
    Message message = conversation.messages[i];
    const bool is_marked = replies == Replies::as_marks && message.role == "assistant";
    if (is_marked) {
      message.parts.clear();
      message.content_was_null = false;
      if (message.extra.is_object()) {
        for (const char* key : kReasoningKeys) message.extra.erase(key);
      }
    }
    Json entry = message_variables(message, protector, shapes, cat("messages[", i, "]"));
    if (is_marked) {
      const std::string mark = Protector::reply_mark(i);
      entry["content"] = entry["content"].is_array() ? Json::array({{{"type", "text"}, {"text", mark}}}) : Json(mark);
    }
    messages.push_back(std::move(entry));
  }
  Json variables = shared_variables(tokenizer_config);
  variables["messages"] = std::move(messages);
  variables["add_generation_prompt"] = conversation.add_generation_prompt;
  variables["tools"] = protector.protect_json(conversation.tools);
  if (conversation.template_kwargs.is_object()) variables.update(protector.protect_json(conversation.template_kwargs));
  return variables;
}

}  // namespace r1v
