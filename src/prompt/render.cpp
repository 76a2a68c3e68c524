// Template, tokenizer and tiles of one checkpoint folder, and a conversation's way through them.
#include "prompt/render.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "io/gguf.h"
#include "media/model_tiling.h"
#include "prompt/gguf_prompt.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kThink = "<think>";

Json read_optional(const fs::path& file) { return fs::exists(file) ? read_json_file(file) : Json(); }

// chat_template.jinja, tokenizer_config.json's "chat_template", or chat_template.json, where transformers 4 kept the
// templates of models that see; null when the folder has none.
std::unique_ptr<ChatTemplate> read_template(const fs::path& folder, const Json& tokenizer_config) {
  const fs::path file = folder / "chat_template.jinja";
  if (fs::exists(file)) return std::make_unique<ChatTemplate>(read_file(file), file.string());
  const Json entry = tokenizer_config.is_object() ? tokenizer_config.value("chat_template", Json()) : Json();
  if (entry.is_null()) {
    const fs::path processor = folder / "chat_template.json";
    if (!fs::exists(processor)) return nullptr;
    const std::string text = json_string(read_json_file(processor), "chat_template", processor.string());
    return std::make_unique<ChatTemplate>(text, processor.string());
  }
  const std::string where = cat((folder / "tokenizer_config.json").string(), " chat_template");
  if (entry.is_string()) return std::make_unique<ChatTemplate>(entry.get_ref<const std::string&>(), where);
  for (const Json& named : entry.is_array() ? entry : Json::array()) {
    if (json_string(named, "name", where) == "default") {
      return std::make_unique<ChatTemplate>(json_string(named, "template", where), where);
    }
  }
  throw InputError(cat(where, ": found ", entry.type_name(),
                       ", expected a string or a list of {\"name\", \"template\"} with one named \"default\""));
}

// An id or a list of ids under "eos_token_id"; none when the key is missing.
std::vector<int64_t> read_ids(const Json& config, const std::string& where) {
  std::vector<int64_t> ids;
  if (!config.is_object() || !config.contains("eos_token_id")) return ids;
  const Json& value = config.at("eos_token_id");
  if (value.is_null()) return ids;
  for (const Json& id : value.is_array() ? value : Json::array({value})) {
    if (!id.is_number_integer()) {
      throw InputError(cat(where, ": \"eos_token_id\" holds ", id.type_name(), ", expected integers"));
    }
    ids.push_back(id.get<int64_t>());
  }
  return ids;
}

}  // namespace

std::vector<PictureGrid> grids_of(const std::vector<PromptImage>& images) {
  std::vector<PictureGrid> grids;
  grids.reserve(images.size());
  for (const PromptImage& image : images) grids.push_back(image.grid);
  return grids;
}

std::string_view without_open_think(std::string_view text) {
  const std::string_view trimmed = text.substr(0, text.find_last_not_of(" \n") + 1);
  return trimmed.ends_with(kThink) ? trimmed.substr(0, trimmed.size() - kThink.size()) : text;
}

Renderer::Renderer(const fs::path& folder)
    : folder_(folder),
      tokenizer_(std::make_unique<Tokenizer>(load_tokenizer(folder))),
      tokenizer_config_(is_gguf(folder) ? gguf_tokenizer_config(folder)
                                        : read_optional(folder / "tokenizer_config.json")) {
  template_ = read_template(folder, tokenizer_config_);
  if (template_ != nullptr) shapes_ = probe_content_shapes(*template_, tokenizer_config_);
  think_end_id_ = tokenizer_->find("</think>");
  const Json config = is_gguf(folder) ? gguf_eos_config(folder) : read_optional(folder / "config.json");
  read_vision(config);
  read_eos_ids(config, tokenizer_config_);
}

// Pictures of Qwen2.5-VL, or of the InternVL family, which says force_image_size or image_size.
void Renderer::read_vision(const Json& config) {
  if (!config.is_object() || !config.contains("vision_config") || !config.at("vision_config").is_object()) return;
  const auto id_of = [&](const char* token) {
    const int64_t id = tokenizer_->find(token);
    if (id >= 0) return id;
    throw InputError(cat(folder_.string(), ": the tokenizer has no ", token, " token, which pictures need"));
  };
  if (json_string_or(config, "model_type", "", (folder_ / "config.json").string()) == "qwen2_5_vl") {
    patches_ = read_patch_limits(folder_);
    image_begin_id_ = id_of("<|vision_start|>");
    image_token_id_ = id_of("<|image_pad|>");
    image_end_id_ = id_of("<|vision_end|>");
    return;
  }
  if (!config.contains("force_image_size") && !config.at("vision_config").contains("image_size")) return;
  const ModelTiling tiling = model_tiling(config, (folder_ / "config.json").string());
  tiles_ = tiling.limits;
  tokens_per_tile_ = tiling.tokens_per_tile;
  tile_patches_ = tiling.patches_per_side;
  image_begin_id_ = id_of("<img>");
  image_token_id_ = id_of("<IMG_CONTEXT>");
  image_end_id_ = id_of("</img>");
}

void Renderer::read_eos_ids(const Json& config, const Json& tokenizer_config) {
  const fs::path file = folder_ / "generation_config.json";
  eos_ids_ = read_ids(read_optional(file), file.string());
  const std::string where = (folder_ / "config.json").string();
  if (eos_ids_.empty()) eos_ids_ = read_ids(config, where);
  if (eos_ids_.empty() && config.is_object() && config.contains("llm_config")) {
    eos_ids_ = read_ids(config.at("llm_config"), where);
  }
  const std::string token = config_token(tokenizer_config, "eos_token");
  if (!token.empty() && tokenizer_->find(token) >= 0) eos_ids_.push_back(tokenizer_->find(token));
  std::vector<int64_t> unique;
  for (const int64_t id : eos_ids_) {
    if (std::ranges::find(unique, id) == unique.end()) unique.push_back(id);
  }
  eos_ids_ = std::move(unique);
}

std::string Renderer::marked_text(const Conversation& conversation, Protector& protector, Replies replies) const {
  if (template_ == nullptr) {
    throw InputError(cat(folder_.string(),
                         ": no chat template; expected chat_template.jinja or \"chat_template\" in "
                         "tokenizer_config.json"));
  }
  if (!conversation.pictures.empty() && image_token_id_ < 0) {
    throw InputError(cat(folder_.string(), ": this model takes no pictures, but the conversation has ",
                         conversation.pictures.size()));
  }
  return template_->render(template_variables(conversation, protector, tokenizer_config_, shapes_, replies));
}

TileLimits Renderer::tiles_of_at_most(int64_t max_tiles) const {
  if (max_tiles == 0) return tiles_;
  if (image_token_id_ < 0 || patches_) throw InputError("max_tiles: this model cuts no pictures into tiles");
  if (max_tiles < 0 || max_tiles > tiles_.max_tiles) {
    throw InputError(cat("max_tiles is ", max_tiles, ", expected 1 to ", tiles_.max_tiles, ", or 0 for that many"));
  }
  TileLimits tiles = tiles_;
  tiles.max_tiles = max_tiles;
  tiles.min_tiles = std::min(tiles.min_tiles, max_tiles);
  return tiles;
}

PromptImage Renderer::measure_picture(int64_t width, int64_t height, const TileLimits& limits) const {
  R1V_CHECK(image_token_id_ >= 0, "this model takes no pictures");
  if (patches_) {
    const PictureGrid grid = patch_grid(height, width, *patches_);
    return {.grid = grid, .tokens = patch_tokens(grid, *patches_), .pixel_rows = grid.patches()};
  }
  const int64_t tiles = choose_grid(width, height, limits).tiles(limits);
  return {.grid = {.frames = tiles, .rows = tile_patches_, .columns = tile_patches_},
          .tokens = tiles * tokens_per_tile_,
          .pixel_rows = tiles};
}

at::Tensor Renderer::picture_pixels(const Picture& picture, const TileLimits& tiles) const {
  return patches_ ? picture_patches_NF(picture, *patches_) : picture_pixels_NCHW(picture, tiles);
}

void Renderer::append_picture(const Picture& picture, Prompt& prompt, Pixels pixels, const TileLimits& tiles) const {
  const PromptImage image = measure_picture(picture.width, picture.height, tiles);
  prompt.images.push_back(image);
  const std::pair<int64_t, int64_t> runs[] = {
      {image_begin_id_, 1}, {image_token_id_, image.tokens}, {image_end_id_, 1}};
  for (const auto& [id, count] : runs) {
    prompt.input_ids.insert(prompt.input_ids.end(), static_cast<size_t>(count), id);
    const std::string_view token = tokenizer_->token_bytes(id);
    for (int64_t i = 0; i < count; ++i) prompt.text += token;
  }
  if (pixels == Pixels::left_out) return;
  const at::Tensor cut = picture_pixels(picture, tiles);
  prompt.pixels = prompt.pixels.defined() ? at::cat({prompt.pixels, cut}) : cut;
}

void Renderer::append(std::string_view marked, const Protector& protector, const Conversation& conversation,
                      Prompt& prompt, Pixels pixels) const {
  append(marked, protector, conversation, prompt, pixels, tiles_);
}

void Renderer::append(std::string_view marked, const Protector& protector, const Conversation& conversation,
                      Prompt& prompt, Pixels pixels, const TileLimits& tiles) const {
  for (const Protector::Piece& piece : protector.split(marked)) {
    if (piece.kind == Protector::Piece::Kind::picture) {
      if (piece.picture_index >= conversation.pictures.size()) {
        throw InputError("the chat template prints a private-use character that stands for pictures");
      }
      append_picture(conversation.pictures[piece.picture_index], prompt, pixels, tiles);
      continue;
    }
    if (piece.kind == Protector::Piece::Kind::token) {
      prompt.input_ids.push_back(piece.token_id);
    } else {
      const std::vector<int64_t> ids = tokenizer_->encode(piece.text, SpecialTokens::escape);
      prompt.input_ids.insert(prompt.input_ids.end(), ids.begin(), ids.end());
    }
    prompt.text += piece.text;
  }
}

Prompt Renderer::render(const Conversation& conversation, bool thinking, int64_t max_tiles) const {
  const TileLimits tiles = tiles_of_at_most(max_tiles);
  Protector marks = protector();
  std::string marked;
  if (thinking || conversation.template_kwargs.contains("enable_thinking")) {
    marked = marked_text(conversation, marks, Replies::as_text);
  } else {
    Conversation silent = conversation;
    if (silent.template_kwargs.is_null()) silent.template_kwargs = Json::object();
    silent.template_kwargs["enable_thinking"] = false;
    marked = marked_text(silent, marks, Replies::as_text);
  }
  const std::string_view closed = without_open_think(marked);
  const bool opens_think = conversation.add_generation_prompt && closed.size() < marked.size();
  Prompt prompt{.starts_thinking = opens_think && thinking};
  append(opens_think && !thinking ? closed : marked, marks, conversation, prompt, Pixels::cut, tiles);
  if (prompt.images.size() != conversation.pictures.size()) {
    throw InputError(cat("the conversation has ", conversation.pictures.size(),
                         " pictures but the chat template printed ", prompt.images.size()));
  }
  return prompt;
}

}  // namespace r1v
