// Flags of the commands that generate: how many requests at once, and in how much memory.
#pragma once

#include <filesystem>
#include <string>

#include "engine/engine.h"

namespace r1v {

struct EngineFlags {
  std::string kv = "auto";
  int64_t kv_memory = 0;
  int64_t max_batch = 32;
  int64_t draft_tokens = 0;
  std::filesystem::path draft_model;
  void fields(auto& field) {
    field("kv", kv,
          "keys and values of packed weights: float32, bfloat16, int8 (a quarter of float32: long contexts), or auto "
          "(float32 beside float32 weights, else bfloat16)");
    field("kv-memory", kv_memory, "MiB for keys and values; 0 = half of what the machine has free");
    field("max-batch", max_batch, "answers that are decoded together");
    field("draft-tokens", draft_tokens,
          "tokens guessed ahead from what the text repeats; never changes an answer, pays where answers quote");
    field("draft-model", draft_model,
          "a smaller checkpoint with the same tokenizer, which makes those guesses instead (not for prompts with "
          "pictures)");
  }
};

/// All but the draft model, which open_model opens. throws InputError for a name that is not known, a number out of
/// range.
EngineOptions engine_options(const EngineFlags& flags);

}  // namespace r1v
