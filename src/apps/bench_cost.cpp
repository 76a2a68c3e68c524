// Counts of the usual kind: two operations a weight and token, attention over half the prompt on average.
#include "apps/bench_cost.h"

#include <algorithm>

namespace r1v {
namespace {

/// Numbers in the matrices of all layers.
double layer_numbers(const LanguageConfig& config) {
  const int64_t width = config.hidden_size;
  const int64_t attention = 2 * width * (config.num_heads + config.num_kv_heads) * config.head_dim;
  return static_cast<double>(config.num_layers * (attention + 3 * width * config.intermediate_size));
}

double head_numbers(const LanguageConfig& config) {
  return static_cast<double>(config.vocab_size * config.hidden_size);
}

/// Scores and weighted sums of one token over one other.
double attention_operations(const LanguageConfig& config) {
  return static_cast<double>(4 * config.num_layers * config.num_heads * config.head_dim);
}

}  // namespace

WorkCost decode_cost(const LanguageConfig& config, double weight_bytes, double kv_number_bytes, int64_t rows,
                     double depth) {
  const double kv_numbers = static_cast<double>(2 * config.num_layers * config.num_kv_heads * config.head_dim);
  const double tokens = static_cast<double>(rows);
  return {.bytes = weight_bytes + tokens * depth * kv_numbers * kv_number_bytes,
          .operations =
              tokens * (2 * (layer_numbers(config) + head_numbers(config)) + depth * attention_operations(config))};
}

WorkCost prefill_cost(const LanguageConfig& config, double weight_bytes, int64_t tokens) {
  const double count = static_cast<double>(tokens);
  return {.bytes = weight_bytes,
          .operations = 2 * count * layer_numbers(config) + 2 * head_numbers(config) +
                        count * count / 2 * attention_operations(config)};
}

WorkCost tower_cost(const ModelConfig& config, int64_t tiles) {
  const VisionConfig& vision = *config.vision;
  const auto number = [](int64_t value) { return static_cast<double>(value); };
  const double width = number(vision.hidden_size), side = number(vision.image_size / vision.patch_size);
  const double patches = side * side, rows = patches + 1;  // and the class token
  const double matrices = 4 * width * width + 2 * width * number(vision.intermediate_size);
  const double layer = 2 * rows * matrices + 4 * rows * rows * width;
  const double embedding = 2 * patches * width * number(3 * vision.patch_size * vision.patch_size);
  const double bridge_in = width / (config.downsample_ratio * config.downsample_ratio);
  const double out = number(config.language.hidden_size);
  const double bridge = 2 * number(config.tokens_per_tile()) * (bridge_in * out + out * out);
  return {.operations = number(tiles) * (number(vision.num_layers) * layer + embedding + bridge)};
}

PeakRate peak_rate(const MachineLimits& limits, WeightFormat format) {
  const bool is_integer = format == WeightFormat::int8 || format == WeightFormat::int4;
  if (is_integer && limits.int8) return {.name = "int8 products", .operations = limits.int8->median};
  if (format == WeightFormat::bfloat16 && limits.bfloat16) {
    return {.name = "bfloat16 products", .operations = limits.bfloat16->median};
  }
  return {.name = "float32 multiply-adds", .operations = limits.float32.median};
}

double least_seconds(const WorkCost& cost, const MachineLimits& limits, WeightFormat format) {
  return std::max(cost.bytes / limits.read.median, cost.operations / peak_rate(limits, format).operations);
}

}  // namespace r1v
