// Conversation -> token ids and pixels: template, tokenizer and tiles come together here.
#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "media/pixels.h"
#include "prompt/conversation.h"
#include "prompt/protect.h"
#include "text/template.h"
#include "text/tokenizer.h"

namespace r1v {

/// One picture's share of a prompt.
struct PromptImage {
  int64_t tiles = 0;
  int64_t tokens = 0;
};

/// What a model is asked with. T tokens; image tokens already expanded.
struct Prompt {
  std::string text;
  std::vector<int64_t> input_ids;
  std::vector<PromptImage> images;
  at::Tensor pixels_NCHW;         // float32, all tiles of all pictures in order; undefined without pictures
  bool starts_thinking = false;   // the template opened <think>
};

/// How a checkpoint folder turns conversations into prompts: tokenizer, chat template, tiling, control-token ids.
class Renderer {
 public:
  /// Reads tokenizer, chat_template.jinja or tokenizer_config.json's chat_template, config.json, preprocessor_config.json.
  explicit Renderer(const std::filesystem::path& folder);

  const Tokenizer& tokenizer() const { return *tokenizer_; }
  const TileLimits& tiles() const { return tiles_; }
  TileLimits& tiles() { return tiles_; }
  int64_t image_token_id() const { return image_token_id_; }  // <IMG_CONTEXT>, -1 without vision
  int64_t think_end_id() const { return think_end_id_; }      // </think> when it is one token, else -1
  int64_t tokens_per_tile() const { return tokens_per_tile_; }
  /// Ids that end an answer: generation_config's list, config's, tokenizer_config's eos_token.
  const std::vector<int64_t>& eos_ids() const { return eos_ids_; }

  /// User text can never become a control token or an image slot. One `<image>` marker a picture: where the text names
  /// it (LLaVA style) or in front of the text otherwise. thinking=false drops the opened <think>.
  /// throws InputError: picture markers and pictures differ in number, roles unknown to the template, ...
  Prompt render(const Conversation& conversation, bool thinking = true) const;

  /// The two halves of render, for callers that join texts: what the template makes of the conversation, foreign text
  /// and pictures marked; and the encoding of such text, appended to `prompt`.
  std::string marked_text(const Conversation& conversation, Protector& protector) const;
  void encode(std::string_view marked, const Protector& protector, const Conversation& conversation, Prompt& prompt) const;
  /// Knows this vocabulary's control tokens.
  Protector protector() const;
  /// The token that ends a turn, as text ("<|im_end|>").
  std::string turn_end() const;

 private:
  void read_tiling(const std::filesystem::path& folder);
  void read_eos_ids(const std::filesystem::path& folder);
  void add_picture(const Picture& picture, Prompt& prompt) const;

  std::filesystem::path folder_;
  std::unique_ptr<Tokenizer> tokenizer_;
  std::unique_ptr<ChatTemplate> template_;  // null: the folder has none
  TileLimits tiles_;
  Json tokenizer_config_;
  int64_t image_token_id_ = -1;
  int64_t think_end_id_ = -1;
  int64_t tokens_per_tile_ = 0;
  std::vector<int64_t> eos_ids_;
};

}  // namespace r1v
