// r1v tokenize: text to ids and back, one document or many lines.
#include <iostream>

#include "apps/commands.h"
#include "apps/default_model.h"
#include "base/base64.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "io/jsonl.h"
#include "prompt/gguf_prompt.h"
#include "text/detokenize.h"
#include "text/tokenizer.h"

namespace r1v {
namespace {

struct TokenizeOptions {
  std::filesystem::path model = default_model();
  bool decode = false;
  bool json = false;
  bool json_lines = false;
  bool special = false;
  bool no_special = false;
  void fields(auto& field) {
    field("model", model,
          "folder with tokenizer.json (or vocab.json and merges.txt), or a lone tokenizer.json or *.gguf file");
    field("decode", decode, "ids to text instead of text to ids");
    field("json", json, "one JSON document on stdout instead of lines to read");
    field("json-lines", json_lines, "many inputs on stdin, one JSON object a line; one a line out, same order");
    field("special", special, "control tokens in text become ids, in decoded text they are shown (default)");
    field("no-special", no_special, "control tokens in text are plain characters, in decoded text they are dropped");
  }
};

Json encoded(const Tokenizer& tokenizer, std::string_view text, SpecialTokens special) {
  const std::vector<int64_t> ids = tokenizer.encode(text, special);
  Json tokens = Json::array();
  for (const int64_t id : ids) tokens.push_back(tokenizer.token_text(id));
  return {{"ids", ids}, {"tokens", std::move(tokens)}};
}

std::vector<int64_t> ids_of(const Json& request, const std::string& where) {
  const Json& list = json_at(request, "ids", where);
  if (!list.is_array())
    throw InputError(cat(where, ": \"ids\" is ", list.type_name(), ", expected a list of integers"));
  std::vector<int64_t> ids;
  for (const Json& id : list) {
    if (!id.is_number_integer())
      throw InputError(cat(where, ": \"ids\" holds ", id.type_name(), ", expected integers"));
    ids.push_back(id.get<int64_t>());
  }
  return ids;
}

// One piece an id, as a streaming client gets them; what is left unfinished at the end goes to the last piece.
Json decoded(const Tokenizer& tokenizer, const std::vector<int64_t>& ids, bool skip_special) {
  Detokenizer detokenizer(tokenizer, skip_special);
  std::vector<std::string> pieces;
  for (const int64_t id : ids) pieces.push_back(detokenizer.push(id));
  if (!pieces.empty()) pieces.back() += detokenizer.finish();
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  return {{"text", text}, {"pieces", pieces}};
}

Json answer(const Tokenizer& tokenizer, const Json& request, const TokenizeOptions& options, const std::string& where) {
  if (options.decode) return decoded(tokenizer, ids_of(request, where), options.no_special);
  const SpecialTokens special = options.no_special ? SpecialTokens::escape : SpecialTokens::parse;
  if (request.is_object() && request.contains("base64")) {
    return encoded(tokenizer, decode_base64(json_string(request, "base64", where), where), special);
  }
  return encoded(tokenizer, json_string(request, "text", where), special);
}

void print_readable(const Json& result, bool decode) {
  if (decode) {
    std::cout << result["text"].get<std::string>() << '\n';
    return;
  }
  for (size_t i = 0; i < result["ids"].size(); ++i) {
    std::cout << result["ids"][i] << '\t' << result["tokens"][i].get<std::string>() << '\n';
  }
}

}  // namespace

int run_tokenize(Args args) {
  const auto options = parse_options<TokenizeOptions>("tokenize", "text to token ids and back", args);
  if (options.special && options.no_special)
    throw InputError("--special and --no-special exclude each other; give one");
  const Tokenizer tokenizer = load_tokenizer(options.model);
  if (options.json_lines) {
    return answer_json_lines(std::cin, std::cout,
                             [&](const Json& request) { return answer(tokenizer, request, options, "request"); });
  }
  const std::string input = read_stdin();
  const SpecialTokens special = options.no_special ? SpecialTokens::escape : SpecialTokens::parse;
  const Json result = options.decode ? answer(tokenizer, parse_json(input, "stdin"), options, "stdin")
                                     : encoded(tokenizer, input, special);
  options.json ? void(std::cout << dump_json(result) << '\n') : print_readable(result, options.decode);
  return 0;
}

}  // namespace r1v
