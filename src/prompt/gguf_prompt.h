// Tokenizer and chat template out of a GGUF file's metadata.
#pragma once

#include <filesystem>

#include "base/json.h"
#include "text/tokenizer.h"

namespace r1v {

/// Of a checkpoint folder, a lone tokenizer.json or a *.gguf file. throws InputError as Tokenizer::load does, and for a
/// GGUF file whose vocabulary is no byte-level BPE or whose splitting into words is unknown.
Tokenizer load_tokenizer(const std::filesystem::path& path);

/// What stands in tokenizer_config.json, of a *.gguf file: bos_token, eos_token, chat_template, where it has them.
Json gguf_tokenizer_config(const std::filesystem::path& file);

/// {"eos_token_id": [...]}: every id that the file says to end an answer.
Json gguf_eos_config(const std::filesystem::path& file);

}  // namespace r1v
