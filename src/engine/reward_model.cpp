// What neighbours share is read once and kept; every answer is read alone.
#include "engine/reward_model.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "engine/growing_kv.h"
#include "models/registry.h"

namespace r1v {
namespace {

constexpr int64_t kBeginning = 0, kAnswer = 1;  // names in the store

bool same_pixels(const Prompt& a, const Prompt& b) {
  return a.pixels.defined() == b.pixels.defined() && (!a.pixels.defined() || at::equal(a.pixels, b.pixels)) &&
         grids_of(a.images) == grids_of(b.images);
}

bool same_beginning(const ScoredPrompt& a, const ScoredPrompt& b) {
  return a.shared_tokens == b.shared_tokens &&
         std::equal(a.prompt.input_ids.begin(), a.prompt.input_ids.begin() + static_cast<int64_t>(a.shared_tokens),
                    b.prompt.input_ids.begin()) &&
         same_pixels(a.prompt, b.prompt);
}

/// One run of prompts with the same beginning.
class Reading {
 public:
  Reading(const R1vModel& model, const ValueHead& head, int64_t image_token_id)
      : model_(model), head_(head), image_token_id_(image_token_id) {}

  void begin(const ScoredPrompt& scored) {
    kv_.release(kBeginning);
    const Prompt& prompt = scored.prompt;
    const auto shared = static_cast<int64_t>(scored.shared_tokens);
    const std::vector<PictureGrid> grids = grids_of(prompt.images);
    expect_fits(static_cast<int64_t>(prompt.input_ids.size()));  // before anything long is read
    if (!grids.empty() && !model_.has_vision()) {
      throw InputError("the conversation has a picture but this checkpoint is a plain language model");
    }
    at::Tensor image_ND;
    if (prompt.pixels.defined()) {
      image_ND = model_.encode_pictures(prompt.pixels.to(model_.head_weight_VD().options()), grids);
    }
    if (shared > 0) read(prompt, grids, image_ND, {.sequence = kBeginning, .past = 0, .count = shared});
  }

  double score(const ScoredPrompt& scored) {
    const auto shared = static_cast<int64_t>(scored.shared_tokens);
    const auto length = static_cast<int64_t>(scored.prompt.input_ids.size());
    const std::vector<PictureGrid> grids = grids_of(scored.prompt.images);
    expect_fits(length);
    if (shared > 0) kv_.fork(kBeginning, kAnswer);
    const at::Tensor hidden_TD =
        read(scored.prompt, grids, at::Tensor(), {.sequence = kAnswer, .past = shared, .count = length - shared});
    kv_.release(kAnswer);
    const double value = head_.forward(hidden_TD.narrow(0, hidden_TD.size(0) - 1, 1)).item<double>();
    if (!std::isfinite(value)) {
      throw InputError(
          "the score is not a finite number: the checkpoint holds NaN or infinity, or the dtype is too "
          "narrow for it (r1v inspect --check, --dtype float32)");
    }
    return value;
  }

 private:
  void expect_fits(int64_t length) const {
    const int64_t context = model_.config().language.max_position;
    if (length <= context) return;
    throw InputError(cat("the conversation has ", length, " tokens but the model's context holds ", context,
                         "; shorten it, or use fewer or smaller pictures"));
  }

  at::Tensor read(const Prompt& prompt, const std::vector<PictureGrid>& grids, const at::Tensor& image_ND,
                  const TokenSpan& span) {
    const at::Device device = model_.head_weight_VD().device();
    const at::Tensor ids_T = at::tensor(prompt.input_ids, at::kLong).narrow(0, span.past, span.count).to(device);
    const at::Tensor positions = model_.positions(prompt.input_ids, grids).values.narrow(-1, span.past, span.count);
    const TokenPlan plan{.positions = positions.to(device), .spans = {span}, .store = &kv_};
    return model_.hidden(model_.embed(ids_T, image_ND, image_token_id_), plan);
  }

  const R1vModel& model_;
  const ValueHead& head_;
  int64_t image_token_id_;
  GrowingKv kv_;
};

}  // namespace

RewardModel::RewardModel(const std::filesystem::path& folder, at::ScalarType dtype, at::Device device)
    : renderer_(std::make_unique<Renderer>(folder)) {
  if (!has_value_head(folder)) load_value_head(folder, 0, device);  // refuses before gigabytes are read
  model_ = load_model(folder, {.dtype = dtype, .device = device});
  head_ = load_value_head(folder, model_->config().language.hidden_size, device);
}

std::vector<double> RewardModel::score(std::span<const ScoredPrompt> prompts) const {
  const at::NoGradGuard no_gradients;
  Reading reading(*model_, *head_, renderer_->image_token_id());
  std::vector<double> scores;
  for (size_t i = 0; i < prompts.size(); ++i) {
    if (i == 0 || !same_beginning(prompts[i - 1], prompts[i])) reading.begin(prompts[i]);
    scores.push_back(reading.score(prompts[i]));
  }
  return scores;
}

}  // namespace r1v
