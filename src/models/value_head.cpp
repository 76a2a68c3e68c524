// One dot product a score.
#include "models/value_head.h"

#include "base/error.h"
#include "io/safetensors.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace r1v {
namespace {

constexpr const char* kFile = "value_head.safetensors";

}  // namespace

ValueHead::ValueHead(int64_t width) {
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
  auto head = std::make_unique<ValueHead>(width);
  head->walk([&](const std::string& name, at::Tensor& parameter) {
    const auto found = file.tensors().find(name);
    if (found == file.tensors().end()) throw InputError(cat(file.path().string(), ": tensor ", name, " is missing"));
    const TensorInfo& info = found->second;
    if (at::IntArrayRef(info.shape) != parameter.sizes() || !at::isFloatingType(info.dtype)) {
      throw InputError(cat(file.path().string(), ": tensor ", name, " is ", shape_text(info.shape), " ",
                           dtype_name(info.dtype), ", expected ", shape_text(parameter.sizes()), " of floating point"));
    }
    const at::Tensor stored = file.tensor(name).to(device, at::kFloat, /*non_blocking=*/false, /*copy=*/true);
    if (!at::isfinite(stored).all().item<bool>()) {
      throw InputError(cat(file.path().string(), ": tensor ", name, " holds NaN or infinity"));
    }
    parameter = stored;
  });
  if (file.tensors().size() != head->named_parameters().size()) {
    throw InputError(cat(file.path().string(), ": has ", file.tensors().size(),
                         " tensors, expected v_head.summary.weight and v_head.summary.bias alone"));
  }
  return head;
}

void save_value_head(ValueHead& head, const std::filesystem::path& folder) {
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  for (const auto& [name, parameter] : head.named_parameters()) {
    tensors.emplace_back(name, parameter->detach().to(at::kCPU, at::kFloat));
  }
  write_safetensors(folder / kFile, tensors, {{"format", "pt"}});
}

}  // namespace r1v
