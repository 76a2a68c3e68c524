// What a tokenizer's files say, read and checked: tokenizer.json, or vocab.json with merges.txt.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "text/added_tokens.h"
#include "text/bpe.h"
#include "text/pretokenize.h"
#include "text/vocabulary.h"

namespace r1v {

struct TokenizerFile {
  Vocabulary vocabulary;
  MergeTable merges;
  bool ignore_merges = false;
  bool may_lack_bytes = false;  // see Bpe::Options
  bool nfc = false;             // normalise before splitting
  Pretokenizer pretokenizer;
  std::vector<AddedToken> added_tokens;  // by id
};

/// A tokenizer told by another format than tokenizer.json.
struct TokenizerParts {
  std::vector<std::string_view> tokens;  // by id, in the byte alphabet; others can never come from merging
  std::vector<std::string_view> merges;  // "left right" in the byte alphabet
  std::vector<AddedToken> added_tokens;  // ids among `tokens`; their content stands for what `tokens` says
  Pretokenizer pretokenizer;
  bool nfc = false;
  bool ignore_merges = false;
  bool may_lack_bytes = false;
};

/// throws InputError as Tokenizer::load says; `where` names the source.
TokenizerFile make_tokenizer_file(TokenizerParts parts, const std::string& where);

/// A checkpoint folder or a lone tokenizer.json. throws InputError as Tokenizer::load says.
TokenizerFile read_tokenizer_file(const std::filesystem::path& path);

}  // namespace r1v
