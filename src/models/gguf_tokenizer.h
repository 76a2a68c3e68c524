// A checkpoint's tokenizer and chat template as GGUF metadata.
#pragma once

#include <cstdint>
#include <filesystem>

#include "io/gguf.h"

namespace r1v {

/// Adds the keys "tokenizer.*". `num_rows`: embeddings; ids beyond the tokenizer's become unused "[PADn]" tokens.
/// `model` is a folder with tokenizer.json, or with vocab.json, merges.txt and tokenizer_config.json; or a GGUF file,
/// whose keys are copied. throws InputError: files missing or malformed, more tokens than embeddings, no byte-level
/// BPE.
void add_tokenizer(const std::filesystem::path& model, int64_t num_rows, GgufMetadata& metadata);

}  // namespace r1v
