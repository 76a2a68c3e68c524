// Groups, and LibTorch's fused AdamW kernel run over each.
#include "train/optimizer.h"

#include <c10/core/GradMode.h>

#include <map>

#include "base/error.h"

namespace r1v {

bool is_norm_or_bias(const std::string& parameter_name) {
  // mlp1.0 is the projector's LayerNorm, known to the checkpoint by its number only.
  return parameter_name.ends_with(".bias") || parameter_name.find("norm") != std::string::npos ||
         parameter_name.starts_with("mlp1.0.");
}

namespace {

double learning_rate_of(NetworkPart part, const GroupOptions& options) {
  if (part == NetworkPart::vision) return options.vision_learning_rate.value_or(options.learning_rate);
  if (part == NetworkPart::projector) return options.projector_learning_rate.value_or(options.learning_rate);
  return options.learning_rate;
}

}  // namespace

std::vector<ParameterGroup> parameter_groups(const std::vector<TrainedParameter>& parameters,
                                             const GroupOptions& options) {
  std::map<std::pair<NetworkPart, bool>, ParameterGroup> groups;
  for (const TrainedParameter& parameter : parameters) {
    const bool decays = options.decay_norms_and_biases || !is_norm_or_bias(parameter.name);
    ParameterGroup& group = groups[{parameter.part, decays}];
    group.learning_rate = learning_rate_of(parameter.part, options);
    group.weight_decay = decays ? options.weight_decay : 0.0;
    group.parameters.emplace_back(parameter.name, parameter.master);
  }
  std::vector<ParameterGroup> list;
  for (auto& [key, group] : groups) list.push_back(std::move(group));
  return list;
}

AdamW::AdamW(std::vector<ParameterGroup> groups, const AdamWOptions& options)
    : groups_(std::move(groups)), options_(options) {
  for (const ParameterGroup& group : groups_) {
    Moments& moments = moments_.emplace_back();
    for (const auto& [name, parameter] : group.parameters) {
      R1V_CHECK(parameter.scalar_type() == at::kFloat, name, " is not float32");
      moments.first.push_back(at::zeros_like(parameter));
      moments.second.push_back(at::zeros_like(parameter));
      moments.steps.push_back(at::zeros({}, parameter.options()));
    }
  }
}

void AdamW::step(double factor) {
  const at::NoGradGuard no_grad;
  for (size_t g = 0; g < groups_.size(); ++g) {
    std::vector<at::Tensor> parameters, gradients;
    Moments moving;
    for (size_t i = 0; i < groups_[g].parameters.size(); ++i) {
      const at::Tensor& parameter = groups_[g].parameters[i].second;
      if (!parameter.grad().defined()) continue;
      parameters.push_back(parameter);
      gradients.push_back(parameter.grad());
      moving.first.push_back(moments_[g].first[i]);
      moving.second.push_back(moments_[g].second[i]);
      moving.steps.push_back(moments_[g].steps[i].add_(1));
    }
    if (parameters.empty()) continue;
    at::_fused_adamw_(parameters, gradients, moving.first, moving.second, /*max_exp_avg_sqs=*/{}, moving.steps,
                      groups_[g].learning_rate * factor, options_.beta1, options_.beta2, groups_[g].weight_decay,
                      options_.epsilon, /*amsgrad=*/false, /*maximize=*/false);
  }
}

std::vector<std::pair<std::string, at::Tensor>> AdamW::state() const {
  std::vector<std::pair<std::string, at::Tensor>> list;
  for (size_t g = 0; g < groups_.size(); ++g) {
    for (size_t i = 0; i < groups_[g].parameters.size(); ++i) {
      const std::string& name = groups_[g].parameters[i].first;
      list.emplace_back("exp_avg." + name, moments_[g].first[i]);
      list.emplace_back("exp_avg_sq." + name, moments_[g].second[i]);
      list.emplace_back("step." + name, moments_[g].steps[i]);
    }
  }
  return list;
}

}  // namespace r1v
