// Key by key, defaults of the published 7B where transformers has the same.
#include "models/qwen2_5_config.h"

#include <numeric>

#include "base/error.h"

namespace r1v {
namespace {

std::vector<int64_t> whole_numbers(const ConfigFields& fields, const std::string& key, int64_t low) {
  const Json& list = json_at(fields.json(), key, fields.where());
  if (!list.is_array())
    throw InputError(cat(fields.where(), ": \"", key, "\" is ", list.type_name(), ", expected a list"));
  std::vector<int64_t> values;
  for (const Json& value : list) {
    if (!value.is_number_integer() || value.get<int64_t>() < low || value.get<int64_t>() > (1 << 16)) {
      throw InputError(cat(fields.where(), ": \"", key, "\" holds ", printable(dump_json(value)),
                           ", expected whole numbers from ", low));
    }
    values.push_back(value.get<int64_t>());
  }
  return values;
}

void check_tower(const Qwen25VisionConfig& vision, const ConfigFields& fields, int64_t language_width) {
  if (vision.hidden_size % (vision.num_heads * 4) != 0) {
    throw InputError(cat(fields.where(), ": hidden_size ", vision.hidden_size, " is not a multiple of 4 * num_heads ",
                         vision.num_heads, ", which rotary rows and columns need"));
  }
  if (vision.window_cells() < 1) {
    throw InputError(cat(fields.where(), ": window_size ", vision.window_size, " holds no cell of ",
                         vision.spatial_merge_size, " x ", vision.spatial_merge_size, " patches of ",
                         vision.patch_size));
  }
  if (vision.out_hidden_size != language_width) {
    throw InputError(cat(fields.where(), ": out_hidden_size ", vision.out_hidden_size,
                         " is not the language model's hidden_size ", language_width));
  }
}

}  // namespace

std::vector<int64_t> read_mrope_section(const ConfigFields& rope) { return whole_numbers(rope, "mrope_section", 1); }

void check_mrope_section(const LanguageConfig& language, const std::string& where) {
  const std::vector<int64_t>& section = language.mrope_section;
  if (section.empty()) return;
  const int64_t sum = std::accumulate(section.begin(), section.end(), int64_t{0});
  if (section.size() == 3 && sum * 2 == language.head_dim) return;
  throw InputError(cat(where, ": mrope_section has ", section.size(), " parts of ", sum,
                       " frequencies together, expected 3 parts that fill half of head_dim ", language.head_dim));
}

void read_qwen25_vision(const ConfigFields& fields, ModelConfig& config) {
  const ConfigFields tower = fields.object("vision_config");
  Qwen25VisionConfig vision;
  vision.hidden_size = tower.integer_or("hidden_size", vision.hidden_size, {1, 1 << 17});
  vision.depth = tower.integer_or("depth", vision.depth, {1, 1024});
  vision.num_heads = tower.integer_or("num_heads", vision.num_heads, {1, 4096});
  vision.intermediate_size = tower.integer_or("intermediate_size", vision.intermediate_size, {1, 1 << 20});
  vision.patch_size = tower.integer_or("patch_size", vision.patch_size, {1, 256});
  vision.temporal_patch_size = tower.integer_or("temporal_patch_size", vision.temporal_patch_size, {1, 16});
  vision.spatial_merge_size = tower.integer_or("spatial_merge_size", vision.spatial_merge_size, {1, 16});
  vision.window_size = tower.integer_or("window_size", vision.window_size, {1, 1 << 14});
  vision.out_hidden_size = tower.integer_or("out_hidden_size", config.language.hidden_size, {1, 1 << 17});
  if (tower.has("fullatt_block_indexes")) {
    vision.full_attention_blocks = whole_numbers(tower, "fullatt_block_indexes", 0);
  }
  tower.require_text("hidden_act", "silu");
  check_tower(vision, tower, config.language.hidden_size);
  config.qwen_vision = vision;
  config.image_token_id = fields.integer_or("image_token_id", 151655, {0, config.language.vocab_size - 1});
}

}  // namespace r1v
