// What a tokenizer's files say, read and checked: tokenizer.json, or vocab.json with merges.txt.
#pragma once

#include <filesystem>
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
  bool nfc = false;  // normalise before splitting
  Pretokenizer pretokenizer;
  std::vector<AddedToken> added_tokens;  // by id
};

/// A checkpoint folder or a lone tokenizer.json. throws InputError as Tokenizer::load says.
TokenizerFile read_tokenizer_file(const std::filesystem::path& path);

}  // namespace r1v
