// Reads config.json of the R1V line and of plain Qwen2: key variants of several transformers versions, all checked.
#include "models/config.h"

#include <array>
#include <cmath>

#include "base/error.h"
#include "models/config_fields.h"
#include "models/gguf_config.h"
#include "models/quantization_config.h"
#include "models/qwen2_5_config.h"

namespace r1v {
namespace {

// Far above any published model, far below anything that could overflow a product of two of them.
constexpr Range<int64_t> kWidth{1, 1 << 17};
constexpr Range<int64_t> kLayers{1, 1024};
constexpr Range<int64_t> kHeads{1, 4096};
constexpr Range<int64_t> kInnerWidth{1, 1 << 20};
constexpr Range<int64_t> kVocabulary{1, 1 << 24};
constexpr Range<int64_t> kPositions{1, 1 << 28};
constexpr Range<int64_t> kPixels{1, 1 << 14};
constexpr Range<int64_t> kTiles{1, 1 << 10};
constexpr Range<double> kEpsilon{1e-12, 1e-2};
constexpr Range<double> kTheta{1.001, 1e12};
constexpr Range<double> kFactor{1.0, 1e6};
constexpr Range<double> kPositive{1e-6, 1e6};

constexpr const char* kQwen25Vl = "qwen2_5_vl";

struct KnownArchitecture {
  const char* name;
  const char* model_type;
  bool has_vision;
};
constexpr std::array<KnownArchitecture, 5> kArchitectures = {{
    {"SkyworkR1VChatModel", "skywork_chat", true},
    {"SkyworkChatModel", "skywork_chat", true},
    {"InternVLChatModel", "internvl_chat", true},
    {"Qwen2_5_VLForConditionalGeneration", kQwen25Vl, true},
    {"Qwen2ForCausalLM", "qwen2", false},
}};

const KnownArchitecture& find_architecture(const ConfigFields& fields) {
  const std::string model_type = fields.text_or("model_type", "");
  std::string name;
  const auto list = fields.json().find("architectures");
  if (list != fields.json().end() && list->is_array() && !list->empty() && list->front().is_string()) {
    name = list->front().get<std::string>();
  }
  for (const KnownArchitecture& known : kArchitectures) {
    if (name.empty() ? model_type == known.model_type : name == known.name) return known;
  }
  std::string expected;
  for (const KnownArchitecture& known : kArchitectures)
    expected += (expected.empty() ? "" : ", ") + std::string(known.name);
  throw InputError(cat(fields.where(), ": architecture \"", printable(name), "\" (model_type \"", printable(model_type),
                       "\") is unknown; expected one of ", expected));
}

YarnConfig read_yarn(const ConfigFields& rope, int64_t max_position) {
  YarnConfig yarn;
  yarn.factor = rope.number("factor", kFactor);
  yarn.original_max_position = rope.integer_or("original_max_position_embeddings", max_position, kPositions);
  yarn.beta_fast = rope.number_or("beta_fast", yarn.beta_fast, kPositive);
  yarn.beta_slow = rope.number_or("beta_slow", yarn.beta_slow, kPositive);
  yarn.truncate = rope.boolean_or("truncate", true);
  if (rope.has("attention_factor")) yarn.attention_factor = rope.number("attention_factor", kPositive);
  if (rope.has("mscale")) yarn.mscale = rope.number("mscale", {0.0, 1e6});
  if (rope.has("mscale_all_dim")) yarn.mscale_all_dim = rope.number("mscale_all_dim", {0.0, 1e6});
  return yarn;
}

/// rope_theta and rope_scaling of transformers 4, or rope_parameters of transformers 5 (which then holds both).
void read_rope(const ConfigFields& fields, LanguageConfig& language) {
  language.rope_theta = fields.number_or("rope_theta", 10000.0, kTheta);  // transformers' default for Qwen2
  for (const char* key : {"rope_scaling", "rope_parameters"}) {
    if (!fields.has(key)) continue;
    const ConfigFields rope = fields.object(key);
    language.rope_theta = rope.number_or("rope_theta", language.rope_theta, kTheta);
    const std::string type = rope.text_or("rope_type", rope.text_or("type", "default"));
    if (type == "yarn") {
      language.yarn = read_yarn(rope, language.max_position);
    } else if (type != "default" && type != "mrope") {
      throw InputError(
          cat(rope.where(), ": rope type \"", printable(type), "\" is not supported; expected default, mrope or yarn"));
    }
    if (rope.has("mrope_section")) language.mrope_section = read_mrope_section(rope);
    if (rope.number_or("partial_rotary_factor", 1.0, {0.0, 1.0}) != 1.0) {
      throw InputError(cat(rope.where(), ": partial_rotary_factor other than 1 is not supported"));
    }
  }
}

void refuse_sliding_window(const ConfigFields& fields, int64_t num_layers) {
  bool used = fields.boolean_or("use_sliding_window", false) && fields.has("sliding_window") &&
              fields.integer_or("max_window_layers", 0, {0, kPositions.high}) < num_layers;
  if (fields.has("layer_types")) {
    for (const Json& type : json_at(fields.json(), "layer_types", fields.where())) used |= type != "full_attention";
  }
  if (used) throw InputError(cat(fields.where(), ": sliding-window attention is in use, which is not supported"));
}

LanguageConfig read_language(const ConfigFields& fields) {
  LanguageConfig language;
  language.hidden_size = fields.integer("hidden_size", kWidth);
  language.num_layers = fields.integer("num_hidden_layers", kLayers);
  language.num_heads = fields.integer("num_attention_heads", kHeads);
  language.num_kv_heads = fields.integer_or("num_key_value_heads", language.num_heads, kHeads);
  language.head_dim = fields.integer_or("head_dim", language.hidden_size / language.num_heads, {2, 1024});
  language.intermediate_size = fields.integer("intermediate_size", kInnerWidth);
  language.vocab_size = fields.integer("vocab_size", kVocabulary);
  language.max_position = fields.integer_or("max_position_embeddings", 32768, kPositions);
  language.rms_norm_eps = fields.number_or("rms_norm_eps", 1e-6, kEpsilon);
  language.tie_word_embeddings = fields.boolean_or("tie_word_embeddings", false);
  fields.require_text("hidden_act", "silu");
  read_rope(fields, language);
  refuse_sliding_window(fields, language.num_layers);
  if (!fields.has("head_dim") && language.hidden_size % language.num_heads != 0) {
    throw InputError(cat(fields.where(), ": hidden_size ", language.hidden_size,
                         " is not a multiple of num_attention_heads ", language.num_heads, " and head_dim is missing"));
  }
  if (language.num_heads % language.num_kv_heads != 0) {
    throw InputError(cat(fields.where(), ": num_attention_heads ", language.num_heads,
                         " is not a multiple of num_key_value_heads ", language.num_kv_heads));
  }
  check_mrope_section(language, fields.where());
  if (language.head_dim < 2 || language.head_dim % 2 != 0) {
    throw InputError(cat(fields.where(), ": head_dim is ", language.head_dim, "; rotary positions need an even width"));
  }
  return language;
}

/// Absent keys mean the defaults of InternVisionConfig.
VisionConfig read_vision(const ConfigFields& fields) {
  VisionConfig vision;
  vision.hidden_size = fields.integer_or("hidden_size", vision.hidden_size, kWidth);
  vision.num_layers = fields.integer("num_hidden_layers", kLayers);
  vision.num_heads = fields.integer_or("num_attention_heads", vision.num_heads, kHeads);
  vision.intermediate_size = fields.integer_or("intermediate_size", vision.intermediate_size, kInnerWidth);
  vision.patch_size = fields.integer_or("patch_size", vision.patch_size, kPixels);
  vision.image_size = fields.integer("image_size", kPixels);
  vision.qkv_bias = fields.boolean_or("qkv_bias", vision.qkv_bias);
  vision.qk_normalization = fields.boolean_or("qk_normalization", vision.qk_normalization);
  vision.norm_eps = fields.number_or("layer_norm_eps", vision.norm_eps, kEpsilon);
  const std::string norm = fields.text_or("norm_type", "rms_norm");
  if (norm != "rms_norm" && norm != "layer_norm") {
    throw InputError(
        cat(fields.where(), ": norm_type \"", printable(norm), "\" is unknown; expected rms_norm or layer_norm"));
  }
  vision.rms_norm = norm == "rms_norm";
  fields.require_text("hidden_act", "gelu");
  fields.integer_or("num_channels", 3, {3, 3});
  if (vision.hidden_size % vision.num_heads != 0) {
    throw InputError(cat(fields.where(), ": hidden_size ", vision.hidden_size,
                         " is not a multiple of num_attention_heads ", vision.num_heads));
  }
  if (vision.image_size % vision.patch_size != 0) {
    throw InputError(cat(fields.where(), ": image_size ", vision.image_size, " is not a multiple of patch_size ",
                         vision.patch_size));
  }
  return vision;
}

/// Tile edge, pixel shuffle and tiling, read beside vision_config.
void read_joint(const ConfigFields& fields, ModelConfig& config) {
  const VisionConfig& vision = *config.vision;
  config.downsample_ratio = fields.number_or("downsample_ratio", 0.5, {1e-3, 1.0});
  const std::string version = fields.text_or("ps_version", "v1");
  if (version != "v1" && version != "v2") {
    throw InputError(cat(fields.where(), ": ps_version \"", printable(version), "\" is unknown; expected v1 or v2"));
  }
  config.pixel_shuffle_v2 = version == "v2";
  config.select_layer = fields.integer_or("select_layer", -1, {-vision.num_layers, -1});
  config.force_image_size = fields.integer_or("force_image_size", vision.image_size, kPixels);
  config.min_dynamic_patch = fields.integer_or("min_dynamic_patch", 1, kTiles);
  config.max_dynamic_patch = fields.integer_or("max_dynamic_patch", 6, kTiles);  // the published class's default
  config.dynamic_image_size = fields.boolean_or("dynamic_image_size", false);
  config.use_thumbnail = fields.boolean_or("use_thumbnail", false);
  if (config.min_dynamic_patch > config.max_dynamic_patch) {
    throw InputError(cat(fields.where(), ": min_dynamic_patch ", config.min_dynamic_patch,
                         " is above max_dynamic_patch ", config.max_dynamic_patch));
  }
  const int64_t cell = std::llround(1.0 / config.downsample_ratio);
  if (std::abs(static_cast<double>(cell) * config.downsample_ratio - 1.0) > 1e-6) {
    throw InputError(
        cat(fields.where(), ": downsample_ratio ", config.downsample_ratio, " is not one over a whole number"));
  }
  if (config.force_image_size % (vision.patch_size * cell) != 0) {
    throw InputError(cat(fields.where(), ": a tile of ", config.force_image_size,
                         " pixels does not split into cells of ", cell, " x ", cell, " patches of ", vision.patch_size,
                         " pixels"));
  }
}

std::string read_dtype(const ConfigFields& fields) {
  return fields.text_or("torch_dtype", fields.text_or("dtype", ""));
}

}  // namespace

int64_t ModelConfig::tokens_per_tile() const {
  if (!vision) return 0;
  const int64_t side = force_image_size / vision->patch_size / std::llround(1.0 / downsample_ratio);
  return side * side;
}

ModelConfig read_model_config(const std::filesystem::path& folder) {
  const std::filesystem::path path = is_gguf(folder) ? folder : folder / "config.json";
  ModelConfig config;
  config.raw = is_gguf(folder) ? gguf_config(GgufFile(folder)) : read_json_file(path);
  const ConfigFields fields(config.raw, path.string());
  read_quantization_config(config.raw, path.string());  // refuses what open_checkpoint cannot read
  const KnownArchitecture& known = find_architecture(fields);
  config.architecture = known.name;
  config.model_type = fields.text_or("model_type", known.model_type);
  config.torch_dtype = read_dtype(fields);
  if (known.model_type == std::string_view(kQwen25Vl)) {
    config.language = read_language(fields.has("text_config") ? fields.object("text_config") : fields);
    read_qwen25_vision(fields, config);
  } else if (known.has_vision) {
    const ConfigFields language = fields.object("llm_config");
    if (language.has("architectures") && language.json().at("architectures") != Json::array({"Qwen2ForCausalLM"})) {
      throw InputError(cat(language.where(), ": architectures is ",
                           printable(dump_json(language.json().at("architectures"))),
                           "; this program knows only Qwen2ForCausalLM as language model"));
    }
    config.language = read_language(language);
    if (!config.language.mrope_section.empty()) {
      throw InputError(cat(language.where(), ": M-RoPE belongs to Qwen2.5-VL's tower; a ", known.name,
                           " counts positions plainly, expected no mrope_section"));
    }
    config.vision = read_vision(fields.object("vision_config"));
    read_joint(fields, config);
    if (config.torch_dtype.empty()) config.torch_dtype = read_dtype(language);
  } else {
    config.language = read_language(fields);
  }
  if (config.torch_dtype.empty()) config.torch_dtype = "float32";
  return config;
}

}  // namespace r1v
