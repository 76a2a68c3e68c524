// For tests: the tiny quantised Qwen2 folders of tests/golden/make_quantized.py.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/golden_network.h"

namespace r1v {

/// A folder whose quantised tensors come from the golden file and whose other weights come from the formula.
struct GoldenQuantized {
  explicit GoldenQuantized(const std::string& form)
      : file(std::filesystem::path(R1V_SOURCE_DIR) / "tests/golden" / ("quantized_" + form + ".safetensors")),
        config(parse_json(file.metadata().at("config"), form)) {
    const std::string prefix = "stored.";
    for (const auto& [name, info] : file.tensors()) {
      if (name.starts_with(prefix)) tensors.emplace_back(name.substr(prefix.size()), file.tensor(name));
    }
    write_file_atomic(folder.path() / "config.json", dump_json(config));
    R1vModel model(read_model_config(folder.path()));
    model.walk([&](const std::string& name, at::Tensor& slot) {
      const bool is_quantised = slot.dim() == 2 && name.find(".layers.") != std::string::npos;
      if (!is_quantised) tensors.emplace_back(name, golden_weight(name, slot.sizes()));
    });
    write();
  }

  /// After a change of `config` or `tensors`.
  void write() const {
    write_file_atomic(folder.path() / "config.json", dump_json(config));
    write_safetensors(folder.path() / "model.safetensors", tensors);
  }

  at::Tensor& tensor(const std::string& name) {
    for (auto& [known, tensor] : tensors) {
      if (known == name) return tensor;
    }
    throw std::out_of_range(name);
  }

  SafetensorsFile file;
  Json config;
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  TemporaryFolder folder;
};

}  // namespace r1v
