// Smaller checkpoints: int8 by row, int4 in groups with or without calibration, GGUF.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "recipes/quantize_report.h"
#include "recipes/work_folder.h"

namespace r1v {

struct QuantizeOptions {
  std::filesystem::path model = "models/r1v-mini";
  std::filesystem::path out;
  std::string to;
  int64_t group_size = 128;
  std::string type = "q8_0";
  std::filesystem::path calibration;
  int64_t calibration_samples = 64;
  bool no_clip = false;
  std::filesystem::path eval;
  int64_t eval_samples = 0;
  std::filesystem::path images_root;
  int64_t max_length = 2048;
  bool no_check = false;
  std::string dtype = "auto";
  int64_t threads = 0;

  void fields(auto& field) {
    field("model", model, "checkpoint folder to start from");
    field("out", out, "folder (gguf: file) to write; must not exist");
    field("to", to, "int8 (by row, compressed-tensors), int4 (AWQ layout) or gguf (language model only)");
    field("group-size", group_size, "int4: input features that share a scale: 32, 64 or 128");
    field("type", type, "gguf: f32, f16, bf16, q8_0, q4_0, q4_1, q5_0, q5_1, q4_k or q6_k");
    field("calibration", calibration,
          "int4: JSON lines as for train sft; scales follow what the layers see on them (AWQ)");
    field("calibration-samples", calibration_samples, "lines of --calibration that are used, evenly taken");
    field("no-clip", no_clip, "int4 with --calibration: leave outliers uncut");
    field("eval", eval, "JSON lines as for train sft: nats per token before and after");
    field("eval-samples", eval_samples, "lines of --eval that are used, evenly taken; 0 = all");
    field("images-root", images_root, "folder that picture paths start from and stay in; empty = each file's own");
    field("max-length", max_length, "tokens; longer samples are left out");
    field("no-check", no_check, "do not load the result for a forward pass, which needs memory for the plain model");
    field("dtype", dtype, "auto, float32 or bfloat16: arithmetic of the network");
    field("threads", threads, "processor threads; 0 = all");
  }
};

/// Writes the folder (gguf: the file) beside its place and renames it when it has been opened and run once.
/// throws InputError: options, a folder in the way, a model that cannot be read; Stopped, leaving nothing behind.
QuantizeReport quantize(const QuantizeOptions& options, const StopAsked& stop = {});

}  // namespace r1v
