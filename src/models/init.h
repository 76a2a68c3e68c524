// Weights for training from nothing.
#pragma once

#include <cstdint>
#include <memory>

#include "models/r1v.h"

namespace r1v {

/// Fills every parameter in float32, the same numbers for the same seed and name on every machine with the same torch:
///   embeddings (tokens, class, positions)   normal(0, 0.02)
///   matrices   normal(0, 1 / sqrt(fan in)); those that write to the residual (o_proj, down_proj, attn.proj, mlp.fc2)
///              times 1 / sqrt(2 * layers)
///   norm weights 1, biases 0, layer scales vision_config.initializer_factor (0.1 when the config has none)
/// source: LeCun et al., 1998 (fan in); Radford et al., 2019 (residual scaling).
void initialize(R1vModel& model, uint64_t seed);

/// A network with initialised parameters that require no gradient yet.
std::unique_ptr<R1vModel> new_model(const ModelConfig& config, uint64_t seed);

}  // namespace r1v
