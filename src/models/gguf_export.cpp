// Architecture "qwen2" whatever the source was: q and k rows are then stored as Hugging Face has them.
#include "models/gguf_export.h"

#include <cmath>
#include <cstring>

#include "base/error.h"
#include "base/log.h"
#include "io/gguf.h"
#include "models/config.h"
#include "models/gguf_names.h"
#include "models/gguf_tokenizer.h"
#include "models/names.h"
#include "models/open_checkpoint.h"
#include "models/r1v.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

// general.file_type: what most weights are.
uint32_t file_type(GgmlType type) {
  switch (type) {
    case GgmlType::f32:
      return 0;
    case GgmlType::f16:
      return 1;
    case GgmlType::q4_0:
      return 2;
    case GgmlType::q4_1:
      return 3;
    case GgmlType::q8_0:
      return 7;
    case GgmlType::q5_0:
      return 8;
    case GgmlType::q5_1:
      return 9;
    case GgmlType::bf16:
      return 32;
    case GgmlType::q4_k:
      return 14;
    case GgmlType::q6_k:
      return 18;
    case GgmlType::q5_k:
      break;
  }
  R1V_CHECK(false, "a type that is not written");
  return 0;
}

void add_yarn(const YarnConfig& yarn, const std::string& where, GgufMetadata& metadata) {
  if (yarn.mscale || yarn.mscale_all_dim || !yarn.truncate || yarn.beta_fast != 32.0 || yarn.beta_slow != 1.0) {
    throw InputError(cat(where,
                         ": rope_scaling sets mscale, beta or truncate, for which GGUF has no words; expected a "
                         "YaRN of factor and original length only"));
  }
  metadata.add_text("qwen2.rope.scaling.type", "yarn");
  metadata.add_f32("qwen2.rope.scaling.factor", static_cast<float>(yarn.factor));
  metadata.add_u32("qwen2.rope.scaling.original_context_length", static_cast<uint32_t>(yarn.original_max_position));
  if (!yarn.attention_factor) return;
  // GGUF's factor comes on top of YaRN's own, which is 0.1 ln(factor) + 1.
  const double own = 0.1 * std::log(yarn.factor) + 1.0;
  metadata.add_f32("qwen2.rope.scaling.attn_factor", static_cast<float>(*yarn.attention_factor / own));
}

void add_config(const LanguageConfig& config, const fs::path& model, GgmlType type, GgufMetadata& metadata) {
  const auto u32 = [&](const char* key, int64_t value) { metadata.add_u32(key, static_cast<uint32_t>(value)); };
  const fs::path name = fs::absolute(model).lexically_normal();
  metadata.add_text("general.architecture", "qwen2");
  metadata.add_text("general.type", "model");
  metadata.add_text("general.name", (name.has_filename() ? name : name.parent_path()).stem().string());
  metadata.add_u32("general.file_type", file_type(type));
  metadata.add_u32("general.quantization_version", 2);
  u32("qwen2.block_count", config.num_layers);
  u32("qwen2.context_length", config.max_position);
  u32("qwen2.embedding_length", config.hidden_size);
  u32("qwen2.feed_forward_length", config.intermediate_size);
  u32("qwen2.attention.head_count", config.num_heads);
  u32("qwen2.attention.head_count_kv", config.num_kv_heads);
  if (config.head_dim * config.num_heads != config.hidden_size) {
    u32("qwen2.attention.key_length", config.head_dim);
    u32("qwen2.attention.value_length", config.head_dim);
  }
  metadata.add_f32("qwen2.attention.layer_norm_rms_epsilon", static_cast<float>(config.rms_norm_eps));
  metadata.add_f32("qwen2.rope.freq_base", static_cast<float>(config.rope_theta));
  if (config.yarn) add_yarn(*config.yarn, model.string(), metadata);
}

// Writes one tensor of the source as float32.
auto reader_of(const TensorSource& source, const std::string& name) {
  return [&source, name](std::span<float> values) {
    const at::Tensor tensor = source.tensor(name).to(at::kFloat).contiguous();
    R1V_CHECK(static_cast<size_t>(tensor.numel()) == values.size(), name);
    std::memcpy(values.data(), tensor.const_data_ptr<float>(), values.size_bytes());
  };
}

// The type itself where rows are whole blocks of it, otherwise the next better one of smaller blocks.
GgmlType fitting(GgmlType type, int64_t columns) {
  const GgmlType smaller = type == GgmlType::q4_k ? GgmlType::q5_0 : GgmlType::q8_0;
  for (const GgmlType candidate : {type, smaller}) {
    if (columns % ggml_layout(candidate).elements == 0) return candidate;
  }
  return GgmlType::f16;
}

bool is_vision(const std::string& name) { return name.starts_with("vision_model.") || name.starts_with("mlp1."); }

std::vector<GgufTensorToWrite> weights(R1vModel& model, const TensorSource& source, GgmlType type,
                                       const std::string& where) {
  const CheckpointMatch match = match_checkpoint(model, source);
  if (!match.is_complete()) throw InputError(cat(where, ": the tensors do not fit config.json: ", match.faults()));
  std::vector<GgufTensorToWrite> tensors;
  for (const auto& [name, parameter] : model.named_parameters()) {
    if (is_vision(name)) continue;
    constexpr std::string_view kPrefix = "language_model.";
    const std::string plain = name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : name;
    GgufTensorToWrite tensor{.name = gguf_name(plain), .type = GgmlType::f32, .shape = parameter->sizes().vec()};
    if (tensor.name.empty()) throw InputError(cat(where, ": GGUF's qwen2 has no place for the tensor ", name));
    if (tensor.shape.size() > 1) {
      tensor.type = fitting(type, tensor.shape.back());
      if (tensor.type != type) {
        log_warning(cat(tensor.name, ": rows of ", tensor.shape.back(), " values are no whole number of ",
                        ggml_layout(type).name, " blocks; written as ", ggml_layout(tensor.type).name));
      }
    }
    tensor.values = reader_of(source, match.stored_name.at(name));
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

}  // namespace

void export_gguf(const fs::path& model, const std::string& type_name, const fs::path& out_file) {
  const GgmlType type = ggml_type_to_write(type_name);
  const ModelConfig config = read_model_config(model);
  if (!config.language.mrope_section.empty()) {
    throw InputError(cat(model.string(),
                         ": positions of three axes (M-RoPE) do not fit GGUF's qwen2; expected an R1V "
                         "or plain Qwen2 checkpoint"));
  }
  std::error_code ignored;
  if (fs::equivalent(model, out_file, ignored)) throw InputError(cat(out_file.string(), ": is the source itself"));
  const std::unique_ptr<TensorSource> source = open_checkpoint(model);
  R1vModel network(config);
  GgufMetadata metadata;
  add_config(config.language, model, type, metadata);
  add_tokenizer(model, config.language.vocab_size, metadata);
  write_gguf(out_file, metadata, weights(network, *source, type, model.string()));
}

}  // namespace r1v
