// For tests: a checkpoint folder without weights whose tokenizer has one token a byte (id = byte), so that ids are
// readable, and the family's control tokens behind them.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"

namespace r1v::testing_folder {

inline constexpr int64_t kEndOfText = 256;
inline constexpr int64_t kImStart = 257;
inline constexpr int64_t kImEnd = 258;
inline constexpr int64_t kImgBegin = 259;
inline constexpr int64_t kImgEnd = 260;
inline constexpr int64_t kImgContext = 261;
inline constexpr int64_t kBox = 262;
inline constexpr int64_t kThink = 263;     // with ThinkTags::tokens
inline constexpr int64_t kThinkEnd = 264;  // with ThinkTags::tokens

enum class ThinkTags { tokens, text };

/// GPT-2's alphabet: printable Latin-1 stands for itself, the other bytes for 256, 257, ... in order.
inline std::string alphabet_character(int byte) {
  int code = byte;
  const auto is_printable = [](int b) { return (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174; };
  if (!is_printable(byte)) {
    code = 256;
    for (int b = 0; b < byte; ++b) code += is_printable(b) ? 0 : 1;
  }
  if (code < 0x80) return std::string(1, static_cast<char>(code));
  return {static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 0x3F))};
}

inline std::string byte_tokenizer_json(ThinkTags tags) {
  Json vocabulary = Json::object();
  for (int byte = 0; byte < 256; ++byte) vocabulary[alphabet_character(byte)] = byte;
  Json added = Json::array();
  const auto add = [&](int64_t id, const char* content, bool special) {
    added.push_back({{"id", id}, {"content", content}, {"special", special}, {"normalized", false}});
  };
  add(kEndOfText, "<|endoftext|>", true);
  add(kImStart, "<|im_start|>", true);
  add(kImEnd, "<|im_end|>", true);
  add(kImgBegin, "<img>", true);
  add(kImgEnd, "</img>", true);
  add(kImgContext, "<IMG_CONTEXT>", true);
  add(kBox, "<box>", true);
  if (tags == ThinkTags::tokens) {
    add(kThink, "<think>", false);
    add(kThinkEnd, "</think>", false);
  }
  return dump_json({{"added_tokens", added},
                    {"normalizer", nullptr},
                    {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}}},
                    {"decoder", {{"type", "ByteLevel"}}},
                    {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", Json::array()}}}});
}

/// A folder of its own below the system's temporary folder, removed at the end.
class TinyFolder {
 public:
  explicit TinyFolder(ThinkTags tags = ThinkTags::tokens) {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() / cat("r1v_engine_test_", ::getpid(), "_", count++);
    std::filesystem::create_directories(path_);
    write("tokenizer.json", byte_tokenizer_json(tags));
  }
  TinyFolder(const TinyFolder&) = delete;
  TinyFolder& operator=(const TinyFolder&) = delete;
  ~TinyFolder() { std::filesystem::remove_all(path_); }

  void write(const std::string& name, const std::string& bytes) const { write_file_atomic(path_ / name, bytes); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// config.json and the small files of an InternVL model whose language model has these widths (4 heads, 2 for keys and
/// values): pictures of 16 x 16 pixels are tiles of 4 tokens, templates only join what is said.
inline void write_tiny_config(const TinyFolder& folder, int64_t width, int64_t inner_width, int64_t context) {
  folder.write("config.json",
               cat(R"({
  "architectures": ["SkyworkR1VChatModel"], "model_type": "skywork_chat",
  "force_image_size": 16, "max_dynamic_patch": 4, "downsample_ratio": 0.5, "ps_version": "v2", "torch_dtype": "float32",
  "llm_config": {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "hidden_act": "silu", "rms_norm_eps": 1e-6,
    "rope_theta": 10000.0, "vocab_size": 272, "tie_word_embeddings": false, "hidden_size": )",
                   width, R"(, "intermediate_size": )", inner_width, R"(, "max_position_embeddings": )", context,
                   R"(},
  "vision_config": {"architectures": ["InternVisionModel"], "model_type": "intern_vit_6b", "hidden_size": 24,
    "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "patch_size": 4, "image_size": 16,
    "qkv_bias": false, "qk_normalization": true, "norm_type": "rms_norm", "layer_norm_eps": 1e-6, "hidden_act": "gelu"}})"));
  folder.write("generation_config.json", R"({"eos_token_id": [258, 256]})");
  folder.write("preprocessor_config.json", R"({"size": 16, "image_mean": [0.485, 0.456, 0.406],
                                               "image_std": [0.229, 0.224, 0.225]})");
  folder.write("tokenizer_config.json", R"({"eos_token": "<|im_end|>"})");
  folder.write("chat_template.jinja", "{% for message in messages %}{{ message.content }}{% endfor %}");
}

}  // namespace r1v::testing_folder
