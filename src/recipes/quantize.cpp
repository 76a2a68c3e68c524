// r1v quantize: read, calibrate, write, prove.
#include "recipes/quantize.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <memory>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "io/sharded_writer.h"
#include "models/names.h"
#include "models/open_checkpoint.h"
#include "models/quantization_config.h"
#include "models/registry.h"
#include "models/value_head.h"
#include "recipes/awq_search.h"
#include "recipes/calibration.h"
#include "recipes/quantize_gguf.h"
#include "recipes/quantize_parts.h"
#include "recipes/work_folder.h"
#include "tensor/dtype.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

void check_options(const QuantizeOptions& options) {
  if (options.to != "int8" && options.to != "int4" && options.to != "gguf") {
    throw InputError(cat("quantize: --to is \"", printable(options.to), "\"; expected int8, int4 or gguf"));
  }
  if (options.out.empty()) throw InputError("quantize: --out is missing; name the folder to write");
  if (fs::exists(options.out)) {
    throw InputError(cat(options.out.string(), ": is there already; choose another --out"));
  }
  if (options.group_size != 32 && options.group_size != 64 && options.group_size != 128) {
    throw InputError(cat("--group-size ", options.group_size, ": expected 32, 64 or 128"));
  }
  if (options.to != "int4" && !options.calibration.empty()) {
    throw InputError(cat("--calibration: ", options.to, " needs none; it belongs to --to int4"));
  }
  if (options.to != "gguf" && options.type != QuantizeOptions().type) {
    throw InputError(cat("--type ", printable(options.type), ": belongs to --to gguf, found --to ", options.to));
  }
  if (options.to == "gguf" && !options.eval.empty()) {
    throw InputError("--eval: a GGUF file is measured by asking it; use --eval with int8 or int4");
  }
  if (options.to != "gguf" && !fs::is_directory(options.model)) {
    throw InputError(cat(options.model.string(), ": found no folder; --to ", options.to, " wants a checkpoint folder"));
  }
  if (options.no_clip && options.calibration.empty())
    throw InputError("--no-clip: nothing is cut without --calibration");
  if (options.calibration_samples < 1) {
    throw InputError(cat("--calibration-samples ", options.calibration_samples, ": expected at least 1"));
  }
  if (options.eval_samples < 0) throw InputError(cat("--eval-samples ", options.eval_samples, ": expected 0 or more"));
}

class Quantization {
 public:
  Quantization(const QuantizeOptions& options, const StopAsked& stop);
  QuantizeReport run();

 private:
  std::unique_ptr<R1vModel> open(const fs::path& folder) const;
  void calibrate();
  SampleData samples(const fs::path& file, int64_t max_samples) const;
  void write(const WorkFolder& work);
  void write_tensor(const std::string& name, ShardedWriter& writer);
  void write_config(const fs::path& folder) const;
  void prove(const fs::path& folder);

  const QuantizeOptions& options_;
  const StopAsked& stop_;
  const ModelConfig config_;
  const std::unique_ptr<TensorSource> source_;
  QuantizePlan plan_;
  WeightChanges changes_;       // by the folder's names
  std::set<std::string> kept_;  // modules that stay plain
  QuantizeReport report_;
};

Quantization::Quantization(const QuantizeOptions& options, const StopAsked& stop)
    : options_(options),
      stop_(stop),
      config_(read_model_config(options.model)),
      source_(open_checkpoint(options.model)) {
  plan_ = {.to = options.to == "int8" ? QuantizeTo::int8 : QuantizeTo::int4,
           .group_size = options.group_size,
           .scale_dtype = parse_dtype(config_.torch_dtype)};
}

std::unique_ptr<R1vModel> Quantization::open(const fs::path& folder) const {
  return load_model(folder, {.dtype = compute_dtype(options_.dtype)});
}

SampleData Quantization::samples(const fs::path& file, int64_t max_samples) const {
  return {
      .file = file, .images_root = options_.images_root, .max_length = options_.max_length, .max_samples = max_samples};
}

/// Everything for which the plain network has to run.
void Quantization::calibrate() {
  if (options_.calibration.empty() && options_.eval.empty()) return;
  const std::unique_ptr<R1vModel> model = open(options_.model);
  if (!options_.eval.empty()) {
    report_.nats_before = nats_per_token(*model, options_.model, samples(options_.eval, options_.eval_samples));
  }
  if (options_.calibration.empty()) return;
  const CalibrationInputs inputs =
      collect_inputs(*model, options_.model, samples(options_.calibration, options_.calibration_samples));
  const CheckpointMatch match = match_checkpoint(*model, *source_);
  const AwqOptions awq{.plan = plan_, .norm_dtype = parse_dtype(config_.torch_dtype), .clip = !options_.no_clip};
  for (auto& [name, change] : awq_changes(*model, inputs, awq)) {
    if (match.stored_name.contains(name)) changes_.emplace(match.stored_name.at(name), std::move(change));
  }
}

void Quantization::write_tensor(const std::string& name, ShardedWriter& writer) {
  const StoredTensor stored = source_->stored(name);
  const std::string kind = linear_kind(name);
  const bool quantised = !kind.empty() && stored.shape.size() == 2 && fits(plan_, stored.shape);
  at::Tensor tensor = source_->tensor(name);
  const auto change = changes_.find(name);
  const bool is_plain = stored.form == dtype_name(stored.dtype);
  const at::ScalarType dtype = is_plain ? stored.dtype : parse_dtype(config_.torch_dtype);
  if (quantised || change != changes_.end()) {
    tensor = changed(tensor, change == changes_.end() ? WeightChange() : change->second);
  }
  QuantizedKind& kind_row = report_.row(quantised ? kind : kKept);
  ++kind_row.count;
  kind_row.bytes_before += stored.bytes;
  QuantizedParts parts;
  if (quantised) {
    parts = quantised_parts(name.substr(0, name.rfind(".weight")), tensor, plan_);
  } else {
    parts.tensors.emplace_back(name, tensor.to(dtype));
    if (!kind.empty()) ++report_.num_unfit;
    if (name.ends_with(".weight") && stored.shape.size() == 2) kept_.insert(name.substr(0, name.rfind(".weight")));
  }
  kind_row.largest_error = std::max(kind_row.largest_error, parts.error);
  for (const auto& [part, value] : parts.tensors) {
    kind_row.bytes_after += static_cast<int64_t>(value.nbytes());
    writer.add(part, value);
  }
}

void Quantization::write(const WorkFolder& work) {
  const at::NoGradGuard no_gradients;
  const fs::path& folder = work.path();
  ShardedWriter writer(folder);
  for (const std::string& name : source_->names()) {
    work.check();
    write_tensor(name, writer);
  }
  writer.finish();
  write_config(folder);
  copy_small_files(options_.model, folder);
  if (has_value_head(options_.model)) {
    save_value_head(*load_value_head(options_.model, config_.language.hidden_size, at::kCPU), folder);
  }
  report_.sort();
  if (report_.kinds.front().kind == kKept) {
    throw InputError(cat(options_.model.string(), ": no layer can be quantised; int4 wants input features that are a ",
                         "multiple of --group-size ", options_.group_size));
  }
}

/// Whole parts of the network are named once, not layer by layer; the head is named even where it is tied.
void Quantization::write_config(const fs::path& folder) const {
  std::set<std::string> modules = {"lm_head"};
  for (const std::string& stem : kept_) {
    if (stem.ends_with("embed_tokens") || stem.ends_with("lm_head")) continue;  // no linear layer; named above
    modules.insert(plain_module(stem));
  }
  Json raw = config_.raw;
  erase_quantization_config(raw);
  raw["quantization_config"] = quantization_json(plan_, {modules.begin(), modules.end()});
  write_file_atomic(folder / "config.json", dump_json_pretty(raw) + "\n");
}

/// Opens what was written, runs it once, and measures it where that is wanted.
void Quantization::prove(const fs::path& folder) {
  const std::unique_ptr<R1vModel> model = open(folder);
  run_once(*model, options_.model.string());
  if (options_.eval.empty()) return;
  report_.nats_after = nats_per_token(*model, folder, samples(options_.eval, options_.eval_samples));
}

QuantizeReport Quantization::run() {
  if (plan_.to == QuantizeTo::int4 && options_.calibration.empty()) {
    log_info("no --calibration: every weight goes to the nearest int4 value, whatever its inputs");
  }
  calibrate();
  const WorkFolder work(options_.out, stop_);
  write(work);
  if (report_.num_unfit > 0) {
    log_warning(cat(report_.num_unfit, " layers stay plain: their input features are not a multiple of --group-size ",
                    options_.group_size, ", or their output features of 8"));
  }
  work.check();
  if (!options_.no_check) prove(work.path());
  work.publish();
  return report_;
}

}  // namespace

QuantizeReport quantize(const QuantizeOptions& options, const StopAsked& stop) {
  check_options(options);
  if (options.threads > 0) at::set_num_threads(static_cast<int>(options.threads));
  return options.to == "gguf" ? quantize_to_gguf(options, stop) : Quantization(options, stop).run();
}

}  // namespace r1v
