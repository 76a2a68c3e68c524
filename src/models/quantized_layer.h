// One linear layer of a quantised checkpoint: the tensors it is made of, checked, and the weight they mean.
#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "io/checkpoint.h"
#include "io/packed_integers.h"
#include "models/quantization_config.h"

namespace r1v {

/// The tensor whose presence makes `stem` (a layer's name without ".weight") a quantised layer: "qweight", ...
const char* leading_part(QuantizedForm form);

/// O output rows, I input features.
struct QuantizedLayer {
  std::vector<std::string> parts;  // tensors that the layer takes from the folder
  StoredTensor weight;             // what it appears as: float32 [O, I]
  int64_t num_groups = 1;          // of input features
};

/// Looks at names, types and shapes only. throws InputError naming the tensor: missing, of a wrong type or shape.
QuantizedLayer check_layer(const Checkpoint& files, const std::string& stem, const QuantizationConfig& config);

/// The weight's integers with their scales.
struct LayerIntegers {
  IntegerGroups groups;
  at::Tensor group_I;  // every input's group; undefined: inputs lie in order, in groups of equal length
};

/// Exactly what the format says: dequantise() of them is the weight. throws InputError: scales that are not finite, a
/// group index out of range.
LayerIntegers read_integers(const Checkpoint& files, const std::string& stem, const QuantizedLayer& layer,
                            const QuantizationConfig& config);

}  // namespace r1v
