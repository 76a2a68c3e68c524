// The forms of a preference line -> one question, two answers.
#include "data/preference_line.h"

#include <cmath>

#include "base/error.h"
#include "data/read_sft.h"

namespace r1v {
namespace {

std::string text_of_content(const Json& content, const std::string& place) {
  if (content.is_string()) return content.get<std::string>();
  if (!content.is_array()) {
    throw InputError(cat(place, ": \"content\" is ", content.type_name(), ", expected a text or a list of text parts"));
  }
  std::string text;
  for (const Json& part : content) {
    if (!part.is_object() || json_string(part, "type", place) != "text") {
      throw InputError(cat(place, ": an answer holds texts only"));
    }
    text += json_string(part, "text", place);
  }
  return text;
}

std::string answer_text(const Json& value, const std::string& key, const std::string& where) {
  std::string text;
  if (value.is_array()) {
    const std::string place = cat(where, " ", key, "[", value.empty() ? 0 : value.size() - 1, "]");
    if (value.empty() || !value.back().is_object() || json_string(value.back(), "role", place) != "assistant") {
      throw InputError(cat(where, ": \"", key, "\" does not end in a message of the assistant"));
    }
    text = text_of_content(json_at(value.back(), "content", place), place);
  } else if (value.is_string()) {
    text = value.get<std::string>();
  } else {
    throw InputError(cat(where, ": \"", key, "\" is ", value.type_name(), ", expected a text or a list of messages"));
  }
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw InputError(cat(where, ": \"", key, "\" is empty; both answers need text"));
  }
  return text;
}

Json all_but_last(const Json& messages) {
  Json rest = Json::array();
  for (size_t i = 0; i + 1 < messages.size(); ++i) rest.push_back(messages[i]);
  return rest;
}

Json question_of(const Json& line, const std::string& where) {
  const Json &chosen = json_at(line, "chosen", where), &rejected = json_at(line, "rejected", where);
  const bool in_answers = chosen.is_array() && rejected.is_array() && (chosen.size() > 1 || rejected.size() > 1);
  const bool named = line.contains("messages") || line.contains("conversations") || line.contains("prompt");
  if (named && in_answers) {
    throw InputError(cat(where, ": \"chosen\" and \"rejected\" repeat the question that stands beside them"));
  }
  if (!named && !in_answers) {
    throw InputError(cat(where, ": no question; expected \"messages\", \"conversations\" or \"prompt\""));
  }
  if (line.contains("messages") || line.contains("conversations")) return line;
  Json with_messages = line;
  if (line.contains("prompt")) {
    const Json& prompt = line["prompt"];
    if (!prompt.is_string() && !prompt.is_array()) {
      throw InputError(cat(where, ": \"prompt\" is ", prompt.type_name(), ", expected a text or a list of messages"));
    }
    with_messages["messages"] = prompt.is_array() ? prompt : Json::array({Json{{"role", "user"}, {"content", prompt}}});
    return with_messages;
  }
  with_messages["messages"] = all_but_last(chosen);
  if (with_messages["messages"] != all_but_last(rejected)) {
    throw InputError(cat(where, ": \"chosen\" and \"rejected\" answer different questions"));
  }
  return with_messages;
}

void expect_open_question(const Json& request, const std::string& where) {
  const Json& messages = request["messages"];
  if (messages.empty()) throw InputError(cat(where, ": \"messages\" is empty; expected a question"));
  const std::string place = cat(where, " messages[", messages.size() - 1, "]");
  if (!messages.back().is_object()) throw InputError(cat(place, ": no object; expected {\"role\", \"content\"}"));
  const std::string role = json_string(messages.back(), "role", place);
  if (role != "user" && role != "tool") {
    throw InputError(cat(place, ": the last message is of \"", printable(role),
                         "\"; expected the user's question, the answers stand in \"chosen\" and \"rejected\""));
  }
}

}  // namespace

PreferenceLine parse_preference_line(const Json& line, const std::string& where) {
  if (!line.is_object()) throw InputError(cat(where, ": found ", line.type_name(), ", expected an object"));
  PreferenceLine found;
  found.chosen = answer_text(json_at(line, "chosen", where), "chosen", where);
  found.rejected = answer_text(json_at(line, "rejected", where), "rejected", where);
  found.request = sft_request(question_of(line, where), where);
  expect_open_question(found.request, where);
  if (line.contains("margin") && !line["margin"].is_null()) {
    found.margin = json_number(line, "margin", where);
    if (!std::isfinite(*found.margin)) throw InputError(cat(where, ": \"margin\" is not finite"));
  }
  found.source = json_string_or(line, "source", "", where);
  const bool number = line.contains("answer") && line["answer"].is_number();
  found.answer = number ? dump_json(line["answer"]) : json_string_or(line, "answer", "", where);
  found.kind = json_string_or(line, "kind", "", where);
  return found;
}

Json answered_request(const PreferenceLine& line, const std::string& answer) {
  Json request = line.request;
  request["messages"].push_back({{"role", "assistant"}, {"content", answer}});
  request["add_generation_prompt"] = false;
  return request;
}

}  // namespace r1v
