// What goes into a language model's linear layers on sample data, and how well the model predicts such data.
#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <map>
#include <string>

#include "models/r1v.h"

namespace r1v {

/// I input features, N rows.
struct LayerInputs {
  at::Tensor mean_abs_I;  // over all tokens
  at::Tensor rows_NI;     // some tokens' inputs, evenly taken, float32
};
using CalibrationInputs = std::map<std::string, LayerInputs>;  // by module: "model.layers.0.self_attn.q_proj"

struct SampleData {
  std::filesystem::path file;         // JSON lines as `train sft` reads them
  std::filesystem::path images_root;  // empty = the file's own folder
  int64_t max_length = 2048;          // tokens; longer samples are left out
  int64_t max_samples = 0;            // evenly taken; 0 = all
};

/// Runs the samples and records q_proj (as k_proj and v_proj), o_proj, gate_proj (as up_proj) and down_proj of every
/// layer. `folder` has the tokenizer and template. throws InputError: no usable sample.
CalibrationInputs collect_inputs(R1vModel& model, const std::filesystem::path& folder, const SampleData& data);

/// Mean loss of the scored tokens. throws InputError: no usable sample.
double nats_per_token(R1vModel& model, const std::filesystem::path& folder, const SampleData& data);

}  // namespace r1v
