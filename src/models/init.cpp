// Weights for training from nothing.
#include "models/init.h"

#include <ATen/CPUGeneratorImpl.h>

#include <cmath>

#include "base/rng.h"

namespace r1v {
namespace {

constexpr double kDeviation = 0.02;
constexpr double kLayerScale = 0.1;

bool writes_to_residual(const std::string& name) {
  for (const char* end : {".o_proj.weight", ".down_proj.weight", ".attn.proj.weight", ".mlp.fc2.weight"}) {
    if (name.ends_with(end)) return true;
  }
  return false;
}

at::Tensor initial(const std::string& name, const at::Tensor& slot, double residual_scale, uint64_t seed) {
  if (name.ends_with(".ls1") || name.ends_with(".ls2")) return at::full(slot.sizes(), kLayerScale, at::kFloat);
  if (name.ends_with(".bias")) return at::zeros(slot.sizes(), at::kFloat);
  if (slot.dim() == 1) return at::ones(slot.sizes(), at::kFloat);  // norms
  const double deviation = writes_to_residual(name) ? kDeviation * residual_scale : kDeviation;
  at::Generator generator = at::detail::createCPUGenerator(mix_seed(seed, name));
  return at::empty(slot.sizes(), at::kFloat).normal_(0.0, deviation, generator);
}

}  // namespace

void initialize(R1vModel& model, uint64_t seed) {
  const ModelConfig& config = model.config();
  model.walk([&](const std::string& name, at::Tensor& parameter) {
    const bool in_tower = name.starts_with("vision_model.");
    const int64_t layers = in_tower ? config.vision->num_layers : config.language.num_layers;
    parameter = initial(name, parameter, 1.0 / std::sqrt(2.0 * static_cast<double>(layers)), seed);
  });
}

std::unique_ptr<R1vModel> new_model(const ModelConfig& config, uint64_t seed) {
  auto model = std::make_unique<R1vModel>(config);
  initialize(*model, seed);
  return model;
}

}  // namespace r1v
