// Activation-aware weight quantisation: inputs that matter are made large before rounding, and outliers are cut.
#pragma once

#include <span>

#include "recipes/calibration.h"
#include "recipes/quantize_parts.h"

namespace r1v {

/// Scales s = a^alpha of the inputs (a = mean magnitude), the alpha of 0, 1/20 .. 19/20 that changes the outputs least:
/// sum of |x (Q(W s) / s - W)^T|^2 over the rows and the weights that share the inputs. Lin et al. 2023, arXiv
/// 2306.00978, eq. 4 and 5; s is divided by the root of its extremes' product, as the authors' program does.
at::Tensor search_scales(std::span<const at::Tensor> weights_OI, const LayerInputs& inputs, int64_t group_size);

/// Ends low_OG and high_OG of every group, its range times 1, 0.95 .. 0.55, whichever changes the group's share of the
/// outputs least.
WeightChange search_clip(const at::Tensor& weight_OI, const at::Tensor& rows_NI, int64_t group_size);

struct AwqOptions {
  QuantizePlan plan;
  at::ScalarType norm_dtype = at::kBFloat16;  // in which norms are stored
  bool clip = true;
};

/// Changes of all layers, by the network's parameter names: norms take the scales of q, k, v and of gate, up; v_proj
/// takes those of o_proj (query heads that share a value head share scales), up_proj those of down_proj.
WeightChanges awq_changes(R1vModel& model, const CalibrationInputs& inputs, const AwqOptions& options);

}  // namespace r1v
