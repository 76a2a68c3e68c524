// The R1V network put together.
#include "models/r1v.h"

#include "base/error.h"

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
  // A plain language model bears Qwen2ForCausalLM's own names.
  child("model", language_->model);
  if (language_->lm_head) child("lm_head", *language_->lm_head);
}

at::Tensor R1vModel::vision_features(const at::Tensor& pixels_NCHW) const {
  R1V_CHECK(has_vision(), "this model has no vision tower");
  return vision_->forward(pixels_NCHW);
}

at::Tensor R1vModel::encode_tiles(const at::Tensor& pixels_NCHW) const {
  return projector_->forward(projector_->shuffle(vision_features(pixels_NCHW))).flatten(0, 1);
}

at::Tensor R1vModel::embed(const at::Tensor& input_ids_T, const at::Tensor& image_ND, int64_t image_token_id) const {
  check_ids(input_ids_T, config_.language.vocab_size);
  const at::Tensor embeds_TD = language_->model.embed_tokens.forward(input_ids_T);
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
  return language_->model.forward(embeds_TD, plan);
}

at::Tensor R1vModel::logits(const at::Tensor& hidden_TD) const { return at::linear(hidden_TD, head_weight_VD()); }

const at::Tensor& R1vModel::head_weight_VD() const { return language_->head_weight_VD(); }

}  // namespace r1v
