// A GGUF file's metadata as the config.json that transformers would have for the same model.
#pragma once

#include "base/json.h"
#include "io/gguf.h"

namespace r1v {

/// Architectures qwen2 and llama, both as a Qwen2ForCausalLM (a Llama is a Qwen2 whose q, k and v have no bias).
/// throws InputError: other architectures, missing keys, features that this program lacks.
Json gguf_config(const GgufFile& file);

/// "qwen2" or "llama". throws InputError for others.
std::string gguf_architecture(const GgufFile& file);

}  // namespace r1v
