// One dot product a score.
#include "models/value_head.h"

#include "base/error.h"
#include "io/safetensors.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace r1v {
namespace {

constexpr const char* kFile = "value_head.safetensors";
constexpr const char* kLikelihoodWeight = "v_head.likelihood_weight";

/// The tensor as float32 of its own. throws InputError: missing, another shape, no finite numbers.
at::Tensor read_tensor(const SafetensorsFile& file, const std::string& name, at::IntArrayRef sizes, at::Device device) {
  const auto found = file.tensors().find(name);
  if (found == file.tensors().end()) throw InputError(cat(file.path().string(), ": tensor ", name, " is missing"));
  const TensorInfo& info = found->second;
  if (at::IntArrayRef(info.shape) != sizes || !at::isFloatingType(info.dtype)) {
    throw InputError(cat(file.path().string(), ": tensor ", name, " is ", shape_text(info.shape), " ",
                         dtype_name(info.dtype), ", expected ", shape_text(sizes), " of floating point"));
  }
  const at::Tensor stored = file.tensor(name).to(device, at::kFloat, /*non_blocking=*/false, /*copy=*/true);
  if (!at::isfinite(stored).all().item<bool>()) {
    throw InputError(cat(file.path().string(), ": tensor ", name, " holds NaN or infinity"));
  }
  return stored;
}

double read_likelihood_weight(const SafetensorsFile& file) {
  if (!file.tensors().contains(kLikelihoodWeight)) return 0.0;
  const double weight = read_tensor(file, kLikelihoodWeight, {1}, at::kCPU).item<double>();
  if (weight > 0) return weight;
  throw InputError(cat(file.path().string(), ": ", kLikelihoodWeight, " is ", weight, ", expected a number above 0"));
}

}  // namespace

ValueHead::ValueHead(int64_t width, double likelihood_weight) : likelihood_weight_(likelihood_weight) {
  parameter("v_head.summary.weight", weight_1D_, {1, width});
  parameter("v_head.summary.bias", bias_1_, {1});
}

at::Tensor ValueHead::forward(const at::Tensor& hidden_RD) const {
  return at::linear(hidden_RD.to(weight_1D_.scalar_type()), weight_1D_, bias_1_).squeeze(1);
}

bool has_value_head(const std::filesystem::path& folder) { return std::filesystem::exists(folder / kFile); }

std::unique_ptr<ValueHead> load_value_head(const std::filesystem::path& folder, int64_t width, at::Device device) {
  if (!has_value_head(folder)) {
    throw InputError(cat(folder.string(), ": found no ", kFile,
                         ", without which this network cannot score; expected the folder of a reward model"));
  }
  const SafetensorsFile file(folder / kFile);
  auto head = std::make_unique<ValueHead>(width, read_likelihood_weight(file));
  head->walk([&](const std::string& name, at::Tensor& parameter) {
    parameter = read_tensor(file, name, parameter.sizes(), device);
  });
  const size_t expected = head->named_parameters().size() + (head->likelihood_weight() != 0 ? 1 : 0);
  if (file.tensors().size() != expected) {
    throw InputError(cat(file.path().string(), ": has ", file.tensors().size(),
                         " tensors, expected v_head.summary.weight and v_head.summary.bias, and perhaps ",
                         kLikelihoodWeight, ", alone"));
  }
  return head;
}

void save_value_head(ValueHead& head, const std::filesystem::path& folder) {
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  for (const auto& [name, parameter] : head.named_parameters()) {
    tensors.emplace_back(name, parameter->detach().to(at::kCPU, at::kFloat));
  }
  if (head.likelihood_weight() != 0) {
    tensors.emplace_back(kLikelihoodWeight, at::full({1}, head.likelihood_weight(), at::kFloat));
  }
  write_safetensors(folder / kFile, tensors, {{"format", "pt"}});
}

}  // namespace r1v
