// OpenAI-style JSON -> messages and decoded pictures.
#include "prompt/conversation.h"

#include <filesystem>

#include "base/error.h"
#include "base/file.h"
#include "prompt/data_url.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

void expect_user(const Message& message, const std::string& where) {
  if (message.role == "user") return;
  throw InputError(cat(where, ": a picture in a message of the ", message.role, "; only the user shows pictures"));
}

// Puts a decoded picture into the conversation and a part that names it into the message.
void add_picture(Conversation& conversation, Message& message, Picture picture, std::string name) {
  message.parts.push_back({.kind = Part::Kind::picture, .picture_index = conversation.pictures.size()});
  conversation.pictures.push_back(std::move(picture));
  conversation.picture_names.push_back(std::move(name));
}

void read_path(Conversation& conversation, Message& message, const std::string& path, const PictureAccess& access) {
  const fs::path file = access.restrict_to_root ? resolve_below(access.root, path) : fs::path(access.root) / path;
  add_picture(conversation, message, read_picture(file, access.limits), path);
}

void read_part(Conversation& conversation, Message& message, const Json& part, const PictureAccess& access,
               const std::string& where) {
  const std::string type = json_string(part, "type", where);
  if (type == "text") {
    message.parts.push_back({.text = json_string(part, "text", where)});
  } else if (type == "image") {
    expect_user(message, where);
    read_path(conversation, message, json_string(part, "path", where), access);
  } else if (type == "image_url") {
    expect_user(message, where);
    const Json& holder = json_at(part, "image_url", where);
    const std::string url = holder.is_string() ? holder.get<std::string>() : json_string(holder, "url", where);
    add_picture(conversation, message, decode_picture(decode_data_url(url, where), where, access.limits), "data URL");
  } else {
    throw InputError(cat(where, ": \"type\" is \"", printable(type), "\", expected text, image or image_url"));
  }
}

void read_content(Conversation& conversation, Message& message, const Json& content, const PictureAccess& access,
                  const std::string& where) {
  if (content.is_string()) {
    message.parts.push_back({.text = content.get<std::string>()});
    return;
  }
  if (!content.is_array()) {
    throw InputError(cat(where, ": \"content\" is ", content.type_name(), ", expected a string or a list of parts"));
  }
  message.content_was_list = true;
  for (size_t i = 0; i < content.size(); ++i) {
    read_part(conversation, message, content[i], access, cat(where, ".content[", i, "]"));
  }
}

Message read_message(Conversation& conversation, const Json& json, const PictureAccess& access,
                     const std::string& where) {
  Message message{.role = json_string(json, "role", where), .extra = Json::object()};
  const std::string& role = message.role;
  if (role != "system" && role != "user" && role != "assistant" && role != "tool") {
    throw InputError(cat(where, ": \"role\" is \"", printable(role), "\", expected system, user, assistant or tool"));
  }
  const bool calls_tools = role == "assistant" && json.contains("tool_calls");
  message.content_was_null = calls_tools && (!json.contains("content") || json.at("content").is_null());
  if (!message.content_was_null) {
    read_content(conversation, message, json_at(json, "content", where), access, where);
  }
  for (const auto& [key, value] : json.items()) {
    if (key != "role" && key != "content") message.extra[key] = value;
  }
  return message;
}

Json read_tools(const Json& request, const std::string& where) {
  const Json tools = request.contains("tools") ? request.at("tools") : Json();
  if (tools.is_null() || tools.is_array()) return tools;
  throw InputError(cat(where, ": \"tools\" is ", tools.type_name(), ", expected a list or null"));
}

Json read_template_kwargs(const Json& request, const std::string& where) {
  const Json kwargs = request.contains("template_kwargs") ? request.at("template_kwargs") : Json();
  if (!kwargs.is_null() && !kwargs.is_object()) {
    throw InputError(cat(where, ": \"template_kwargs\" is ", kwargs.type_name(), ", expected an object"));
  }
  for (const char* taken : {"messages", "tools", "add_generation_prompt"}) {
    if (kwargs.contains(taken)) {
      throw InputError(cat(where, ": \"template_kwargs\" holds \"", taken, "\"; that is a key of the request itself"));
    }
  }
  return kwargs;
}

}  // namespace

Conversation parse_conversation(const Json& request, const PictureAccess& access, const std::string& where) {
  const Json& messages = json_at(request, "messages", where);
  if (!messages.is_array() || messages.empty()) {
    throw InputError(cat(where, ": \"messages\" is ", messages.is_array() ? "empty" : messages.type_name(),
                         ", expected a list of at least one message"));
  }
  Conversation conversation{.add_generation_prompt = json_bool_or(request, "add_generation_prompt", true, where)};
  for (size_t i = 0; i < messages.size(); ++i) {
    conversation.messages.push_back(read_message(conversation, messages[i], access, cat(where, ": messages[", i, "]")));
  }
  conversation.tools = read_tools(request, where);
  conversation.template_kwargs = read_template_kwargs(request, where);
  return conversation;
}

}  // namespace r1v
