// What the names in "tokenizer.ggml.pre" stand for, as the "pre_tokenizer" object of a tokenizer.json.
#pragma once

#include <string>

#include "base/json.h"

namespace r1v {

struct GgufPretokenizer {
  Json pre_tokenizer;
  bool nfc = false;            // the published tokenizer of this name normalises first
  bool ignore_merges = false;  // a word that is a token is taken whole
};

/// throws InputError naming the known ones; `where` names the file.
GgufPretokenizer gguf_pretokenizer(const std::string& name, const std::string& where);

/// The name under which a tokenizer.json's splitting is known. throws InputError when it has none.
std::string gguf_pretokenizer_name(const Json& pre_tokenizer, const std::string& where);

}  // namespace r1v
