// The networks put together.
#include "models/r1v.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "models/packed_language.h"

namespace r1v {
namespace {

void check_ids(const at::Tensor& input_ids_T, int64_t vocabulary) {
  if (input_ids_T.numel() == 0) return;
  // a wrong id would read outside the table: worth looking at every id once a pass
  const int64_t low = input_ids_T.min().item<int64_t>();
  const int64_t high = input_ids_T.max().item<int64_t>();
  if (low >= 0 && high < vocabulary) return;
  throw InputError(cat("token id ", low < 0 ? low : high, " is outside the model's vocabulary of ", vocabulary,
                       " rows; tokenizer and model do not belong together"));
}

}  // namespace

R1vModel::R1vModel(const ModelConfig& config) : config_(config), language_(std::make_unique<Qwen2>(config.language)) {
  if (config.vision) {
    vision_ = std::make_unique<InternVit>(*config.vision, config.select_layer);
    projector_ = std::make_unique<Projector>(config);
    child("vision_model", *vision_);
    child("mlp1", *projector_);
    child("language_model", *language_);
    return;
  }
  if (config.qwen_vision) {
    qwen_vision_ = std::make_unique<Qwen25Vision>(*config.qwen_vision);
    child("visual", *qwen_vision_);
  }
  // Qwen2ForCausalLM's own names, which Qwen2.5-VL shares.
  child("model", language_->model);
  if (language_->lm_head) child("lm_head", *language_->lm_head);
}

R1vModel::~R1vModel() = default;

at::Tensor R1vModel::vision_features(const at::Tensor& pixels, std::span<const PictureGrid> grids) const {
  R1V_CHECK(has_vision(), "this model has no vision tower");
  return vision_ ? vision_->forward(pixels) : qwen_vision_->features(pixels, grids);
}

at::Tensor R1vModel::encode_pictures(const at::Tensor& pixels, std::span<const PictureGrid> grids) const {
  const at::Tensor features = vision_features(pixels, grids);
  return vision_ ? projector_->forward(projector_->shuffle(features)).flatten(0, 1) : qwen_vision_->merge(features);
}

int64_t R1vModel::picture_tokens(const PictureGrid& grid) const {
  if (config_.vision) return grid.frames * config_.tokens_per_tile();
  const int64_t merge = config_.qwen_vision ? config_.qwen_vision->spatial_merge_size : 1;
  return grid.patches() / (merge * merge);
}

int64_t R1vModel::pixel_rows(const PictureGrid& grid) const { return config_.vision ? grid.frames : grid.patches(); }

Positions R1vModel::positions(std::span<const int64_t> ids, std::span<const PictureGrid> grids) const {
  if (config_.language.mrope_section.empty() || grids.empty()) return plain_positions(static_cast<int64_t>(ids.size()));
  R1V_CHECK(config_.qwen_vision, "M-RoPE with pictures needs Qwen2.5-VL's tower");
  return mrope_positions(ids, config_.image_token_id, grids, config_.qwen_vision->spatial_merge_size);
}

TokenPlan R1vModel::packed(const at::Tensor& input_ids_T, const std::vector<int64_t>& lengths,
                           std::span<const PictureGrid> grids) const {
  TokenPlan plan = packed_plan(lengths);
  if (config_.language.mrope_section.empty() || grids.empty()) return plan;
  const at::Tensor ids_T = input_ids_T.to(at::kCPU, at::kLong).contiguous();
  const std::span<const int64_t> ids(ids_T.const_data_ptr<int64_t>(), static_cast<size_t>(ids_T.numel()));
  std::vector<at::Tensor> parts;
  size_t begin = 0, first_grid = 0;
  for (const int64_t length : lengths) {
    const auto document = ids.subspan(begin, static_cast<size_t>(length));
    begin += static_cast<size_t>(length);
    // The document's pictures are as many grids as its image tokens fill.
    int64_t slots = std::ranges::count(document, config_.image_token_id);
    size_t used = 0;
    while (slots > 0 && first_grid + used < grids.size()) slots -= picture_tokens(grids[first_grid + used++]);
    const at::Tensor values = positions(document, grids.subspan(first_grid, used)).values;
    parts.push_back(values.dim() == 2 ? values : values.expand({3, length}));
    first_grid += used;
  }
  plan.positions = at::cat(parts, 1);
  return plan;
}

at::Tensor R1vModel::embed(const at::Tensor& input_ids_T, const at::Tensor& image_ND, int64_t image_token_id) const {
  check_ids(input_ids_T, config_.language.vocab_size);
  at::Tensor embeds_TD = packed_ ? packed_->embed(input_ids_T) : language_->model.embed_tokens.forward(input_ids_T);
  const at::Tensor slots = (input_ids_T == image_token_id).nonzero().squeeze(1);  // syncs: its length is needed now
  const int64_t image_rows = image_ND.defined() ? image_ND.size(0) : 0;
  if (slots.size(0) != image_rows) {
    throw InputError(cat("image tokens and image features do not match: the ids hold ", slots.size(0),
                         " image tokens but the pictures encode to ", image_rows,
                         " features; render the prompt with the same tiling limit that cut the pictures"));
  }
  if (image_rows == 0) return embeds_TD;
  return embeds_TD.index_put({slots}, image_ND.to(embeds_TD.scalar_type()));
}

at::Tensor R1vModel::hidden(const at::Tensor& embeds_TD, const TokenPlan& plan) const {
  return packed_ ? packed_->hidden(embeds_TD, plan) : language_->model.forward(embeds_TD, plan);
}

at::Tensor R1vModel::logits(const at::Tensor& hidden_TD) const {
  return packed_ ? packed_->logits(hidden_TD) : at::linear(hidden_TD, head_weight_VD());
}

void R1vModel::pack(const WeightReader& reader, const PackFormats& formats) {
  const std::string prefix = config_.vision ? "language_model." : "";
  packed_ = std::make_unique<PackedLanguage>(config_.language, reader, prefix, formats);
  const auto is_language = [&](const std::string& name) {
    const std::string own = name.substr(std::min(name.size(), prefix.size()));
    return name.starts_with(prefix) && (own.starts_with("model.") || own.starts_with("lm_head"));
  };
  const auto shared = [&](const std::string& name) {
    return std::make_shared<PackedWeight>(reader.matrix(name, formats.vision));
  };
  std::set<const at::Tensor*> packed;
  walk_modules([&](const std::string& name, Module& module) {
    auto* linear = dynamic_cast<Linear*>(&module);
    if (linear == nullptr || is_language(name)) return;
    linear->packed = shared(name + ".weight");
    packed.insert(&linear->weight);
  });
  if (vision_) {
    vision_->pack_patches(shared("vision_model.embeddings.patch_embedding.weight"));
  }
  if (qwen_vision_) qwen_vision_->pack_patches(shared("visual.patch_embed.proj.weight"));
  walk([&](const std::string& name, at::Tensor& parameter) {
    if (!is_language(name) && !packed.contains(&parameter)) parameter = reader.numbers(name);
  });
}

namespace {

using LinearsByName = std::map<std::string, Linear*>;

LinearsByName linears_of(R1vModel& model) {
  LinearsByName linears;
  model.walk_modules([&](const std::string& name, Module& module) {
    if (auto* linear = dynamic_cast<Linear*>(&module)) linears[name + ".weight"] = linear;
  });
  return linears;
}

/// One of several matrices stacked in `whole`, from output `first` on: a part of the panels where that is possible.
std::shared_ptr<PackedWeight> part_of_stack(PackedWeight& whole, int64_t first, const Linear& linear) {
  R1V_CHECK(first % kPanelOutputs == 0, "stacked matrices do not begin with a panel");
  return std::make_shared<PackedWeight>(whole.outputs(first, linear.weight.size(0)));
}

}  // namespace

void R1vModel::refresh_packed(const WeightReader& reader,
                              const std::function<bool(const std::string& parameter)>& changed) {
  R1V_CHECK(packed_, "a plain network has nothing to refresh");
  packed_->refresh(reader, changed);
  for (const auto& [name, linear] : linears_of(*this)) {
    if (linear->packed && changed(name)) linear->packed->assign(reader.stacked_rows({name}));
  }
  const auto patches = [&](const auto& tower, const std::string& name) {
    if (tower && changed(name)) tower->packed_patches()->assign(reader.stacked_rows({name}));
  };
  patches(vision_, "vision_model.embeddings.patch_embedding.weight");
  patches(qwen_vision_, "visual.patch_embed.proj.weight");
  walk([&](const std::string& name, at::Tensor& parameter) {
    if (!parameter.is_meta() && changed(name)) parameter = reader.numbers(name);
  });
}

void R1vModel::follow(R1vModel& packed) {
  R1V_CHECK(!packed_ && packed.packed_, "a plain network follows a packed one");
  const LinearsByName own = linears_of(*this);
  for (const auto& [name, linear] : linears_of(packed)) {
    if (linear->packed) own.at(name)->packed = linear->packed;
  }
  packed.packed_->each_matrix([&](PackedWeight& whole, const std::vector<std::string>& parameters) {
    int64_t first = 0;
    for (const std::string& name : parameters) {
      const auto linear = own.find(name);
      if (linear == own.end()) continue;  // a tied head is no Linear
      linear->second->packed = part_of_stack(whole, first, *linear->second);
      first += linear->second->weight.size(0);
    }
    if (parameters.back().find(".layers.") == std::string::npos) {
      followed_head_ = std::make_unique<const PackedWeight>(whole);
    }
  });
  if (vision_) vision_->pack_patches(packed.vision_->packed_patches());
  if (qwen_vision_) qwen_vision_->pack_patches(packed.qwen_vision_->packed_patches());
  language_->model.known_rope = packed.packed_->known_rope();
}

void R1vModel::unfollow() {
  for (const auto& [name, linear] : linears_of(*this)) linear->packed.reset();
  if (vision_) vision_->pack_patches(nullptr);
  if (qwen_vision_) qwen_vision_->pack_patches(nullptr);
  language_->model.known_rope.reset();
  followed_head_.reset();
}

at::TensorOptions R1vModel::input_options() const {
  return packed_ ? at::TensorOptions(at::kFloat).device(at::kCPU) : head_weight_VD().options();
}

const at::Tensor& R1vModel::head_weight_VD() const { return language_->head_weight_VD(); }

}  // namespace r1v
