// A conversation with pictures, as OpenAI-style JSON describes it. Torch-free.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "io/picture.h"

namespace r1v {

/// A piece of a message: text, or the index of a picture in Conversation::pictures.
struct Part {
  enum class Kind { text, picture } kind = Kind::text;
  std::string text;
  size_t picture_index = 0;
};

struct Message {
  std::string role;  // system, user, assistant, tool
  std::vector<Part> parts;
  bool content_was_list = false;  // templates see the same shape that the request had
  bool content_was_null = false;  // null or absent: an assistant that only calls tools
  Json extra;                     // other keys (tool_calls, name), passed to the template untouched
};

struct Conversation {
  std::vector<Message> messages;
  std::vector<Picture> pictures;
  std::vector<std::string> picture_names;  // for messages: path, or "data URL"
  bool add_generation_prompt = true;
  Json tools;            // null or a list
  Json template_kwargs;  // null or an object
};

/// Where relative picture paths start, and whether anything outside may be opened.
struct PictureAccess {
  std::string root = ".";
  bool restrict_to_root = false;
  PictureLimits limits;
};

/// Reads a render request: {"messages": [...], "add_generation_prompt": true, "tools": null, "template_kwargs": {}}.
/// Pictures stand in user messages only, as {"type":"image","path":...} or as data URLs; nothing is fetched.
/// throws InputError naming the message and key.
Conversation parse_conversation(const Json& request, const PictureAccess& access, const std::string& where);

}  // namespace r1v
