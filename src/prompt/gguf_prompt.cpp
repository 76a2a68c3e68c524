// Reads the keys "tokenizer.ggml.*" and "tokenizer.chat_template".
#include "prompt/gguf_prompt.h"

#include <utility>

#include "base/error.h"
#include "io/gguf.h"
#include "io/gguf_pretokenizers.h"
#include "text/tokenizer_file.h"

namespace r1v {
namespace {

// Values of tokenizer.ggml.token_type that make a token one of its own, found in text before it is split.
constexpr int64_t kControl = 3;
constexpr int64_t kUserDefined = 4;

std::vector<AddedToken> added_tokens(const GgufFile& file, const std::vector<std::string_view>& tokens) {
  const std::vector<int64_t> types = file.integers("tokenizer.ggml.token_type");
  if (types.size() != tokens.size()) {
    throw InputError(cat(file.path().string(), ": ", types.size(), " entries in tokenizer.ggml.token_type for ",
                         tokens.size(), " in tokenizer.ggml.tokens; expected one a token"));
  }
  std::vector<AddedToken> added;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (types[i] != kControl && types[i] != kUserDefined) continue;
    added.push_back(
        {.id = static_cast<int64_t>(i), .content = std::string(tokens[i]), .special = types[i] == kControl});
  }
  return added;
}

TokenizerFile read_gguf_tokenizer(const GgufFile& file) {
  const std::string where = file.path().string();
  const std::string model = file.text("tokenizer.ggml.model");
  if (model != "gpt2") {
    throw InputError(
        cat(where, ": tokenizer.ggml.model is \"", printable(model), "\", expected \"gpt2\" (byte-level ", "BPE)"));
  }
  GgufPretokenizer words = gguf_pretokenizer(file.text("tokenizer.ggml.pre"), where);
  TokenizerParts parts;
  parts.tokens = file.texts("tokenizer.ggml.tokens");
  parts.merges = file.texts("tokenizer.ggml.merges");
  parts.added_tokens = added_tokens(file, parts.tokens);
  parts.pretokenizer = Pretokenizer::from_json(words.pre_tokenizer, where);
  parts.nfc = words.nfc;
  parts.ignore_merges = words.ignore_merges;
  parts.may_lack_bytes = true;  // small vocabularies do
  return make_tokenizer_file(std::move(parts), where);
}

std::string token_named(const GgufFile& file, const std::string& key) {
  const int64_t id = file.integer(key);
  const std::vector<std::string_view> tokens = file.texts("tokenizer.ggml.tokens");
  if (id < 0 || id >= static_cast<int64_t>(tokens.size())) {
    throw InputError(cat(file.path().string(), ": ", key, " is ", id, ", expected 0 to ", tokens.size() - 1));
  }
  return std::string(tokens[static_cast<size_t>(id)]);
}

}  // namespace

Tokenizer load_tokenizer(const std::filesystem::path& path) {
  if (!is_gguf(path)) return Tokenizer::load(path);
  const GgufFile file(path);
  return Tokenizer::from(read_gguf_tokenizer(file), path.string());
}

Json gguf_tokenizer_config(const std::filesystem::path& path) {
  const GgufFile file(path);
  Json config = Json::object();
  for (const auto& [name, key] :
       {std::pair("bos_token", "tokenizer.ggml.bos_token_id"), {"eos_token", "tokenizer.ggml.eos_token_id"}}) {
    if (file.has(key)) config[name] = token_named(file, key);
  }
  if (file.has("tokenizer.chat_template")) config["chat_template"] = file.text("tokenizer.chat_template");
  return config;
}

Json gguf_eos_config(const std::filesystem::path& file) { return {{"eos_token_id", gguf_eos_ids(GgufFile(file))}}; }

}  // namespace r1v
