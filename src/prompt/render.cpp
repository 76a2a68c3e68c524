// Template, tokenizer and tiles of one checkpoint folder, and a conversation's way through them.
#include "prompt/render.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/file.h"
#include "prompt/chat_text.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

Json read_optional(const fs::path& file) { return fs::exists(file) ? read_json_file(file) : Json(); }

// chat_template.jinja, or tokenizer_config.json's "chat_template": a string, or a list with one named "default".
std::unique_ptr<ChatTemplate> read_template(const fs::path& folder, const Json& tokenizer_config) {
  const fs::path file = folder / "chat_template.jinja";
  if (fs::exists(file)) return std::make_unique<ChatTemplate>(read_file(file), file.string());
  const std::string where = (folder / "tokenizer_config.json").string();
  if (!tokenizer_config.is_object() || !tokenizer_config.contains("chat_template")) return nullptr;
  const Json& entry = tokenizer_config.at("chat_template");
  if (entry.is_string()) return std::make_unique<ChatTemplate>(entry.get<std::string>(), where);
  for (const Json& named : entry.is_array() ? entry : Json::array()) {
    if (json_string(named, "name", where) == "default") {
      return std::make_unique<ChatTemplate>(json_string(named, "template", where), where);
    }
  }
  throw InputError(cat(where, ": \"chat_template\" is ", entry.type_name(), " without a template named \"default\""));
}

void add_ids(const Json& value, std::vector<int64_t>& ids) {
  for (const Json& id : value.is_array() ? value : Json::array({value})) {
    if (id.is_number_integer() && std::ranges::find(ids, id.get<int64_t>()) == ids.end()) ids.push_back(id.get<int64_t>());
  }
}

// Drops the "<think>\n" that the template opened at the end.
void close_thinking(std::string& marked) {
  const std::string_view trimmed = std::string_view(marked).substr(0, marked.find_last_not_of('\n') + 1);
  if (trimmed.ends_with("<think>")) marked.resize(trimmed.size() - 7);
}

}  // namespace

Renderer::Renderer(const fs::path& folder)
    : folder_(folder),
      tokenizer_(std::make_unique<Tokenizer>(Tokenizer::load(folder))),
      tokenizer_config_(read_optional(folder / "tokenizer_config.json")) {
  template_ = read_template(folder, tokenizer_config_);
  think_end_id_ = tokenizer_->find("</think>");
  read_tiling(folder);
  read_eos_ids(folder);
}

void Renderer::read_tiling(const fs::path& folder) {
  const Json config = read_optional(folder / "config.json");
  if (!config.is_object() || !config.contains("vision_config") || !config.contains("force_image_size")) return;
  const std::string where = (folder / "config.json").string();
  const Json& vision = config.at("vision_config");
  const bool dynamic = json_bool_or(config, "dynamic_image_size", true, where);
  tiles_ = {.edge = json_int(config, "force_image_size", where),
            .min_tiles = json_int_or(config, "min_dynamic_patch", 1, where),
            .max_tiles = dynamic ? json_int_or(config, "max_dynamic_patch", 12, where) : 1,
            .thumbnail = json_bool_or(config, "use_thumbnail", true, where)};
  const int64_t patch = json_int_or(vision, "patch_size", 14, where);
  const double ratio = json_number_or(config, "downsample_ratio", 0.5, where);
  if (tiles_.edge < 1 || tiles_.edge > 4096 || patch < 1 || tiles_.edge % patch != 0 || !(ratio > 0 && ratio <= 1)) {
    throw InputError(cat(where, ": force_image_size ", tiles_.edge, ", patch_size ", patch, " and downsample_ratio ", ratio,
                         " do not fit together"));
  }
  const auto side = static_cast<int64_t>(std::llround(static_cast<double>(tiles_.edge / patch) * ratio));
  tokens_per_tile_ = side * side;
  image_token_id_ = tokenizer_->find("<IMG_CONTEXT>");
  if (image_token_id_ < 0) throw InputError(cat(folder.string(), ": the tokenizer has no <IMG_CONTEXT> token for pictures"));
}

void Renderer::read_eos_ids(const fs::path& folder) {
  for (const char* file : {"generation_config.json", "config.json"}) {
    const Json config = read_optional(folder / file);
    if (config.is_object() && config.contains("eos_token_id")) add_ids(config.at("eos_token_id"), eos_ids_);
  }
  const int64_t id = tokenizer_->find(config_token(tokenizer_config_, "eos_token"));
  if (id >= 0 && std::ranges::find(eos_ids_, id) == eos_ids_.end()) eos_ids_.push_back(id);
}

Protector Renderer::protector() const {
  std::vector<std::string> tokens = {"<think>", "</think>"};
  for (const AddedToken& token : tokenizer_->added_tokens()) {
    if (token.special) tokens.push_back(token.content);
  }
  return Protector(std::move(tokens));
}

std::string Renderer::turn_end() const {
  const std::string token = config_token(tokenizer_config_, "eos_token");
  if (tokenizer_->find(token) < 0) {
    throw InputError(cat((folder_ / "tokenizer_config.json").string(), ": \"eos_token\" is missing or not in the vocabulary"));
  }
  return token;
}

std::string Renderer::marked_text(const Conversation& conversation, Protector& protector) const {
  if (!template_) {
    throw InputError(cat(folder_.string(), ": no chat template; expected chat_template.jinja or \"chat_template\" in "
                                           "tokenizer_config.json"));
  }
  if (!conversation.pictures.empty() && image_token_id_ < 0) {
    throw InputError(cat(folder_.string(), ": this model takes no pictures, but the conversation has ",
                         conversation.pictures.size()));
  }
  return template_->render(template_variables(conversation, protector, tokenizer_config_));
}

void Renderer::add_picture(const Picture& picture, Prompt& prompt) const {
  const int64_t tiles = choose_grid(picture.width, picture.height, tiles_).tiles(tiles_);
  const int64_t tokens = tiles * tokens_per_tile_;
  prompt.images.push_back({.tiles = tiles, .tokens = tokens});
  for (const auto& [token, count] : {std::pair<const char*, int64_t>{"<img>", 1}, {"<IMG_CONTEXT>", tokens}, {"</img>", 1}}) {
    const int64_t id = tokenizer_->find(token);
    if (id < 0) throw InputError(cat(folder_.string(), ": the tokenizer has no ", token, " token"));
    prompt.input_ids.insert(prompt.input_ids.end(), static_cast<size_t>(count), id);
    for (int64_t i = 0; i < count; ++i) prompt.text += token;
  }
  const at::Tensor pixels_NCHW = picture_pixels_NCHW(picture, tiles_);
  prompt.pixels_NCHW = prompt.pixels_NCHW.defined() ? at::cat({prompt.pixels_NCHW, pixels_NCHW}) : pixels_NCHW;
}

void Renderer::encode(std::string_view marked, const Protector& protector, const Conversation& conversation,
                      Prompt& prompt) const {
  std::string plain;  // text between control tokens, the template's and the user's: encoded together
  const auto flush = [&] {
    const std::vector<int64_t> ids = tokenizer_->encode(plain, SpecialTokens::escape);
    prompt.input_ids.insert(prompt.input_ids.end(), ids.begin(), ids.end());
    prompt.text += plain;
    plain.clear();
  };
  const auto control_token_at = [&](std::string_view text) {
    const AddedToken* longest = nullptr;
    for (const AddedToken& token : tokenizer_->added_tokens()) {
      if (text.starts_with(token.content) && (longest == nullptr || token.content.size() > longest->content.size())) {
        longest = &token;
      }
    }
    return longest;
  };
  const auto text = [&](std::string_view run) {
    while (!run.empty()) {
      if (const AddedToken* token = control_token_at(run)) {
        flush();
        prompt.input_ids.push_back(token->id);
        prompt.text += token->content;
        run.remove_prefix(token->content.size());
      } else {
        plain += run.front();
        run.remove_prefix(1);
      }
    }
  };
  protector.visit(marked, {.text = text,
                           .foreign = [&](std::string_view foreign) { plain += foreign; },
                           .picture = [&](size_t index) {
                             flush();
                             if (index >= conversation.pictures.size()) throw InputError("a picture mark without its picture");
                             add_picture(conversation.pictures[index], prompt);
                           }});
  flush();
}

Prompt Renderer::render(const Conversation& conversation, bool thinking) const {
  Protector marks = protector();
  std::string marked = marked_text(conversation, marks);
  if (!thinking && conversation.add_generation_prompt) close_thinking(marked);
  Prompt prompt;
  encode(marked, marks, conversation, prompt);
  if (prompt.images.size() != conversation.pictures.size()) {
    throw InputError(cat("the conversation has ", conversation.pictures.size(), " pictures but the chat template kept ",
                         prompt.images.size(), " of them"));
  }
  const std::string_view end = std::string_view(prompt.text).substr(0, prompt.text.find_last_not_of('\n') + 1);
  prompt.starts_thinking = conversation.add_generation_prompt && end.ends_with("<think>");
  return prompt;
}

}  // namespace r1v
