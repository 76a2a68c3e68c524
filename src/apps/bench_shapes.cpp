// Every matrix is a piece of one block of random numbers: quick to make, and no speed depends on it.
#include "apps/bench_shapes.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <array>

#include "apps/bench_tokenizer.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/memory.h"
#include "io/sharded_writer.h"
#include "models/r1v.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

struct LanguageShape {
  int64_t layers, hidden, heads, kv_heads, intermediate, vocabulary;
  bool tied;
};

struct Shape {
  const char* name;
  LanguageShape language;
  int64_t vision_layers = 0;  // 0: no pictures; hidden 64 a head, intermediate 4 times as wide
  int64_t vision_hidden = 0;
  bool is_int4 = false;
};

constexpr LanguageShape kQwenHalfBillion = {24, 896, 14, 2, 4864, 151936, true};

constexpr std::array kShapes = {
    Shape{.name = "qwen2.5-0.5b", .language = kQwenHalfBillion},
    Shape{.name = "internvit-300m-0.5b", .language = kQwenHalfBillion, .vision_layers = 24, .vision_hidden = 1024},
    Shape{.name = "qwen2.5-7b", .language = {28, 3584, 28, 4, 18944, 152064, false}, .is_int4 = true},
    Shape{.name = "tiny", .language = {2, 128, 4, 2, 256, 1024, true}, .vision_layers = 1, .vision_hidden = 64},
};

const Shape& find_shape(const std::string& name) {
  for (const Shape& shape : kShapes) {
    if (name == shape.name) return shape;
  }
  throw InputError(cat("--shape \"", printable(name),
                       "\" is not known; expected qwen2.5-0.5b, internvit-300m-0.5b, qwen2.5-7b or tiny"));
}

constexpr int64_t kGroup = 128;  // inputs that share a scale, int4

Json language_config(const Shape& shape) {
  const LanguageShape& language = shape.language;
  return {{"architectures", {"Qwen2ForCausalLM"}},
          {"model_type", "qwen2"},
          {"hidden_act", "silu"},
          {"hidden_size", language.hidden},
          {"intermediate_size", language.intermediate},
          {"num_attention_heads", language.heads},
          {"num_hidden_layers", language.layers},
          {"num_key_value_heads", language.kv_heads},
          {"vocab_size", language.vocabulary},
          {"tie_word_embeddings", language.tied},
          {"max_position_embeddings", 32768},
          {"rms_norm_eps", 1e-6},
          {"rope_theta", 1e6},
          {"use_sliding_window", false},
          {"eos_token_id", first_control_id(language.vocabulary)},
          {"torch_dtype", "bfloat16"}};
}

Json shape_config(const Shape& shape) {
  Json language = language_config(shape);
  if (shape.is_int4) {
    language["quantization_config"] = {
        {"quant_method", "awq"}, {"version", "gemm"}, {"bits", 4}, {"group_size", kGroup}, {"zero_point", true}};
  }
  if (shape.vision_layers == 0) return language;
  return {{"architectures", {"InternVLChatModel"}},
          {"model_type", "internvl_chat"},
          {"downsample_ratio", 0.5},
          {"dynamic_image_size", true},
          {"force_image_size", 448},
          {"max_dynamic_patch", 12},
          {"min_dynamic_patch", 1},
          {"ps_version", "v2"},
          {"select_layer", -1},
          {"template", "internvl2_5"},
          {"torch_dtype", "bfloat16"},
          {"use_thumbnail", true},
          {"tie_word_embeddings", shape.language.tied},
          {"llm_config", language},
          {"vision_config",
           {{"architectures", {"InternVisionModel"}},
            {"model_type", "intern_vit_6b"},
            {"hidden_act", "gelu"},
            {"hidden_size", shape.vision_hidden},
            {"image_size", 448},
            {"initializer_factor", 0.1},
            {"intermediate_size", 4 * shape.vision_hidden},
            {"layer_norm_eps", 1e-6},
            {"norm_type", "layer_norm"},
            {"num_attention_heads", shape.vision_hidden / 64},
            {"num_channels", 3},
            {"num_hidden_layers", shape.vision_layers},
            {"patch_size", 14},
            {"qk_normalization", false},
            {"qkv_bias", true}}}};
}

/// Tensors of any size out of one block of random numbers.
class RandomTensors {
 public:
  explicit RandomTensors(ShardedWriter& writer) : writer_(writer) {
    at::Generator generator = at::detail::createCPUGenerator(0);
    numbers_ = at::empty({kBlock}, at::kFloat).normal_(0.0, 0.02, generator).to(at::kBFloat16);
    words_ = at::randint(INT32_MIN, INT32_MAX, {kBlock}, generator, at::TensorOptions().dtype(at::kInt));
  }

  void plain(const std::string& name, at::IntArrayRef shape) {
    if (name.ends_with(".ls1") || name.ends_with(".ls2")) {
      writer_.add(name, at::full(shape, 0.1, at::kBFloat16));
    } else if (shape.size() == 1) {  // norms and biases
      writer_.add(name, at::full(shape, name.ends_with(".bias") ? 0.0 : 1.0, at::kBFloat16));
    } else {
      writer_.add(name, filled(numbers_, shape));
    }
  }

  /// A linear layer in AWQ's layout: zero points of 8, a scale that gives its weights about the same deviation.
  void int4(const std::string& stem, int64_t outputs, int64_t inputs) {
    constexpr double kDeviation = 4.61;  // of 0 .. 15, all as likely: sqrt((16^2 - 1) / 12)
    writer_.add(stem + ".qweight", filled(words_, {inputs, outputs / 8}));
    writer_.add(stem + ".qzeros", at::full({inputs / kGroup, outputs / 8}, int32_t{-0x77777778}, at::kInt));
    writer_.add(stem + ".scales", at::full({inputs / kGroup, outputs}, 0.02 / kDeviation, at::kHalf));
  }

 private:
  static constexpr int64_t kBlock = int64_t{1} << 22;

  static at::Tensor filled(const at::Tensor& block, at::IntArrayRef shape) {
    const at::Tensor tensor = at::empty(shape, block.options());
    const at::Tensor flat = tensor.view(-1);
    for (int64_t at = 0; at < flat.numel(); at += kBlock) {
      const int64_t count = std::min(kBlock, flat.numel() - at);
      flat.narrow(0, at, count).copy_(block.narrow(0, 0, count));
    }
    return tensor;
  }

  ShardedWriter& writer_;
  at::Tensor numbers_, words_;
};

bool is_int4_layer(const Shape& shape, const std::string& name) {
  return shape.is_int4 && name.find("_proj.weight") != std::string::npos;
}

double bytes_on_disk(const Shape& shape, R1vModel& model) {
  double bytes = 0;
  model.walk([&](const std::string& name, at::Tensor& parameter) {
    const double bytes_a_number = is_int4_layer(shape, name) ? 0.5 + 2.5 / kGroup : 2.0;
    bytes += static_cast<double>(parameter.numel()) * bytes_a_number;
  });
  return bytes;
}

/// Room for what is written, and for opening it: mapped files, packed weights, keys and values.
void check_room(const Shape& shape, double bytes, const fs::path& folder) {
  const auto gib = [](double value) { return cat(static_cast<int64_t>(value / 1e8) / 10.0, " GB"); };
  const double needed = 2.5 * bytes + 1e9;
  const double memory = static_cast<double>(machine_memory().available_bytes);
  if (shape.is_int4 && memory < needed) {
    throw InputError(cat("--shape ", shape.name, " needs about ", gib(needed), " of memory, available are ",
                         gib(memory), "; free some, or take --shape qwen2.5-0.5b"));
  }
  const double disk = static_cast<double>(fs::space(folder).available);
  if (disk < 1.05 * bytes) {
    throw InputError(cat("--shape ", shape.name, " needs ", gib(1.05 * bytes), " of disk in ", folder.string(),
                         ", available are ", gib(disk), "; name another place with --folder"));
  }
}

/// They get their names when all of them are written.
bool has_weights(const fs::path& folder) {
  return fs::exists(folder / "model.safetensors") || fs::exists(folder / "model.safetensors.index.json");
}

void write_weights(const Shape& shape, R1vModel& model, const fs::path& folder) {
  ShardedWriter writer(folder, /*shard_bytes=*/int64_t{256} << 20);  // one file's worth is held in memory
  RandomTensors tensors(writer);
  model.walk([&](const std::string& name, at::Tensor& parameter) {
    if (is_int4_layer(shape, name)) {
      tensors.int4(name.substr(0, name.rfind('.')), parameter.size(0), parameter.size(1));
    } else {
      tensors.plain(name, parameter.sizes());
    }
  });
  writer.finish();
}

}  // namespace

void make_shape(const std::string& name, const std::string& weights, const fs::path& folder) {
  const Shape& shape = find_shape(name);
  if (shape.is_int4 && weights != "int4") {
    throw InputError(cat("--shape ", shape.name, " is made in int4 only, found --weights ", printable(weights),
                         "; add --weights int4"));
  }
  const std::string config = dump_json_pretty(shape_config(shape)) + "\n";
  if (fs::exists(folder / "config.json")) {
    if (read_file(folder / "config.json") != config) {
      throw InputError(cat("--folder ", folder.string(), " holds another model; name a new folder"));
    }
    if (has_weights(folder)) return;  // of an earlier run
  }
  log_info(cat("making random weights of shape ", shape.name, " in ", folder.string()));
  write_file_atomic(folder / "config.json", config);
  write_file_atomic(folder / "tokenizer.json", bench_tokenizer(shape.language.vocabulary));
  R1vModel model(read_model_config(folder));  // asked for names and shapes: without a checkpoint it has no memory
  check_room(shape, bytes_on_disk(shape, model), folder);
  write_weights(shape, model, folder);
}

}  // namespace r1v
