// Fields by name; what has no place of its own is kept as text.
#include "report/sample.h"

#include <cmath>
#include <cstdio>
#include <set>

#include "base/error.h"

namespace r1v {
namespace {

std::optional<double> number_in(const Json& line, const char* key) {
  const auto found = line.find(key);
  if (found == line.end() || !found->is_number() || !std::isfinite(found->get<double>())) return std::nullopt;
  return found->get<double>();
}

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_number_float()) return dump_json(value);
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value.get<double>());
  return text;
}

std::string text_in(const Json& line, const char* key) {
  const auto found = line.find(key);
  return found == line.end() || found->is_null() ? std::string() : text_of(*found);
}

// "image": path, "images": [path or {"path": ...}, ...]
void add_pictures(const Json& value, std::vector<std::string>& paths) {
  if (value.is_string()) {
    paths.push_back(value.get<std::string>());
  } else if (value.is_array()) {
    for (const Json& part : value) add_pictures(part, paths);
  } else if (value.is_object() && value.contains("path")) {
    add_pictures(value.at("path"), paths);
  }
}

// "<A><A><A>" -> "<A> x3"
std::string without_token_runs(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const size_t end = text[i] == '<' ? text.find('>', i) : std::string_view::npos;
    if (end == std::string_view::npos || end - i > 40) {
      out += text[i++];
      continue;
    }
    const std::string_view token = text.substr(i, end - i + 1);
    size_t count = 0;
    while (text.substr(i).starts_with(token)) {
      i += token.size();
      ++count;
    }
    out += token;
    if (count > 1) out += cat(" x", count, " ");
  }
  return out;
}

const std::set<std::string> kPlaced = {"step",   "id",     "question", "text",      "scored",   "answer", "extracted",
                                       "reward", "length", "tokens",   "advantage", "accuracy", "format"};

}  // namespace

std::string shown_prompt(std::string_view prompt) {
  struct Marks {
    std::string_view begin, end;
  };
  for (const auto& [begin, end] :
       {Marks{"<|im_start|>user\n", "<|im_end|>"}, Marks{"<\uff5cUser\uff5c>", "<\uff5cAssistant\uff5c>"}}) {
    const size_t at = prompt.rfind(begin);
    if (at == std::string_view::npos) continue;
    prompt = prompt.substr(at + begin.size());
    prompt = prompt.substr(0, prompt.find(end));
    break;
  }
  return without_token_runs(prompt);
}

SampleLine read_sample(const Json& line) {
  SampleLine sample;
  sample.step = number_in(line, "step");
  sample.id = text_in(line, line.contains("id") ? "id" : "sample");
  sample.question = shown_prompt(text_in(line, "question"));
  sample.text = line.contains("question") ? text_in(line, "text") : without_token_runs(text_in(line, "text"));
  sample.scored = text_in(line, "scored");
  sample.gold = text_in(line, "answer");
  sample.extracted = text_in(line, "extracted");
  sample.is_judged = line.contains("reward") || line.contains("accuracy");
  sample.reward = number_in(line, "reward");
  sample.accuracy = number_in(line, "accuracy");
  sample.format = number_in(line, "format");
  sample.advantage = number_in(line, "advantage");
  sample.length = number_in(line, line.contains("length") ? "length" : "tokens");
  const std::string ending = "_reason";
  for (const auto& [name, value] : line.items()) {
    const bool is_picture = name == "image" || name == "images" || name == "picture" || name == "pictures";
    if (is_picture && !value.is_number()) {
      add_pictures(value, sample.pictures);
    } else if (name.ends_with(ending)) {
      sample.reasons.emplace_back(name.substr(0, name.size() - ending.size()), text_of(value));
    } else if (!kPlaced.contains(name) && !value.is_null()) {
      sample.others.emplace_back(name, text_of(value));
    }
  }
  return sample;
}

}  // namespace r1v
