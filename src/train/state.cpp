// Folders named step-N, complete or absent.
#include "train/state.h"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/file.h"
#include "io/safetensors.h"
#include "tensor/shape.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;
using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

std::optional<int64_t> step_of(const fs::path& folder) {
  const std::string name = folder.filename().string();
  if (!name.starts_with("step-")) return std::nullopt;
  int64_t step = 0;
  const char* const end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data() + 5, end, step);
  if (error != std::errc() || rest != end) return std::nullopt;
  return step;
}

std::vector<std::pair<int64_t, fs::path>> complete_checkpoints(const fs::path& run) {
  std::vector<std::pair<int64_t, fs::path>> list;
  if (!fs::exists(run / "checkpoints")) return list;
  for (const auto& entry : fs::directory_iterator(run / "checkpoints")) {
    if (const auto step = step_of(entry.path())) list.emplace_back(*step, entry.path());
  }
  std::ranges::sort(list);
  return list;
}

NamedTensors weights_of(const std::vector<TrainedParameter>& parameters, const NamedTensors& more) {
  NamedTensors list;
  for (const TrainedParameter& parameter : parameters) list.emplace_back(parameter.name, parameter.master.detach());
  list.insert(list.end(), more.begin(), more.end());
  return list;
}

// Copies every tensor of the file into the tensor of the same name; both sides must have the same names and shapes.
void fill_from(const fs::path& path, const NamedTensors& tensors) {
  const at::NoGradGuard no_grad;
  const SafetensorsFile file(path);
  for (const auto& [name, tensor] : tensors) {
    const at::Tensor saved = file.tensor(name);
    if (saved.sizes() != tensor.sizes()) {
      throw InputError(cat(path.string(), ": ", name, " has shape ", shape_text(saved.sizes()), ", expected ",
                           shape_text(tensor.sizes()), "; resume with the model and options that wrote it"));
    }
    at::Tensor target = tensor;
    target.copy_(saved);
  }
  if (file.tensors().size() != tensors.size()) {
    throw InputError(cat(path.string(), ": holds ", file.tensors().size(), " tensors, this run trains ", tensors.size(),
                         "; resume with the same --freeze and --weight-average"));
  }
}

}  // namespace

void publish_checkpoint(const fs::path& run, int64_t step, const std::function<void(const fs::path&)>& write) {
  const fs::path target = run / "checkpoints" / cat("step-", step);
  const fs::path beside = target.string() + ".tmp";
  fs::remove_all(beside);
  fs::create_directories(beside);
  write(beside);
  if (fs::exists(target)) {  // a folder cannot be renamed over a full one
    const fs::path old = target.string() + ".old.tmp";
    fs::remove_all(old);
    fs::rename(target, old);
    fs::rename(beside, target);
    fs::remove_all(old);
    return;
  }
  fs::rename(beside, target);
}

std::optional<fs::path> latest_checkpoint(const fs::path& run) {
  if (!fs::exists(run / "checkpoints")) return std::nullopt;
  std::vector<fs::path> leftovers;
  for (const auto& entry : fs::directory_iterator(run / "checkpoints")) {
    if (entry.path().extension() == ".tmp") leftovers.push_back(entry.path());
  }
  for (const fs::path& leftover : leftovers) fs::remove_all(leftover);
  const auto list = complete_checkpoints(run);
  if (list.empty()) return std::nullopt;
  return list.back().second;
}

void prune_checkpoints(const fs::path& run, int64_t keep) {
  if (keep <= 0) return;
  const auto list = complete_checkpoints(run);
  const auto surplus = std::max<int64_t>(0, static_cast<int64_t>(list.size()) - keep);
  for (int64_t i = 0; i < surplus; ++i) {
    // Renamed first: a crash in the middle of removing must not leave half a folder under its good name.
    const fs::path path = list[static_cast<size_t>(i)].second;
    const fs::path doomed = path.string() + ".tmp";
    fs::rename(path, doomed);
    fs::remove_all(doomed);
  }
}

void save_training_state(const fs::path& folder, const std::vector<TrainedParameter>& parameters,
                         const AdamW& optimizer, const Json& position, const NamedTensors& more) {
  const fs::path state = folder / "training_state";
  fs::create_directories(state);
  write_safetensors(state / "weights.safetensors", weights_of(parameters, more));
  write_safetensors(state / "optimizer.safetensors", optimizer.state());
  write_file_atomic(state / "state.json", dump_json_pretty(position) + "\n");
}

Json load_training_state(const fs::path& folder, const std::vector<TrainedParameter>& parameters, AdamW& optimizer,
                         const NamedTensors& more) {
  const fs::path state = folder / "training_state";
  fill_from(state / "weights.safetensors", weights_of(parameters, more));
  fill_from(state / "optimizer.safetensors", optimizer.state());
  refresh_copies(parameters);
  return read_json_file(state / "state.json");
}

}  // namespace r1v
