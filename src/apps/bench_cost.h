// What a piece of work must read and multiply at least, and how fast the machine's limits would let it be.
#pragma once

#include "kernels/machine_limits.h"
#include "kernels/packed_weight.h"
#include "models/config.h"

namespace r1v {

struct WorkCost {
  double bytes = 0.0;       // weights and keys and values, each once
  double operations = 0.0;  // multiplications and additions of matrix products and attention
};

/// One pass of a language model that decodes `rows` samples, each after `depth` tokens.
WorkCost decode_cost(const LanguageConfig& config, double weight_bytes, double kv_number_bytes, int64_t rows,
                     double depth);
/// A prompt from its first token on; the head for its last token only.
WorkCost prefill_cost(const LanguageConfig& config, double weight_bytes, int64_t tokens);
/// InternVL tower and bridge on so many tiles; reading counts as nothing. `config` has such a tower.
WorkCost tower_cost(const ModelConfig& config, int64_t tiles);

/// The instruction that products in this format are made of, and its peak, a second.
struct PeakRate {
  const char* name;
  double operations;
};
PeakRate peak_rate(const MachineLimits& limits, WeightFormat format);

/// Seconds below which the work cannot be done: the longer of reading and multiplying.
double least_seconds(const WorkCost& cost, const MachineLimits& limits, WeightFormat format);

}  // namespace r1v
