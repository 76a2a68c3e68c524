// Opening and saving checkpoint folders.
#include "models/registry.h"

#include <array>

#include "base/error.h"
#include "io/safetensors.h"
#include "models/low_rank.h"
#include "models/names.h"
#include "models/open_checkpoint.h"
#include "models/packed_language.h"
#include "models/quantization_config.h"
#include "tensor/dtype.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

constexpr std::array kSmallFiles = {"tokenizer.json",
                                    "tokenizer_config.json",
                                    "vocab.json",
                                    "merges.txt",
                                    "added_tokens.json",
                                    "special_tokens_map.json",
                                    "chat_template.jinja",
                                    "chat_template.json",
                                    "generation_config.json",
                                    "preprocessor_config.json",
                                    "LICENSE"};

/// A stored tensor as the network wants it: a mapped view where nothing has to change, otherwise its own memory.
at::Tensor bring(const at::Tensor& stored, const LoadOptions& options) {
  const bool same = stored.scalar_type() == options.dtype && options.device.is_cpu();
  if (same && !options.writable) return stored;
  const at::Tensor own = stored.to(options.device, options.dtype, /*non_blocking=*/false, /*copy=*/true);
  // What was copied need not stay in memory twice.
  release_mapped_pages({static_cast<const std::byte*>(stored.const_data_ptr()), stored.nbytes()});
  return own;
}

/// config.json for what is saved: everything that was read, with the dtype that was written.
std::string config_text(const ModelConfig& config, at::ScalarType dtype) {
  Json raw = config.raw;
  raw.erase("dtype");
  erase_quantization_config(raw);  // what was read quantised is written plain
  raw["torch_dtype"] = dtype_name(dtype);
  return dump_json_pretty(raw) + "\n";
}

}  // namespace

std::unique_ptr<R1vModel> load_model(const fs::path& folder, const LoadOptions& options) {
  auto model = std::make_unique<R1vModel>(read_model_config(folder));
  const std::shared_ptr<const TensorSource> checkpoint = open_checkpoint(folder);
  const CheckpointMatch match = match_checkpoint(*model, *checkpoint);
  if (!match.is_complete()) {
    throw InputError(cat(folder.string(), ": the tensors do not fit config.json: ", match.faults()));
  }
  if (options.packed) {
    R1V_CHECK(options.device.is_cpu() && PackedLanguage::fits(model->config().language), "packed weights do not fit");
    model->pack(WeightReader(checkpoint, match), pack_formats(*options.packed));
    return model;
  }
  model->walk([&](const std::string& name, at::Tensor& parameter) {
    parameter = bring(checkpoint->tensor(match.stored_name.at(name)), options);
  });
  return model;
}

void save_model(R1vModel& model, const fs::path& folder, const fs::path& template_folder, at::ScalarType dtype) {
  R1V_CHECK(model.config().raw.is_object(), "a model without config.json cannot be saved");
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw InputError(cat(folder.string(), ": cannot create the folder: ", error.message()));
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  const std::map<std::string, at::Tensor> merged = merged_low_rank(model);
  for (const auto& [name, parameter] : model.named_parameters()) {
    if (is_low_rank(name)) continue;
    const auto sum = merged.find(name);
    tensors.emplace_back(name, (sum == merged.end() ? parameter->detach() : sum->second).to(at::kCPU, dtype));
  }
  write_safetensors(folder / "model.safetensors", tensors, {{"format", "pt"}});
  write_file_atomic(folder / "config.json", config_text(model.config(), dtype));
  if (!template_folder.empty()) copy_small_files(template_folder, folder);
}

void copy_small_files(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (fs::equivalent(to, from, error)) return;
  for (const char* file : kSmallFiles) {
    if (fs::exists(from / file)) write_file_atomic(to / file, read_file(from / file));
  }
}

}  // namespace r1v
