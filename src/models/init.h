// Weights for training from nothing.
#pragma once

#include <cstdint>
#include <memory>

#include "models/r1v.h"

namespace r1v {

/// Fills every parameter in float32, the same numbers for the same seed and name on every machine with the same torch:
///   matrices and embeddings (tokens, patches, class, positions)   normal(0, 0.02)
///   matrices that write to the residual (o_proj, down_proj, attn.proj, mlp.fc2)   normal(0, 0.02 / sqrt(2 * layers))
///   norm weights 1, biases 0, layer scales 0.1 (initialiser_factor of InternViT)
/// source: Radford et al., 2019 (residual scaling); transformers' initializer_range for the rest.
void initialize(R1vModel& model, uint64_t seed);

/// A network with initialised parameters that require no gradient yet.
std::unique_ptr<R1vModel> new_model(const ModelConfig& config, uint64_t seed);

}  // namespace r1v
