// Vocabulary and merges go through a pull reader (11 MB in well under 0.15 s), the small rest through the JSON tree.
#include "text/tokenizer_file.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/json_reader.h"
#include "text/merge_list.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxFileBytes = size_t{256} << 20;

void read_vocabulary(JsonReader& reader, TokenizerFile& file, const std::string& where) {
  std::string_view text;
  std::string bytes;
  reader.enter_object();
  while (reader.next_key(text)) {
    if (bytes_from_alphabet(text, bytes)) {
      file.vocabulary.add(reader.integer(), bytes, where);
    } else {  // an added token that the vocabulary repeats: merging bytes can never make it
      file.vocabulary.set_bytes(reader.integer(), text, where);
    }
  }
}

void read_merges(JsonReader& reader, TokenizerFile& file, const std::string& where) {
  MergeList merges(where);
  std::string left;
  reader.enter_array();
  while (reader.next_element()) {
    if (reader.peek() == '"') {
      merges.add(reader.string());
      continue;
    }
    reader.enter_array();
    if (!reader.next_element()) throw InputError(cat(where, ": an empty merge, expected two tokens"));
    left = reader.string();
    if (!reader.next_element()) throw InputError(cat(where, ": a merge of one token, expected two"));
    merges.add(left, reader.string());
    if (reader.next_element()) throw InputError(cat(where, ": a merge of more than two tokens"));
  }
  merges.resolve(file.vocabulary, file.merges);
}

// What else the model says must not change the meaning of vocabulary and merges.
void check_model(const Json& rest, bool has_vocabulary, bool has_merges, const std::string& where) {
  const std::string type = json_string_or(rest, "type", "BPE", where);
  if (type != "BPE" || !has_vocabulary || !has_merges) {
    throw InputError(cat(where, ": a model of type \"", printable(type), "\"", has_vocabulary ? "" : " without vocab",
                         has_merges ? "" : " without merges", ", expected BPE with vocab and merges"));
  }
  for (const char* name : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    const std::string value = json_string_or(rest, name, "", where);
    if (!value.empty()) throw InputError(cat(where, ": ", name, " \"", printable(value), "\", expected none"));
  }
  if (json_number_or(rest, "dropout", 0, where) != 0) {
    throw InputError(cat(where, ": BPE dropout is set, expected none"));
  }
}

void read_model(JsonReader& reader, TokenizerFile& file, const std::string& where) {
  std::string_view key;
  std::string_view late_merges;  // written before the vocabulary
  bool has_vocabulary = false, has_merges = false;
  Json rest = Json::object();
  reader.enter_object();
  while (reader.next_key(key)) {
    const std::string name(key);
    if (name == "vocab" && reader.peek() == '{' && !has_vocabulary) {
      read_vocabulary(reader, file, where);
      has_vocabulary = true;
    } else if (name == "merges" && has_vocabulary) {
      read_merges(reader, file, where);
      has_merges = true;
    } else if (name == "merges") {
      late_merges = reader.raw();
    } else if (name == "vocab") {
      throw InputError(cat(where, ": \"vocab\" is not one object of token: id, expected byte-level BPE"));
    } else {
      rest[name] = parse_json(reader.raw(), cat(where, " (", name, ")"));
    }
  }
  if (!late_merges.empty() && has_vocabulary) {
    JsonReader again(late_merges, where);
    read_merges(again, file, where);
    again.end();
    has_merges = true;
  }
  check_model(rest, has_vocabulary, has_merges, where);
  file.ignore_merges = json_bool_or(rest, "ignore_merges", false, where);
}

AddedToken added_token(int64_t id, const Json& entry, const std::string& where) {
  AddedToken token;
  token.id = id;
  token.content = json_string(entry, "content", where);
  token.special = json_bool_or(entry, "special", false, where);
  token.normalized = json_bool_or(entry, "normalized", !token.special, where);
  token.single_word = json_bool_or(entry, "single_word", false, where);
  token.lstrip = json_bool_or(entry, "lstrip", false, where);
  token.rstrip = json_bool_or(entry, "rstrip", false, where);
  return token;
}

void read_normalizer(const Json& config, TokenizerFile& file, const std::string& where) {
  if (config.is_null()) return;
  const std::string type = json_string(config, "type", where);
  if (type == "Sequence") {
    for (const Json& part : json_at(config, "normalizers", where)) read_normalizer(part, file, where);
  } else if (type == "NFC") {
    file.nfc = true;
  } else {
    throw InputError(cat(where, ": normalizer \"", printable(type), "\" is not supported, expected NFC or none"));
  }
}

TokenizerFile read_tokenizer_json(const fs::path& path) {
  const std::string where = path.string();
  const std::string text = read_file(path, kMaxFileBytes);
  TokenizerFile file;
  file.vocabulary.reserve(text.size() / 64, text.size() / 12);
  JsonReader reader(text, where);
  std::string_view key;
  bool has_model = false, has_pretokenizer = false;
  reader.enter_object();
  while (reader.next_key(key)) {
    if (key == "model") {
      read_model(reader, file, where);
      has_model = true;
      continue;
    }
    const std::string name(key);
    const std::string place = cat(where, " (", name, ")");
    const Json value = parse_json(reader.raw(), place);
    if (name == "added_tokens" && value.is_array()) {
      for (const Json& entry : value)
        file.added_tokens.push_back(added_token(json_int(entry, "id", place), entry, place));
    } else if (name == "normalizer") {
      read_normalizer(value, file, place);
    } else if (name == "pre_tokenizer") {
      file.pretokenizer = Pretokenizer::from_json(value, place);
      has_pretokenizer = true;
    }
  }
  reader.end();
  if (!has_model || !has_pretokenizer) {
    throw InputError(cat(where, ": key \"", has_model ? "pre_tokenizer" : "model", "\" is missing, expected a Hugging ",
                         "Face tokenizer.json with byte-level BPE"));
  }
  return file;
}

TokenizerFile read_vocab_and_merges(const fs::path& folder, const Json& config) {
  TokenizerFile file;
  const std::string name = json_string_or(config, "tokenizer_class", "", (folder / "tokenizer_config.json").string());
  if (name == "Qwen2Tokenizer" || name == "Qwen2TokenizerFast") {
    file.pretokenizer = Pretokenizer::qwen2();
    file.nfc = true;
  } else if (name == "GPT2Tokenizer" || name == "GPT2TokenizerFast") {
    file.pretokenizer = Pretokenizer::gpt2();
  } else {
    throw InputError(cat((folder / "tokenizer_config.json").string(), ": tokenizer_class is \"", printable(name),
                         "\"; without tokenizer.json expected Qwen2Tokenizer or GPT2Tokenizer"));
  }
  const std::string vocab_path = (folder / "vocab.json").string();
  const std::string vocabulary = read_file(vocab_path, kMaxFileBytes);
  JsonReader reader(vocabulary, vocab_path);
  read_vocabulary(reader, file, vocab_path);
  reader.end();

  const std::string merges_path = (folder / "merges.txt").string();
  const std::string merges = read_file(merges_path, kMaxFileBytes);
  MergeList list(merges_path);
  for (size_t at = 0; at < merges.size();) {
    const size_t end = std::min(merges.find('\n', at), merges.size());
    std::string_view line(merges.data() + at, end - at);
    at = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty() && !line.starts_with("#version")) list.add(line);
  }
  list.resolve(file.vocabulary, file.merges);
  return file;
}

// Tokens that only tokenizer_config.json names are added, as transformers does.
void add_from_config(const Json& config, TokenizerFile& file, const std::string& where) {
  const auto entries = config.find("added_tokens_decoder");
  if (entries == config.end()) return;
  if (!entries->is_object()) throw InputError(cat(where, ": \"added_tokens_decoder\" is not an object"));
  for (const auto& [key, entry] : entries->items()) {
    JsonReader number(key, where);
    AddedToken token = added_token(number.integer(), entry, where);
    number.end();
    const auto same = [&](const AddedToken& other) { return other.content == token.content; };
    if (std::none_of(file.added_tokens.begin(), file.added_tokens.end(), same)) file.added_tokens.push_back(token);
  }
}

// Gives every added token its bytes and finds collisions; sorts by id.
void settle_added_tokens(TokenizerFile& file, const std::string& where) {
  std::sort(file.added_tokens.begin(), file.added_tokens.end(),
            [](const AddedToken& a, const AddedToken& b) { return a.id < b.id; });
  int64_t previous = -1;
  for (const AddedToken& token : file.added_tokens) {
    if (token.id == previous) throw InputError(cat(where, ": two added tokens share the id ", token.id));
    previous = token.id;
    if (!file.vocabulary.has(token.id)) {
      file.vocabulary.set_bytes(token.id, token.content, where);
      continue;
    }
    // A base token with the same id must be the same token, in either spelling.
    const std::string_view base = file.vocabulary.bytes(token.id);
    if (base != token.content && alphabet_from_bytes(base) != token.content) {
      throw InputError(cat(where, ": added token \"", printable(token.content), "\" and base token \"", printable(base),
                           "\" share the id ", token.id));
    }
    file.vocabulary.set_bytes(token.id, token.content, where);
  }
}

}  // namespace

TokenizerFile make_tokenizer_file(TokenizerParts parts, const std::string& where) {
  TokenizerFile file;
  size_t num_bytes = 0;
  for (const std::string_view token : parts.tokens) num_bytes += token.size();
  file.vocabulary.reserve(parts.tokens.size(), num_bytes);
  std::vector<bool> is_added(parts.tokens.size());
  for (const AddedToken& token : parts.added_tokens) is_added.at(static_cast<size_t>(token.id)) = true;
  std::string bytes;
  for (size_t i = 0; i < parts.tokens.size(); ++i) {
    if (is_added[i]) continue;
    const auto id = static_cast<int64_t>(i);
    if (bytes_from_alphabet(parts.tokens[i], bytes)) {
      file.vocabulary.add(id, bytes, where);
    } else {
      file.vocabulary.set_bytes(id, parts.tokens[i], where);
    }
  }
  MergeList merges(where);
  for (const std::string_view merge : parts.merges) merges.add(merge);
  merges.resolve(file.vocabulary, file.merges);
  file.ignore_merges = parts.ignore_merges;
  file.may_lack_bytes = parts.may_lack_bytes;
  file.nfc = parts.nfc;
  file.pretokenizer = std::move(parts.pretokenizer);
  file.added_tokens = std::move(parts.added_tokens);
  settle_added_tokens(file, where);
  return file;
}

TokenizerFile read_tokenizer_file(const fs::path& path) {
  if (!fs::is_directory(path)) {
    TokenizerFile file = read_tokenizer_json(path);
    settle_added_tokens(file, path.string());
    return file;
  }
  const fs::path config_path = path / "tokenizer_config.json";
  const bool has_json = fs::exists(path / "tokenizer.json");
  if (!has_json && !fs::exists(path / "vocab.json")) {
    throw InputError(cat(path.string(), ": no tokenizer found, expected tokenizer.json, or vocab.json with merges.txt ",
                         "and tokenizer_config.json"));
  }
  const Json config = has_json && !fs::exists(config_path) ? Json::object() : read_json_file(config_path);
  if (!config.is_object())
    throw InputError(cat(config_path.string(), ": found ", config.type_name(), ", expected an object"));
  TokenizerFile file = has_json ? read_tokenizer_json(path / "tokenizer.json") : read_vocab_and_merges(path, config);
  add_from_config(config, file, config_path.string());
  settle_added_tokens(file, path.string());
  return file;
}

}  // namespace r1v
