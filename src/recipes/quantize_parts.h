// Which tensors of a checkpoint are quantised, what calibration changes about them, and the parts they are stored as.
#pragma once

#include <ATen/ATen.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"

namespace r1v {

/// "self_attn.q_proj" for the weight of a linear layer of a language model's layer, whatever stands in front; empty for
/// every other tensor: embeddings, head, norms, towers, bridges.
std::string linear_kind(const std::string& name);

/// The module to name in quantization_config for the weight "stem.weight" that stays plain: a layer of the language
/// model by its whole name, everything else by its tower or bridge ("vision_model", "mlp1", "visual").
std::string plain_module(const std::string& stem);

/// How a tensor is rewritten before it is quantised or stored; undefined = not at all. O outputs, I inputs, G groups.
struct WeightChange {
  at::Tensor times_I;  // input features are multiplied ...
  at::Tensor over_O;   // ... and what produced them is divided: rows of a weight, numbers of a bias or a norm
  at::Tensor low_OG;   // numbers of a group are held between these
  at::Tensor high_OG;
};
using WeightChanges = std::map<std::string, WeightChange>;  // by tensor name

/// The rewritten tensor, float32.
at::Tensor changed(const at::Tensor& weight, const WeightChange& change);

enum class QuantizeTo { int8, int4 };

struct QuantizePlan {
  QuantizeTo to = QuantizeTo::int4;
  int64_t group_size = 128;                    // of int4
  at::ScalarType scale_dtype = at::kBFloat16;  // of int8
};

/// Whether the shape fits: int4 wants whole groups of inputs and whole words of outputs.
bool fits(const QuantizePlan& plan, at::IntArrayRef shape_OI);

struct QuantizedParts {
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  double error = 0;  // relative
};

/// |stored - wanted| / |wanted|, Frobenius norms, in float32; 0 where nothing is wanted.
double relative_error(const at::Tensor& stored, const at::Tensor& wanted);

/// Parts of "stem.weight": AutoAWQ's GEMM layout for int4, compressed-tensors' pack-quantized for int8.
QuantizedParts quantised_parts(const std::string& stem, const at::Tensor& weight_OI, const QuantizePlan& plan);

/// "quantization_config" of config.json; `kept` are the modules that stay as they are.
Json quantization_json(const QuantizePlan& plan, const std::vector<std::string>& kept);

}  // namespace r1v
