// Trading time for memory: forget what a layer computed and compute it again in backward.
#pragma once

#include <ATen/ATen.h>

#include <functional>

namespace r1v {

/// compute(input), keeping only `input` for backward, where `compute` runs once more. Parameters that `compute` uses
/// get their gradients as usual. Without gradients it is a plain call. `compute` must give the same result every time
/// and must stay callable until backward is over.
at::Tensor recomputed(std::function<at::Tensor(const at::Tensor&)> compute, const at::Tensor& input);

}  // namespace r1v
