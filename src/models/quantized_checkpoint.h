// A checkpoint folder whose linear layers are quantised, shown as if they were plain.
#pragma once

#include <map>
#include <memory>

#include "models/quantized_layer.h"

namespace r1v {

/// Every quantised layer appears as "x.weight", float32, dequantised when it is read; other tensors as they are.
class QuantizedCheckpoint final : public TensorSource {
 public:
  /// throws InputError: no quantised layer at all, one whose tensors do not belong together, a layer that is there
  /// twice.
  QuantizedCheckpoint(std::unique_ptr<Checkpoint> files, const QuantizationConfig& config);

  std::vector<std::string> names() const override;
  bool has(const std::string& name) const override;
  StoredTensor stored(const std::string& name) const override;
  at::Tensor tensor(const std::string& name) const override;
  std::optional<IntegerGroups> integers(const std::string& name) const override;
  int64_t num_files() const override { return files_->num_files(); }

 private:
  std::unique_ptr<Checkpoint> files_;
  QuantizationConfig config_;
  std::map<std::string, QuantizedLayer> layers_;  // by their plain names
  std::map<std::string, std::string> part_of_;    // tensor in the folder -> plain name of its layer
};

}  // namespace r1v
