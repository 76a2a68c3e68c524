// Layouts of other tools -> render requests.
#include "base/error.h"
#include "data/read_sft.h"
#include "prompt/chat_text.h"

namespace r1v {
namespace {

std::string role_of(const std::string& from, const std::string& where) {
  if (from == "human" || from == "user") return "user";
  if (from == "gpt" || from == "assistant") return "assistant";
  if (from == "system") return "system";
  if (from == "tool" || from == "observation") return "tool";
  throw InputError(cat(where, ": \"from\" is \"", printable(from), "\", expected human, gpt, system or tool"));
}

Json turns_to_messages(const Json& line, const std::string& where) {
  const Json& turns = json_at(line, "conversations", where);
  if (!turns.is_array()) throw InputError(cat(where, ": \"conversations\" is no list"));
  Json messages = Json::array();
  if (const std::string system = json_string_or(line, "system", "", where); !system.empty()) {
    messages.push_back({{"role", "system"}, {"content", system}});
  }
  for (size_t i = 0; i < turns.size(); ++i) {
    const std::string place = cat(where, " conversations[", i, "]");
    if (!turns[i].is_object()) throw InputError(cat(place, ": no object; expected {\"from\", \"value\"}"));
    messages.push_back({{"role", role_of(json_string(turns[i], "from", place), place)},
                        {"content", json_string(turns[i], "value", place)}});
  }
  return messages;
}

std::vector<std::string> picture_paths(const Json& line, const std::string& where) {
  std::vector<std::string> paths;
  for (const char* key : {"image", "images"}) {
    const auto found = line.find(key);
    if (found == line.end() || found->is_null()) continue;
    const Json list = found->is_array() ? *found : Json::array({*found});
    for (const Json& path : list) {
      if (!path.is_string()) {
        throw InputError(cat(where, ": \"", key, "\" holds ", path.type_name(), ", expected paths"));
      }
      paths.push_back(path.get<std::string>());
    }
  }
  return paths;
}

// Puts the next `count` pictures in front of the message's text; the renderer moves them to the text's markers.
void give_pictures(Json& message, const std::vector<std::string>& paths, size_t& next, size_t count) {
  Json content = Json::array();
  for (size_t i = 0; i < count; ++i) content.push_back({{"type", "image"}, {"path", paths[next++]}});
  if (message["content"].is_array()) {
    for (const Json& part : message["content"]) content.push_back(part);
  } else {
    content.push_back({{"type", "text"}, {"text", message["content"]}});
  }
  message["content"] = std::move(content);
}

// Anything may stand there; what is no message at all is refused when the conversation is read.
bool is_user(const Json& message) {
  return message.is_object() && message.contains("role") && message.at("role") == Json("user");
}

void place_pictures(Json& messages, const std::vector<std::string>& paths, const std::string& where) {
  size_t markers = 0, next = 0;
  Json* first_user = nullptr;
  for (Json& message : messages) {
    if (!is_user(message) || !message.contains("content")) continue;
    if (first_user == nullptr) first_user = &message;
    if (message["content"].is_string()) markers += count_markers(message["content"].get_ref<const std::string&>());
  }
  if (first_user == nullptr) throw InputError(cat(where, ": pictures but no user message to hold them"));
  if (markers == 0) return give_pictures(*first_user, paths, next, paths.size());
  if (markers != paths.size()) {
    throw InputError(cat(where, ": ", paths.size(), " pictures but ", markers, " <image> markers in the user's text"));
  }
  for (Json& message : messages) {
    if (!is_user(message) || !message["content"].is_string()) continue;
    const size_t count = count_markers(message["content"].get_ref<const std::string&>());
    if (count > 0) give_pictures(message, paths, next, count);
  }
}

}  // namespace

Json sft_request(const Json& line, const std::string& where) {
  if (!line.is_object()) throw InputError(cat(where, ": found ", line.type_name(), ", expected an object"));
  Json request = Json::object();
  if (line.contains("messages"))
    request["messages"] = line["messages"];
  else if (line.contains("conversations"))
    request["messages"] = turns_to_messages(line, where);
  else
    throw InputError(cat(where, ": neither \"messages\", \"conversations\" nor \"input_ids\""));
  if (!request["messages"].is_array()) throw InputError(cat(where, ": \"messages\" is no list"));
  const std::vector<std::string> paths = picture_paths(line, where);
  if (!paths.empty()) place_pictures(request["messages"], paths, where);
  for (const char* key : {"tools", "template_kwargs"}) {
    if (line.contains(key)) request[key] = line[key];
  }
  request["add_generation_prompt"] = false;
  return request;
}

}  // namespace r1v
