// config.json of the family: numbers only, read and checked; both model types and both class names.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "nn/yarn.h"

namespace r1v {

/// InternViT, both flavours. 300M: LayerNorm, qkv bias, no q/k norm. 6B: RMSNorm, q/k norm, no qkv bias.
struct VisionConfig {
  int64_t hidden_size = 3200;
  int64_t num_layers = 45;
  int64_t num_heads = 25;
  int64_t intermediate_size = 12800;
  int64_t patch_size = 14;
  int64_t image_size = 448;
  bool qkv_bias = false;
  bool qk_normalization = true;
  bool rms_norm = true;  // norm_type "rms_norm", otherwise "layer_norm"
  double norm_eps = 1e-6;
};

/// The tower of Qwen2.5-VL, merger included; defaults of the published 7B.
struct Qwen25VisionConfig {
  int64_t hidden_size = 1280;
  int64_t depth = 32;
  int64_t num_heads = 16;
  int64_t intermediate_size = 3420;
  int64_t patch_size = 14;          // pixels
  int64_t temporal_patch_size = 2;  // frames
  int64_t spatial_merge_size = 2;   // patches a side of a cell
  int64_t window_size = 112;        // pixels
  int64_t out_hidden_size = 3584;
  std::vector<int64_t> full_attention_blocks = {7, 15, 23, 31};
  double norm_eps = 1e-6;

  int64_t window_cells() const { return window_size / spatial_merge_size / patch_size; }
};

struct LanguageConfig {
  int64_t hidden_size = 5120;
  int64_t num_layers = 64;
  int64_t num_heads = 40;
  int64_t num_kv_heads = 8;
  int64_t head_dim = 128;
  int64_t intermediate_size = 27648;
  int64_t vocab_size = 152064;
  int64_t max_position = 32768;
  double rms_norm_eps = 1e-6;
  double rope_theta = 1e6;
  bool tie_word_embeddings = false;
  std::optional<YarnConfig> yarn;      // rope_scaling of type "yarn"
  std::vector<int64_t> mrope_section;  // frequencies that follow time, row, column; empty without M-RoPE
};

struct ModelConfig {
  std::string architecture;                       // SkyworkR1VChatModel, InternVLChatModel, Qwen2ForCausalLM, ...
  std::string model_type;                         // skywork_chat, internvl_chat, qwen2_5_vl, qwen2
  std::optional<VisionConfig> vision;             // InternVL family
  std::optional<Qwen25VisionConfig> qwen_vision;  // Qwen2.5-VL; with neither it is a plain language model
  LanguageConfig language;
  double downsample_ratio = 0.5;
  bool pixel_shuffle_v2 = true;  // ps_version
  int64_t select_layer = -1;
  int64_t force_image_size = 448;  // tile edge in pixels
  int64_t min_dynamic_patch = 1;
  int64_t max_dynamic_patch = 12;
  bool dynamic_image_size = true;
  bool use_thumbnail = true;
  std::string torch_dtype = "bfloat16";
  Json raw;  // the file as read, so that saving keeps what we do not know

  int64_t image_token_id = -1;  // Qwen2.5-VL: the id that picture rows replace

  bool has_vision() const { return vision.has_value() || qwen_vision.has_value(); }
  /// Language-model tokens a tile becomes: (force_image_size / patch_size * downsample_ratio)^2; 0 without vision.
  int64_t tokens_per_tile() const;
};

/// Of a checkpoint folder, or out of the metadata of a *.gguf file.
/// throws InputError naming the key: missing, of a wrong type, out of range, unsupported (sliding window, other rope
/// scalings, other activations), or an architecture that this program does not know.
ModelConfig read_model_config(const std::filesystem::path& folder);

/// generation_config.json where present: all end-of-sequence ids, sampling defaults.
struct GenerationConfig {
  std::vector<int64_t> eos_token_ids;
  std::optional<double> temperature;
  std::optional<int64_t> top_k;
  std::optional<double> top_p;
  std::optional<double> repetition_penalty;
  bool do_sample = false;
};
GenerationConfig read_generation_config(const std::filesystem::path& folder);

}  // namespace r1v
