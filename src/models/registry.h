// Opening and saving whole checkpoint folders.
#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "models/r1v.h"

namespace r1v {

enum class WeightFormat;  // kernels/packed_weight.h

struct LoadOptions {
  at::ScalarType dtype = at::kFloat;
  at::Device device = at::kCPU;
  bool writable = false;  // true for whoever changes parameters: nothing stays a view of the read-only mapped files
  /// For inference on the CPU: matrices in this form (those stored as integers stay integers), see R1vModel::pack.
  std::optional<WeightFormat> packed;
};

/// Builds the network of config.json and fills every parameter from the folder's tensors, lazily where the dtype
/// agrees. throws InputError that lists missing, surplus and misshapen tensors; nothing is ever filled with random
/// values.
std::unique_ptr<R1vModel> load_model(const std::filesystem::path& folder, const LoadOptions& options = {});

/// Writes model.safetensors (names of the published checkpoints, `dtype`; low-rank additions merged), config.json and copies of the small files
/// (tokenizer, templates, generation and preprocessor config) found in `template_folder`.
void save_model(R1vModel& model, const std::filesystem::path& folder, const std::filesystem::path& template_folder,
                at::ScalarType dtype);

/// Copies those small files (not config.json) that `from` has; nothing when both are one folder.
void copy_small_files(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace r1v
