// Additions to the matrices of the language model's layers.
#include "models/low_rank.h"

#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>

#include <cmath>

#include "base/error.h"
#include "base/rng.h"
#include "nn/linear.h"

namespace r1v {

void add_low_rank(R1vModel& model, int64_t rank, double alpha, uint64_t seed) {
  if (rank < 1) throw InputError(cat("--lora-rank: found ", rank, ", expected at least 1"));
  model.walk_modules([&](const std::string& name, Module& module) {
    auto* linear = dynamic_cast<Linear*>(&module);
    if (linear == nullptr || name.find("model.layers.") == std::string::npos) return;
    if (linear->added.a_RI.defined()) throw InputError(cat(name, " has a low-rank addition already"));
    linear->add_low_rank(rank, alpha / static_cast<double>(rank));
    at::Generator generator = at::detail::createCPUGenerator(mix_seed(seed, name));
    const double limit = 1.0 / std::sqrt(static_cast<double>(linear->weight.size(1)));
    const at::TensorOptions options = linear->weight.options();
    linear->added.a_RI =
        at::empty(linear->added.a_RI.sizes(), at::kFloat).uniform_(-limit, limit, generator).to(options);
    linear->added.b_OR = at::zeros(linear->added.b_OR.sizes(), options);
  });
}

bool is_low_rank(const std::string& parameter_name) { return parameter_name.find(".lora_") != std::string::npos; }

std::map<std::string, at::Tensor> merged_low_rank(R1vModel& model) {
  const at::NoGradGuard no_gradients;
  std::map<std::string, at::Tensor> merged;
  model.walk_modules([&](const std::string& name, Module& module) {
    const auto* linear = dynamic_cast<Linear*>(&module);
    if (linear != nullptr && linear->added.a_RI.defined()) merged[name + ".weight"] = linear->merged_weight().detach();
  });
  return merged;
}

}  // namespace r1v
