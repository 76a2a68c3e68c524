// The length of all gradients together, and the limit put on it.
#pragma once

#include <ATen/ATen.h>

#include <vector>

namespace r1v {

/// Global 2-norm of the gradients of `parameters` before clipping; parameters without a gradient count as zero.
/// Gradients are scaled by max_norm / (norm + 1e-6) where the norm exceeds max_norm > 0; 0 only measures.
/// Norms of single tensors run in float32, their sum in float64. source: torch.nn.utils.clip_grad_norm_.
double clip_gradients(const std::vector<at::Tensor>& parameters, double max_norm);

/// Forgets all gradients; their memory goes back.
void drop_gradients(const std::vector<at::Tensor>& parameters);

}  // namespace r1v
