// The scalar head of a reward model: value_head.safetensors beside the network's own files.
#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <memory>

#include "tensor/module.h"

namespace r1v {

/// value = hidden . weight + bias, always in float32: a head of half precision would round scores to steps.
/// source: TRL 0.16.1, ValueHead (its dropout is off where answers are judged).
class ValueHead final : public Module {
 public:
  explicit ValueHead(int64_t width);

  /// [R, D] after the final norm, any dtype -> float32 [R]
  at::Tensor forward(const at::Tensor& hidden_RD) const;

 private:
  at::Tensor weight_1D_;
  at::Tensor bias_1_;
};

bool has_value_head(const std::filesystem::path& folder);
/// Parameters "v_head.summary.weight" [1, D] and "v_head.summary.bias" [1].
/// throws InputError: the file is missing, or its tensors are not these.
std::unique_ptr<ValueHead> load_value_head(const std::filesystem::path& folder, int64_t width, at::Device device);
void save_value_head(ValueHead& head, const std::filesystem::path& folder);

}  // namespace r1v
