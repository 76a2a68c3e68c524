// Weights for training from nothing.
#include "models/init.h"

#include <ATen/CPUGeneratorImpl.h>

#include <cmath>

#include "base/rng.h"

namespace r1v {
namespace {

constexpr double kEmbeddingDeviation = 0.02;
constexpr double kPublishedLayerScale = 0.1;  // initializer_factor of InternViT

bool writes_to_residual(const std::string& name) {
  for (const char* end : {".o_proj.weight", ".down_proj.weight", ".attn.proj.weight", ".mlp.fc2.weight"}) {
    if (name.ends_with(end)) return true;
  }
  return false;
}

bool is_embedding(const std::string& name) {
  return name.find("embed_tokens") != std::string::npos || name.ends_with("_embedding");
}

struct Scales {
  double residual = 1.0;  // of matrices that write to the residual stream
  double layer_scale = kPublishedLayerScale;
};

at::Tensor initial(const std::string& name, const at::Tensor& slot, const Scales& scales, uint64_t seed) {
  if (name.ends_with(".ls1") || name.ends_with(".ls2")) return at::full(slot.sizes(), scales.layer_scale, at::kFloat);
  if (name.ends_with(".bias")) return at::zeros(slot.sizes(), at::kFloat);
  if (slot.dim() == 1) return at::ones(slot.sizes(), at::kFloat);  // norms
  double deviation = kEmbeddingDeviation;
  if (!is_embedding(name)) {
    deviation = std::sqrt(static_cast<double>(slot.size(0)) / static_cast<double>(slot.numel()));  // 1 / sqrt(fan in)
    if (writes_to_residual(name)) deviation *= scales.residual;
  }
  at::Generator generator = at::detail::createCPUGenerator(mix_seed(seed, name));
  return at::empty(slot.sizes(), at::kFloat).normal_(0.0, deviation, generator);
}

double layer_scale(const ModelConfig& config) {
  if (!config.raw.is_object() || !config.raw.contains("vision_config")) return kPublishedLayerScale;
  return json_number_or(config.raw.at("vision_config"), "initializer_factor", kPublishedLayerScale, "vision_config");
}

}  // namespace

void initialize(R1vModel& model, uint64_t seed) {
  const ModelConfig& config = model.config();
  const double ls = layer_scale(config);
  model.walk([&](const std::string& name, at::Tensor& parameter) {
    int64_t layers = config.language.num_layers;
    if (name.starts_with("vision_model.")) layers = config.vision->num_layers;
    if (name.starts_with("visual.")) layers = config.qwen_vision->depth;
    const Scales scales{.residual = 1.0 / std::sqrt(2.0 * static_cast<double>(layers)), .layer_scale = ls};
    parameter = initial(name, parameter, scales, seed);
  });
}

std::unique_ptr<R1vModel> new_model(const ModelConfig& config, uint64_t seed) {
  auto model = std::make_unique<R1vModel>(config);
  initialize(*model, seed);
  return model;
}

}  // namespace r1v
