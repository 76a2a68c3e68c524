// Leaves, constants and masters.
#include "train/freeze.h"

#include <c10/core/GradMode.h>

#include <algorithm>

#include "base/error.h"
#include "models/low_rank.h"

namespace r1v {

NetworkPart part_of(const std::string& parameter_name) {
  if (parameter_name.starts_with("mlp1.") || parameter_name.starts_with("visual.merger."))
    return NetworkPart::projector;
  if (parameter_name.starts_with("vision_model.") || parameter_name.starts_with("visual.")) return NetworkPart::vision;
  if (parameter_name.starts_with("v_head.")) return NetworkPart::value_head;
  return NetworkPart::language;
}

const char* part_name(NetworkPart part) {
  switch (part) {
    case NetworkPart::vision:
      return "vision";
    case NetworkPart::projector:
      return "projector";
    case NetworkPart::language:
      return "language";
    case NetworkPart::value_head:
      return "value head";
  }
  R1V_CHECK(false, "unknown part");
}

std::vector<NetworkPart> parse_parts(const std::vector<std::string>& names) {
  std::vector<NetworkPart> parts;
  std::string text;
  for (const std::string& name : names) text += name + ",";
  for (size_t begin = 0, end = text.find(','); end != std::string::npos; begin = end + 1, end = text.find(',', begin)) {
    const std::string name = text.substr(begin, end - begin);
    if (name == "none" && names.size() == 1 && name.size() == names.front().size()) return {};
    if (name == "vision")
      parts.push_back(NetworkPart::vision);
    else if (name == "projector")
      parts.push_back(NetworkPart::projector);
    else if (name == "language")
      parts.push_back(NetworkPart::language);
    else
      throw InputError(cat("--freeze: found \"", printable(name), "\", expected vision, projector, language, or none alone"));
  }
  return parts;
}

namespace {

/// Whether anything of this network learns in low-rank additions.
bool has_low_rank(Module& model) {
  bool found = false;
  model.walk([&](const std::string& name, at::Tensor&) { found = found || is_low_rank(name); });
  return found;
}

/// Of the embeddings or of one of the first `layers` layers of the language model.
bool is_low(const std::string& name, int64_t layers) {
  if (layers == 0) return false;
  const std::string mark = "model.layers.";
  const size_t at = name.find(mark);
  if (at == std::string::npos) return name.ends_with("model.embed_tokens.weight");
  return std::stoll(name.substr(at + mark.size())) < layers;
}

}  // namespace

std::vector<TrainedParameter> make_trainable(Module& model, const std::vector<NetworkPart>& frozen,
                                             at::ScalarType compute_dtype, OutputHead output_head,
                                             int64_t frozen_layers) {
  std::vector<TrainedParameter> trained;
  const bool low_rank_only = has_low_rank(model);
  model.walk([&](const std::string& name, at::Tensor& slot) {
    const NetworkPart part = part_of(name);
    const bool is_unused = output_head == OutputHead::unused && name.ends_with("lm_head.weight");
    const bool is_base = low_rank_only && part == NetworkPart::language && !is_low_rank(name);
    if (is_unused || is_base || is_low(name, frozen_layers) || std::ranges::find(frozen, part) != frozen.end()) {
      slot = slot.detach().to(compute_dtype, /*non_blocking=*/false, /*copy=*/false);
      return;
    }
    at::Tensor master = slot.detach().to(at::kFloat, /*non_blocking=*/false, /*copy=*/true).contiguous();
    slot = compute_dtype == at::kFloat ? master : master.to(compute_dtype);
    slot.set_requires_grad(true);
    trained.push_back({.name = name, .part = part, .slot = &slot, .master = std::move(master)});
  });
  if (trained.empty()) throw InputError("--freeze leaves no parameter to train; freeze fewer parts");
  return trained;
}

void collect_gradients(const std::vector<TrainedParameter>& parameters) {
  const at::NoGradGuard no_grad;
  for (const TrainedParameter& parameter : parameters) {
    at::Tensor& gradient = parameter.slot->mutable_grad();
    if (parameter.slot->is_same(parameter.master) || !gradient.defined()) continue;
    at::Tensor& sum = parameter.master.mutable_grad();
    if (sum.defined())
      sum.add_(gradient);
    else
      sum = gradient.to(at::kFloat);
    gradient.reset();
  }
}

void refresh_copies(const std::vector<TrainedParameter>& parameters) {
  const at::NoGradGuard no_grad;
  for (const TrainedParameter& parameter : parameters) {
    if (!parameter.slot->is_same(parameter.master)) parameter.slot->copy_(parameter.master);
  }
}

MastersInPlace::MastersInPlace(const std::vector<TrainedParameter>& parameters) : parameters_(parameters) {
  for (const TrainedParameter& parameter : parameters_) {
    copies_.push_back(*parameter.slot);
    *parameter.slot = parameter.master;
  }
}

MastersInPlace::~MastersInPlace() {
  for (size_t i = 0; i < copies_.size(); ++i) *parameters_[i].slot = copies_[i];
}

std::vector<at::Tensor> masters(const std::vector<TrainedParameter>& parameters) {
  std::vector<at::Tensor> list;
  for (const TrainedParameter& parameter : parameters) list.push_back(parameter.master);
  return list;
}

}  // namespace r1v
