// For tests: a folder with a tiny Qwen2.5-VL network of random weights, one token a byte, and conversations about
// noise.
#pragma once

#include <optional>
#include <string>

#include "base/rng.h"
#include "engine/tiny_folder_test.h"
#include "models/init.h"
#include "models/registry.h"
#include "prompt/conversation.h"

namespace r1v::testing_folder {

inline constexpr const char* kQwen = R"({
  "architectures": ["Qwen2_5_VLForConditionalGeneration"], "model_type": "qwen2_5_vl", "torch_dtype": "float32",
  "image_token_id": 261, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1,
  "intermediate_size": 64, "hidden_act": "silu", "max_position_embeddings": 512, "rms_norm_eps": 1e-6,
  "rope_theta": 10000.0, "rope_scaling": {"type": "mrope", "mrope_section": [2, 3, 3]}, "vocab_size": 272,
  "tie_word_embeddings": false,
  "vision_config": {"depth": 2, "hidden_size": 32, "hidden_act": "silu", "intermediate_size": 40, "num_heads": 4,
    "out_hidden_size": 32, "patch_size": 4, "spatial_merge_size": 2, "temporal_patch_size": 2, "window_size": 16,
    "fullatt_block_indexes": [1]}})";
inline constexpr const char* kTemplate =
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

class TinyQwen {
 public:
  TinyQwen() {
    // Qwen2.5-VL's names for the tokens around pictures, in the places of this vocabulary.
    std::string tokenizer = byte_tokenizer_json(ThinkTags::tokens);
    for (const auto& [from, to] :
         {std::pair{"<img>", "<|vision_start|>"}, {"</img>", "<|vision_end|>"}, {"<IMG_CONTEXT>", "<|image_pad|>"}}) {
      tokenizer.replace(tokenizer.find(from), std::string(from).size(), to);
    }
    folder.write("tokenizer.json", tokenizer);
    folder.write("tokenizer_config.json", R"({"eos_token": "<|im_end|>"})");
    folder.write("generation_config.json", R"({"eos_token_id": [258, 256]})");
    folder.write("chat_template.jinja", kTemplate);
    folder.write("config.json", kQwen);
    folder.write(
        "preprocessor_config.json",
        R"({"patch_size": 4, "merge_size": 2, "temporal_patch_size": 2, "min_pixels": 64, "max_pixels": 4096})");
    const auto network = new_model(read_model_config(folder.path()), 3);
    save_model(*network, folder.path(), {}, at::kFloat);
  }

  static Picture noise(int width, int height, uint64_t seed) {
    Picture picture{.width = width, .height = height};
    Rng rng(seed);
    for (int i = 0; i < width * height * 3; ++i) picture.rgb.push_back(static_cast<uint8_t>(rng.integer(0, 255)));
    return picture;
  }

  /// A question, with a picture where `seed` is given, and an answer.
  static Conversation asked(const std::string& answer, std::optional<uint64_t> seed, int width = 30, int height = 45) {
    Conversation conversation;
    Message question{.role = "user"};
    if (seed) {
      question.parts.push_back({.kind = Part::Kind::picture, .picture_index = 0});
      conversation.pictures.push_back(noise(width, height, *seed));
      conversation.picture_names.push_back("noise");
    }
    question.parts.push_back({.text = "what is it?"});
    Message reply{.role = "assistant"};
    reply.parts.push_back({.text = answer});
    conversation.messages = {question, reply};
    return conversation;
  }

  TinyFolder folder;
};

}  // namespace r1v::testing_folder
