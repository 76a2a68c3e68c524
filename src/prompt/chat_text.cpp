// Flattening of message parts.
#include "prompt/chat_text.h"

#include "base/error.h"

namespace r1v {
namespace {

constexpr std::string_view kMarker = "<image>";

size_t count_markers(std::string_view text) {
  size_t count = 0;
  for (size_t at = text.find(kMarker); at != std::string_view::npos; at = text.find(kMarker, at + kMarker.size())) ++count;
  return count;
}

// Text in which the markers stand for the message's pictures, in order.
std::string replace_markers(std::string_view text, const std::vector<size_t>& pictures, size_t& next, Protector& protector) {
  std::string out;
  for (size_t at = text.find(kMarker); at != std::string_view::npos; at = text.find(kMarker)) {
    out += protector.protect(text.substr(0, at)) + Protector::picture_mark(pictures[next++]);
    text.remove_prefix(at + kMarker.size());
  }
  return out + protector.protect(text);
}

std::string flatten(const Message& message, Protector& protector, const std::string& where) {
  std::vector<size_t> pictures;
  size_t markers = 0;
  for (const Part& part : message.parts) {
    if (part.kind == Part::Kind::picture) pictures.push_back(part.picture_index);
    else markers += count_markers(part.text);
  }
  const bool placed = !pictures.empty() && markers > 0;
  if (placed && markers != pictures.size()) {
    throw InputError(cat(where, ": the text has ", markers, " <image> markers but the message has ", pictures.size(),
                         " pictures; give one marker a picture, or none"));
  }
  std::string out;
  size_t next = 0;
  for (const Part& part : message.parts) {
    if (part.kind == Part::Kind::picture) out += placed ? "" : Protector::picture_mark(part.picture_index) + "\n";
    else if (placed) out += replace_markers(part.text, pictures, next, protector);
    else if (message.role == "assistant") out += protect_reply(part.text, protector);
    else out += protector.protect(part.text);
  }
  return out;
}

}  // namespace

std::string protect_reply(std::string_view text, Protector& protector) {
  std::string out;
  while (!text.empty()) {
    const size_t open = text.find("<think>"), close = text.find("</think>");
    const size_t tag = std::min(open, close);
    out += protector.protect(text.substr(0, tag));
    if (tag == std::string_view::npos) break;
    const size_t length = tag == open ? 7 : 8;
    out += text.substr(tag, length);
    text.remove_prefix(tag + length);
  }
  return out;
}

std::string config_token(const Json& tokenizer_config, const char* key) {
  if (!tokenizer_config.is_object() || !tokenizer_config.contains(key)) return "";
  const Json& token = tokenizer_config.at(key);
  if (token.is_string()) return token.get<std::string>();
  return token.is_object() ? json_string_or(token, "content", "", "tokenizer_config.json") : "";
}

Json template_variables(const Conversation& conversation, Protector& protector, const Json& tokenizer_config) {
  Json messages = Json::array();
  for (size_t i = 0; i < conversation.messages.size(); ++i) {
    const Message& message = conversation.messages[i];
    Json entry = {{"role", message.role}, {"content", flatten(message, protector, cat("messages[", i, "]"))}};
    if (message.extra.is_object()) entry.update(message.extra);
    messages.push_back(std::move(entry));
  }
  Json variables = {{"messages", std::move(messages)},
                    {"add_generation_prompt", conversation.add_generation_prompt},
                    {"tools", conversation.tools},
                    {"bos_token", config_token(tokenizer_config, "bos_token")},
                    {"eos_token", config_token(tokenizer_config, "eos_token")}};
  if (conversation.template_kwargs.is_object()) variables.update(conversation.template_kwargs);
  return variables;
}

}  // namespace r1v
