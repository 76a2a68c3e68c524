// Reads the tokenizer's JSON files as they are: texts stay in the byte alphabet, which GGUF uses too.
#include "models/gguf_tokenizer.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/json_reader.h"
#include "io/gguf_pretokenizers.h"
#include "models/config.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

// Values of tokenizer.ggml.token_type.
constexpr int32_t kNormal = 1, kControl = 3, kUserDefined = 4, kUnused = 5;

struct Tokens {
  std::vector<std::string> texts;  // by id
  std::vector<int32_t> types;
  std::vector<std::string> merges;
  std::string pre;

  void set(int64_t id, const std::string& text, int32_t type, const std::string& where) {
    if (id < 0 || id >= static_cast<int64_t>(texts.size())) {
      throw InputError(cat(where, ": token \"", printable(text), "\" has id ", id, ", expected 0 to ", texts.size() - 1,
                           ", the rows of the embeddings"));
    }
    texts[static_cast<size_t>(id)] = text;
    types[static_cast<size_t>(id)] = type;
  }
};

Json read_optional(const fs::path& file) { return fs::exists(file) ? read_json_file(file) : Json::object(); }

void add_vocabulary(const Json& vocabulary, Tokens& tokens, const std::string& where) {
  if (!vocabulary.is_object()) {
    throw InputError(cat(where, ": the vocabulary is ", vocabulary.type_name(), ", expected an object of token: id"));
  }
  for (const auto& [text, id] : vocabulary.items()) {
    if (!id.is_number_integer()) {
      throw InputError(cat(where, ": token \"", printable(text), "\" has ", id.type_name(), " as id"));
    }
    tokens.set(id.get<int64_t>(), text, kNormal, where);
  }
}

void add_added(int64_t id, const Json& entry, Tokens& tokens, const std::string& where) {
  const bool is_special = json_bool_or(entry, "special", false, where);
  tokens.set(id, json_string(entry, "content", where), is_special ? kControl : kUserDefined, where);
}

void read_tokenizer_json(const fs::path& path, Tokens& tokens) {
  const std::string where = path.string();
  const Json json = read_json_file(path);
  const Json& model = json_at(json, "model", where);
  if (json_string_or(model, "type", "BPE", where) != "BPE") throw InputError(cat(where, ": the model is not BPE"));
  add_vocabulary(json_at(model, "vocab", where), tokens, where);
  for (const Json& merge : json_at(model, "merges", where)) {
    const bool is_pair = merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string();
    if (!is_pair && !merge.is_string()) {
      throw InputError(cat(where, ": a merge is ", printable(dump_json(merge)), ", expected two tokens"));
    }
    tokens.merges.push_back(is_pair ? merge[0].get<std::string>() + " " + merge[1].get<std::string>()
                                    : merge.get<std::string>());
  }
  tokens.pre = gguf_pretokenizer_name(json_at(json, "pre_tokenizer", where), where);
  if (!json.contains("added_tokens")) return;
  for (const Json& entry : json.at("added_tokens")) add_added(json_int(entry, "id", where), entry, tokens, where);
}

void read_vocab_and_merges(const fs::path& folder, const Json& config, Tokens& tokens) {
  const std::string name = json_string_or(config, "tokenizer_class", "", (folder / "tokenizer_config.json").string());
  if (!name.starts_with("Qwen2Tokenizer")) {
    throw InputError(cat(folder.string(), ": no tokenizer.json, and tokenizer_class is \"", printable(name),
                         "\"; expected tokenizer.json or Qwen2Tokenizer"));
  }
  tokens.pre = "qwen2";
  add_vocabulary(read_json_file(folder / "vocab.json"), tokens, (folder / "vocab.json").string());
  const std::string merges = read_file(folder / "merges.txt");
  for (size_t at = 0; at < merges.size();) {
    const size_t end = std::min(merges.find('\n', at), merges.size());
    std::string line = merges.substr(at, end - at);
    at = end + 1;
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty() && !line.starts_with("#version")) tokens.merges.push_back(std::move(line));
  }
}

// Tokens that only tokenizer_config.json names.
void add_from_config(const Json& config, const std::string& where, Tokens& tokens) {
  const auto entries = config.find("added_tokens_decoder");
  if (entries == config.end() || !entries->is_object()) return;
  for (const auto& [key, entry] : entries->items()) {
    JsonReader number(key, where);
    const int64_t id = number.integer();
    number.end();
    add_added(id, entry, tokens, where);
  }
}

Tokens read_tokens(const fs::path& folder, const Json& config, int64_t num_rows) {
  Tokens tokens;
  tokens.types.assign(static_cast<size_t>(num_rows), kUnused);
  for (int64_t id = 0; id < num_rows; ++id) tokens.texts.push_back(cat("[PAD", id, "]"));
  if (fs::exists(folder / "tokenizer.json")) {
    read_tokenizer_json(folder / "tokenizer.json", tokens);
  } else {
    read_vocab_and_merges(folder, config, tokens);
  }
  add_from_config(config, (folder / "tokenizer_config.json").string(), tokens);
  return tokens;
}

// A token's text: a string, or an object with "content"; "" when there is none.
std::string token_text(const Json& config, const char* key) {
  if (!config.contains(key)) return "";
  const Json& value = config.at(key);
  if (value.is_string()) return value.get<std::string>();
  return value.is_object() && value.contains("content") ? json_string(value, "content", "tokenizer_config.json") : "";
}

void add_token_id(const Json& config, const Tokens& tokens, const char* name, const std::string& key,
                  GgufMetadata& metadata) {
  const std::string text = token_text(config, name);
  const auto it = std::ranges::find(tokens.texts, text);
  if (text.empty() || it == tokens.texts.end()) return;
  metadata.add_u32(key, static_cast<uint32_t>(it - tokens.texts.begin()));
}

// The end that tokenizer_config names first; another that generation_config names becomes the end of a turn.
void add_ends(const fs::path& folder, const Json& config, const Tokens& tokens, GgufMetadata& metadata) {
  std::vector<int64_t> ids = read_generation_config(folder).eos_token_ids;
  const auto it = std::ranges::find(tokens.texts, token_text(config, "eos_token"));
  if (it != tokens.texts.end()) {
    const int64_t first = it - tokens.texts.begin();
    std::erase(ids, first);
    ids.insert(ids.begin(), first);
  }
  const char* keys[] = {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"};
  for (size_t i = 0; i < std::min(ids.size(), std::size(keys)); ++i) {
    metadata.add_u32(keys[i], static_cast<uint32_t>(ids[i]));
  }
}

// chat_template.jinja, or tokenizer_config.json's: a string, or a list with one named "default". "" for none.
std::string chat_template(const fs::path& folder, const Json& config) {
  if (fs::exists(folder / "chat_template.jinja")) return read_file(folder / "chat_template.jinja");
  if (!config.contains("chat_template")) return "";
  const Json& value = config.at("chat_template");
  const std::string where = cat((folder / "tokenizer_config.json").string(), " (chat_template)");
  if (value.is_string()) return value.get<std::string>();
  for (const Json& named : value.is_array() ? value : Json::array()) {
    if (json_string(named, "name", where) == "default") return json_string(named, "template", where);
  }
  return "";
}

}  // namespace

void add_tokenizer(const fs::path& model, int64_t num_rows, GgufMetadata& metadata) {
  if (is_gguf(model)) {
    const GgufFile source(model);
    for (const auto& [key, value] : source.metadata()) {
      if (key.starts_with("tokenizer.")) metadata.add(key, value);
    }
    return;
  }
  const Json config = read_optional(model / "tokenizer_config.json");
  const Tokens tokens = read_tokens(model, config, num_rows);
  metadata.add_text("tokenizer.ggml.model", "gpt2");
  metadata.add_text("tokenizer.ggml.pre", tokens.pre);
  metadata.add_texts("tokenizer.ggml.tokens", tokens.texts);
  metadata.add_i32s("tokenizer.ggml.token_type", tokens.types);
  metadata.add_texts("tokenizer.ggml.merges", tokens.merges);
  add_token_id(config, tokens, "bos_token", "tokenizer.ggml.bos_token_id", metadata);
  add_ends(model, config, tokens, metadata);
  add_token_id(config, tokens, "pad_token", "tokenizer.ggml.padding_token_id", metadata);
  metadata.add_bool("tokenizer.ggml.add_bos_token", false);  // chat templates write it themselves
  if (const std::string text = chat_template(model, config); !text.empty()) {
    metadata.add_text("tokenizer.chat_template", text);
  }
}

}  // namespace r1v
