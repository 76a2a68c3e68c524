// Edits two JSON files.
#include "recipes/picture_tokens.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "text/tokenizer.h"

namespace r1v {
namespace {

int64_t highest_id(const Json& tokenizer) {
  int64_t highest = -1;
  for (const auto& [token, id] : tokenizer.at("model").at("vocab").items())
    highest = std::max(highest, id.get<int64_t>());
  for (const Json& token : tokenizer.at("added_tokens")) highest = std::max(highest, token.at("id").get<int64_t>());
  return highest;
}

int64_t find_token(const Json& tokenizer, const std::string& content) {
  for (const Json& token : tokenizer.at("added_tokens")) {
    if (token.value("content", "") == content) return token.at("id").get<int64_t>();
  }
  return -1;
}

}  // namespace

std::map<std::string, int64_t> add_picture_tokens(const std::filesystem::path& folder, const ModelConfig& vision,
                                                  int64_t vocab_size) {
  const bool is_qwen = vision.qwen_vision.has_value();
  const std::vector<std::string> wanted =
      is_qwen ? std::vector<std::string>{"<|vision_start|>", "<|vision_end|>", "<|image_pad|>"}
              : std::vector<std::string>{"<img>", "</img>", "<IMG_CONTEXT>"};
  const std::filesystem::path path = folder / "tokenizer.json";
  if (!std::filesystem::exists(path)) {
    throw InputError("--language has no tokenizer.json, into which picture tokens could be written");
  }
  Tokenizer::load(path);  // refuses, by name, whatever the lines below take for granted
  Json tokenizer = read_json_file(path);
  const bool is_known = tokenizer.is_object() && tokenizer.contains("model") && tokenizer["model"].contains("vocab") &&
                        tokenizer["model"]["vocab"].is_object() && tokenizer.contains("added_tokens") &&
                        tokenizer["added_tokens"].is_array();
  if (!is_known) throw InputError(cat(path.string(), ": expected \"model\" with \"vocab\", and \"added_tokens\""));
  std::map<std::string, int64_t> added;
  int64_t next = highest_id(tokenizer) + 1;
  for (const std::string& content : wanted) {
    if (find_token(tokenizer, content) >= 0) continue;
    if (next >= vocab_size) {
      throw InputError(cat("--language: its tokenizer lacks ", content, " and its embedding has no free row (",
                           vocab_size, " rows, all named); take a language model with a padded vocabulary"));
    }
    tokenizer["added_tokens"].push_back({{"id", next},
                                         {"content", content},
                                         {"single_word", false},
                                         {"lstrip", false},
                                         {"rstrip", false},
                                         {"normalized", false},
                                         {"special", true}});
    added[content] = next++;
  }
  if (!added.empty()) write_file_atomic(path, dump_json(tokenizer));
  if (is_qwen) {
    Json config = read_json_file(folder / "config.json");
    config["image_token_id"] = find_token(tokenizer, "<|image_pad|>");
    config["vision_start_token_id"] = find_token(tokenizer, "<|vision_start|>");
    write_file_atomic(folder / "config.json", dump_json_pretty(config) + "\n");
  }
  return added;
}

}  // namespace r1v
