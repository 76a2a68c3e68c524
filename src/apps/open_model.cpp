// Checks the folder first, so that the message names the option rather than a file inside.
#include "apps/open_model.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <future>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "io/gguf.h"
#include "kernels/packed_product.h"
#include "kernels/paged_kv.h"
#include "models/packed_language.h"
#include "models/registry.h"
#include "prompt/gguf_prompt.h"
#include "tensor/dtype.h"
#include "text/same_tokens.h"

namespace r1v {
namespace {

at::Device parse_device(const std::string& name) {
  try {
    const at::Device device(name);
    if (device.is_cpu()) return device;
    if (device.is_cuda()) {
      if (at::hasCUDA()) return device;
      throw InputError(cat("--device ", name, ": this LibTorch has no CUDA; use --device cpu"));
    }
  } catch (const c10::Error&) {
    // not a device's name at all: the same message as for a device of another kind
  }
  throw InputError(cat("--device \"", printable(name), "\" is not known; expected cpu, cuda or cuda:N"));
}

int64_t count_parameters(R1vModel& model) {
  int64_t count = 0;
  model.walk([&](const std::string&, at::Tensor& parameter) { count += parameter.numel(); });
  return count;
}

}  // namespace

void limit_tiles(TileLimits& tiles, int64_t max_tiles) {
  if (max_tiles < 0) {
    throw InputError(cat("--max-tiles is ", max_tiles, ", expected 1 or more, or 0 for the checkpoint's own"));
  }
  if (max_tiles == 0) return;
  tiles.max_tiles = max_tiles;
  tiles.min_tiles = std::min(tiles.min_tiles, max_tiles);
}

void limit_tiles(Renderer& renderer, int64_t max_tiles) {
  if (max_tiles != 0 && renderer.patches()) {
    throw InputError("--max-tiles: this model cuts no tiles; its preprocessor_config.json limits pixels");
  }
  limit_tiles(renderer.tiles(), max_tiles);
}

namespace {

struct Place {
  at::Device device;
  at::ScalarType dtype;
  std::optional<WeightFormat> packed;

  LoadOptions load() const { return {.dtype = dtype, .device = device, .packed = packed}; }
};

/// How matrices are packed; none: the plain network.
std::optional<WeightFormat> packed_format(const ModelOptions& options, const at::Device& device, at::ScalarType dtype) {
  const bool is_integer = options.weights == "int8" || options.weights == "int4";
  if (options.weights == "off") return std::nullopt;
  if (!is_integer && options.weights != "auto") {
    throw InputError(
        cat("--weights \"", printable(options.weights), "\" is not known; expected auto, int8, int4 or off"));
  }
  const bool can =
      device.is_cpu() && dtype != at::kHalf && PackedLanguage::fits(read_model_config(options.model).language);
  if (!can && is_integer) {
    throw InputError(cat("--weights ", options.weights,
                         " needs the CPU (AVX2 or newer), float32 or bfloat16 and a head "
                         "width that is a multiple of 16; use --weights auto"));
  }
  if (!can) return std::nullopt;
  if (is_integer) return options.weights == "int8" ? WeightFormat::int8 : WeightFormat::int4;
  return dtype == at::kBFloat16 ? WeightFormat::bfloat16 : WeightFormat::float32;
}

Place prepare(const ModelOptions& options, const char* option = "--model") {
  expect_model(options.model, option);
  if (options.threads < 0 || options.threads > 1024)
    throw InputError(cat("--threads is ", options.threads, ", expected 1 to 1024, or 0 for all"));
  if (options.threads > 0) at::set_num_threads(static_cast<int>(options.threads));
  const at::Device device = parse_device(options.device);
  const at::ScalarType dtype = compute_dtype(options.dtype);
  return {.device = device, .dtype = dtype, .packed = packed_format(options, device, dtype)};
}

void say_what_was_opened(const ModelOptions& options, const Place& place, R1vModel& model, double load_s) {
  const std::string how = place.packed
                              ? cat(format_name(*place.packed), " weights (", product_kernel_name(*place.packed), ")")
                              : dtype_name(place.dtype);
  log_info(fmt::format("{}: {:.1f} M parameters, {} on {}, {} thread(s), opened in {:.2f} s", options.model.string(),
                       static_cast<double>(count_parameters(model)) / 1e6, how, place.device.str(),
                       at::get_num_threads(), load_s));
}

}  // namespace

namespace {

/// throws InputError when the draft model's tokens are others.
void open_draft(const std::filesystem::path& folder, const Place& place, OpenModel& open) {
  expect_same_tokens(load_tokenizer(folder), cat("--draft-model ", folder.string()), open.renderer->tokenizer());
  open.draft = load_model(folder, place.load());
  open.engine.draft_model = open.draft.get();
}

/// The tokenizer is read beside the weights: it keeps one thread busy, they wait for memory. Where both are broken, the
/// renderer's word comes first: it reads the small files.
void open_model_and_renderer(const ModelOptions& options, const Place& place, OpenModel& open) {
  auto renderer = std::async(std::launch::async, [&] { return std::make_unique<Renderer>(options.model); });
  try {
    open.model = load_model(options.model, place.load());
  } catch (...) {
    renderer.get();
    throw;
  }
  open.renderer = renderer.get();
  limit_tiles(*open.renderer, options.max_tiles);
}

}  // namespace

void expect_model(const std::filesystem::path& model, const char* option) {
  if (std::filesystem::is_directory(model) || is_gguf(model)) return;
  throw InputError(cat(option, ": there is no model \"", printable(model.string(), 300),
                       "\"; expected a checkpoint folder with config.json and *.safetensors, or a *.gguf file"));
}

OpenModel open_model(const ModelOptions& options, const EngineFlags& flags) {
  OpenModel open;
  open.engine = engine_options(flags);  // refused before gigabytes are read
  const Place place = prepare(options);
  if (place.packed && *place.packed != WeightFormat::float32 && !open.engine.kv_format) {
    open.engine.kv_format = KvFormat::bfloat16;
  }
  const double start = monotonic_s();
  open_model_and_renderer(options, place, open);
  if (!flags.draft_model.empty()) open_draft(flags.draft_model, place, open);
  open.generation = read_generation_config(options.model);
  open.load_s = monotonic_s() - start;
  say_what_was_opened(options, place, *open.model, open.load_s);
  return open;
}

std::unique_ptr<RewardModel> open_reward_model(const ModelOptions& options, const char* option) {
  const Place place = prepare(options, option);
  const double start = monotonic_s();
  auto model = std::make_unique<RewardModel>(options.model, place.load());
  limit_tiles(model->renderer(), options.max_tiles);
  say_what_was_opened(options, place, model->model(), monotonic_s() - start);
  return model;
}

}  // namespace r1v
