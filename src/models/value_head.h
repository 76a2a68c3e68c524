// The scalar head of a reward model: value_head.safetensors beside the network's own files.
#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <memory>

#include "tensor/module.h"

namespace r1v {

/// value = hidden . weight + bias, always in float32: a head of half precision would round scores to steps.
/// source: TRL 0.16.1, ValueHead (its dropout is off where answers are judged).
///
/// A judge may add to this value `likelihood_weight` times the log-likelihood (nats) that its own language head gives
/// the answer: 0 in published checkpoints. What a policy doubted while it wrote is a product of neighbouring rows,
/// which one linear head at the last of them can hardly learn to add up. As a reward: Rafailov et al., 2023 (arXiv
/// 2305.18290).
class ValueHead final : public Module {
 public:
  explicit ValueHead(int64_t width, double likelihood_weight = 0.0);

  /// [R, D] after the final norm, any dtype -> float32 [R], without the likelihood
  at::Tensor forward(const at::Tensor& hidden_RD) const;
  double likelihood_weight() const { return likelihood_weight_; }

 private:
  double likelihood_weight_;
  at::Tensor weight_1D_;
  at::Tensor bias_1_;
};

bool has_value_head(const std::filesystem::path& folder);
/// Tensors "v_head.summary.weight" [1, D] and "v_head.summary.bias" [1], and "v_head.likelihood_weight" [1] where it is
/// not 0.
/// throws InputError: the file is missing, or its tensors are not these.
std::unique_ptr<ValueHead> load_value_head(const std::filesystem::path& folder, int64_t width, at::Device device);
void save_value_head(ValueHead& head, const std::filesystem::path& folder);

}  // namespace r1v
