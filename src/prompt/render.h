// Conversation -> token ids and pixels: template, tokenizer and tiles come together here.
#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "media/patches.h"
#include "media/pixels.h"
#include "prompt/chat_text.h"
#include "prompt/conversation.h"
#include "prompt/protect.h"
#include "text/template.h"
#include "text/tokenizer.h"

namespace r1v {

/// One picture's share of a prompt.
struct PromptImage {
  PictureGrid grid;        // InternVL: its frames are the tiles
  int64_t tokens = 0;      // of the language model
  int64_t pixel_rows = 0;  // along the first dimension of Prompt::pixels
};

/// What a model is asked with. T tokens; image tokens already expanded.
struct Prompt {
  std::string text;  // what the ids spell: decode(input_ids)
  std::vector<int64_t> input_ids;
  std::vector<PromptImage> images;  // in the order in which they stand in the text
  at::Tensor pixels;  // float32, all pictures in that order: tiles [N, 3, H, W] or patches [N, F]; undefined without
  bool starts_thinking = false;  // the template opened <think>
};

/// Whether pictures are cut and normalised, or only counted in tokens.
enum class Pixels { cut, left_out };

/// How a checkpoint folder turns conversations into prompts: tokenizer, chat template, tiling, control-token ids.
/// Once its limits are set, any number of threads may use it together.
class Renderer {
 public:
  /// Reads the tokenizer, chat_template.jinja or tokenizer_config.json's chat_template (a string, or a list with one
  /// named "default") or chat_template.json, config.json and generation_config.json. A folder without a template can
  /// tokenise but not render.
  explicit Renderer(const std::filesystem::path& folder);

  const Tokenizer& tokenizer() const { return *tokenizer_; }
  const TileLimits& tiles() const { return tiles_; }
  TileLimits& tiles() { return tiles_; }
  /// Set where pictures become patches (Qwen2.5-VL) instead of tiles.
  const std::optional<PatchLimits>& patches() const { return patches_; }
  std::optional<PatchLimits>& patches() { return patches_; }
  int64_t image_token_id() const { return image_token_id_; }  // <IMG_CONTEXT> or <|image_pad|>, -1 without vision
  int64_t think_end_id() const { return think_end_id_; }      // </think> when it is one token, else -1
  /// Ids that end an answer: those of generation_config.json (else of config.json) and tokenizer_config's eos_token.
  const std::vector<int64_t>& eos_ids() const { return eos_ids_; }

  /// User text can never become a control token or an image slot. One `<image>` marker a picture: where the text names
  /// it (LLaVA style) or where the picture's part stands otherwise, as "<image>\n". thinking=false gives the template
  /// enable_thinking = false (unless the request says otherwise) and drops a <think> that it still opens at the end.
  /// max_tiles  of each picture, at most what the renderer's own limit is; 0 = that limit.
  /// throws InputError: picture markers and pictures differ in number, roles unknown to the template, max_tiles out of
  /// its range or given where a model cuts no tiles, ...
  Prompt render(const Conversation& conversation, bool thinking = true, int64_t max_tiles = 0) const;

  // The two halves of render, for callers that put texts together (supervised.h).

  /// Knows this vocabulary's control tokens.
  Protector protector() const { return Protector(tokenizer_->added_tokens()); }
  /// What the template makes of the conversation; foreign text and pictures marked.
  std::string marked_text(const Conversation& conversation, Protector& protector, Replies replies) const;
  /// Marked text as tokens and (unless left out) pixels behind what `prompt` holds.
  void append(std::string_view marked, const Protector& protector, const Conversation& conversation, Prompt& prompt,
              Pixels pixels = Pixels::cut) const;

  /// What a picture of this size becomes.
  PromptImage measure_picture(int64_t width, int64_t height) const { return measure_picture(width, height, tiles_); }
  at::Tensor picture_pixels(const Picture& picture) const { return picture_pixels(picture, tiles_); }

 private:
  void read_vision(const Json& config);
  void read_eos_ids(const Json& config, const Json& tokenizer_config);
  TileLimits tiles_of_at_most(int64_t max_tiles) const;
  PromptImage measure_picture(int64_t width, int64_t height, const TileLimits& tiles) const;
  at::Tensor picture_pixels(const Picture& picture, const TileLimits& tiles) const;
  void append(std::string_view marked, const Protector& protector, const Conversation& conversation, Prompt& prompt,
              Pixels pixels, const TileLimits& tiles) const;
  void append_picture(const Picture& picture, Prompt& prompt, Pixels pixels, const TileLimits& tiles) const;

  std::filesystem::path folder_;
  std::unique_ptr<Tokenizer> tokenizer_;
  std::unique_ptr<ChatTemplate> template_;  // null: the folder has none
  ContentShapes shapes_;
  TileLimits tiles_;
  std::optional<PatchLimits> patches_;
  Json tokenizer_config_;
  int64_t image_begin_id_ = -1;
  int64_t image_token_id_ = -1;
  int64_t image_end_id_ = -1;
  int64_t think_end_id_ = -1;
  int64_t tokens_per_tile_ = 0;
  int64_t tile_patches_ = 0;  // a side
  std::vector<int64_t> eos_ids_;
};

/// The grids alone, as networks want them.
std::vector<PictureGrid> grids_of(const std::vector<PromptImage>& images);

/// The text without a "<think>" (and white space) that stands at its very end, opened for the model to go on.
std::string_view without_open_think(std::string_view text);

}  // namespace r1v
