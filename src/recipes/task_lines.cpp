// The layouts of supervised data and of questions, read as tasks.
#include "recipes/task_lines.h"

#include "base/error.h"
#include "data/read_sft.h"
#include "prompt/chat_text.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

/// The text of an assistant's message, thoughts that stand under a key of their own in tags before it.
std::string solution_text(const Json& message, const std::string& where) {
  const Json& content = json_at(message, "content", where);
  std::string text;
  for (const Json& part : content.is_array() ? content : Json::array({Json{{"type", "text"}, {"text", content}}})) {
    if (!part.is_object() || json_string(part, "type", where) != "text") {
      throw InputError(cat(where, ": the last answer holds something that is no text"));
    }
    text += json_string(part, "text", where);
  }
  for (const char* key : kReasoningKeys) {
    const std::string thoughts = json_string_or(message, key, "", where);
    if (!thoughts.empty()) return cat("<think>\n", thoughts, "\n</think>\n\n", text);
  }
  return text;
}

/// A gold answer may be written as a number.
std::string gold_answer(const Json& json, const std::string& where) {
  if (json.contains("answer") && json["answer"].is_number()) return dump_json(json["answer"]);
  return json_string_or(json, "answer", "", where);
}

std::string line_id(const Json& json, const std::string& where) {
  if (!json.contains("id") || json["id"].is_null()) return "";
  return json["id"].is_number() ? dump_json(json["id"]) : json_string(json, "id", where);
}

void erase_all(std::string& text, const std::string& marker) {
  for (size_t at = text.find(marker); at != std::string::npos; at = text.find(marker, at)) {
    text.erase(at, marker.size());
    if (at == 0 && text.starts_with('\n')) text.erase(0, 1);
  }
}

bool is_text(const Json& part) { return part.is_object() && part.contains("type") && part["type"] == "text"; }

fs::path absolute_folder(const fs::path& folder) { return fs::weakly_canonical(folder); }

}  // namespace

TaskLine parse_task_line(const Json& json, const std::string& where) {
  if (json.is_object() && json.contains("input_ids")) {
    throw InputError(cat(where, ": holds \"input_ids\"; a line that is asked needs its question as \"messages\""));
  }
  TaskLine line{.json = json, .request = sft_request(json, where), .where = where};
  Json& messages = line.request["messages"];
  if (messages.empty() || !messages.back().is_object()) throw InputError(cat(where, ": \"messages\" ends in nothing"));
  if (json_string(messages.back(), "role", where) == "assistant") {
    line.solution = solution_text(messages.back(), where);
    messages.erase(messages.end() - 1);
    if (messages.empty()) throw InputError(cat(where, ": \"messages\" holds an answer and no question"));
  }
  line.request["add_generation_prompt"] = true;
  line.id = line_id(json, where);
  line.kind = json_string_or(json, "kind", "", where);
  answer_kind(line.kind);  // a kind that is none is refused here, with its place
  line.gold = gold_answer(json, where);
  if (line.gold.empty() && !line.solution.empty()) line.gold = extract_answer(line.solution);
  return line;
}

bool TaskLine::has_pictures() const {
  for (const Json& message : request["messages"]) {
    if (!message.contains("content") || !message["content"].is_array()) continue;
    for (const Json& part : message["content"]) {
      if (!is_text(part)) return true;
    }
  }
  return false;
}

std::string TaskLine::question_text() const {
  std::string text;
  const Json bare = without_pictures(request);
  for (const Json& message : bare["messages"]) {
    if (!message.contains("content")) continue;
    const Json& content = message["content"];
    for (const Json& part : content.is_array() ? content : Json::array({Json{{"type", "text"}, {"text", content}}})) {
      if (is_text(part)) text += json_string_or(part, "text", "", where) + "\n";
    }
  }
  return text;
}

PairsLine TaskLine::judged(const std::string& answer) const {
  PreferenceLine parsed{.request = request, .chosen = answer, .answer = gold, .kind = kind};
  return {.json = json, .parsed = std::move(parsed), .root = root, .where = where};
}

Json without_pictures(const Json& request) {
  Json bare = request;
  for (Json& message : bare["messages"]) {
    if (!message.contains("content") || !message["content"].is_array()) continue;
    Json parts = Json::array();
    for (const Json& part : message["content"]) {
      if (!is_text(part)) continue;
      std::string text = json_string_or(part, "text", "", "a part of the question");
      erase_all(text, std::string(kPictureMarker));
      parts.push_back({{"type", "text"}, {"text", text}});
    }
    message["content"] = parts;
  }
  return bare;
}

TaskLines::TaskLines(TaskLinesOptions options) : options_(std::move(options)), lines_(options_.files) {
  for (int64_t index = 0; index < lines_.size(); ++index) {
    try {
      line(index);
      good_.push_back(index);
    } catch (const InputError&) {
      if (!options_.skip_bad) throw;
      ++num_bad_;
    }
  }
  if (good_.empty()) {
    throw InputError(cat(options_.files.front().string(), ": no usable line among ", lines_.size(),
                         "; expected JSON lines, see docs/formats.md"));
  }
}

TaskLine TaskLines::line(int64_t index) const {
  const std::string where = lines_.where(index);
  TaskLine line = parse_task_line(parse_json(lines_.text(index), where), where);
  line.index = index;
  if (line.id.empty()) line.id = cat(index + 1);
  line.root = options_.images_root.value_or(folder_of(lines_.file(index)));
  return line;
}

fs::path TaskLines::common_root() const {
  if (options_.images_root) return *options_.images_root;
  fs::path common = absolute_folder(folder_of(options_.files.front()));
  for (const fs::path& file : options_.files) {
    const fs::path folder = absolute_folder(folder_of(file));
    while (*folder.lexically_relative(common).begin() == "..") common = common.parent_path();
  }
  return common;
}

Json TaskLines::moved(const TaskLine& line) const {
  Json json = line.json;
  move_pictures(json, line.root, common_root());
  return json;
}

}  // namespace r1v
