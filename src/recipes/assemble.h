// A new checkpoint from parts of others: the first step of the papers' transfer, a projector moved to another language
// model.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "recipes/work_folder.h"

namespace r1v {

struct AssembleOptions {
  std::filesystem::path vision;
  std::filesystem::path projector;
  std::filesystem::path language;
  std::filesystem::path out;
  std::string dtype = "as-stored";
  bool no_check = false;

  void fields(auto& field) {
    field("vision", vision, "folder whose vision tower is taken, and how it cuts pictures");
    field("projector", projector, "folder whose projector (Qwen2.5-VL: merger) is taken; default: --vision's");
    field("language", language, "folder whose language model, tokenizer.json and chat template are taken");
    field("out", out, "folder to write; must not exist");
    field("dtype", dtype, "of the written weights: as-stored, float32, bfloat16 or float16");
    field("no-check", no_check, "do not load the result for a forward pass");
  }
};

struct AssembleReport {
  std::map<std::string, int64_t> parameters;    // of each part
  std::map<std::string, int64_t> added_tokens;  // picture tokens that the language model's tokenizer lacked
  double check_nats = 0.0;                      // of the forward pass: mean -log p of a short text with a picture
};

/// Checks widths, vocabulary and special tokens, writes config.json, weights and small files beside `out`, runs one
/// question with a grey picture through the result, and renames. A tokenizer without the picture tokens gets them on
/// free rows of the embedding. throws InputError naming the two parts that do not fit;
/// Stopped, leaving nothing behind.
AssembleReport assemble(const AssembleOptions& options, const StopAsked& stop = {});

}  // namespace r1v
