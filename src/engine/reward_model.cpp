// Loading, and what a prompt must be like.
#include "engine/reward_model.h"

#include "base/error.h"
#include "engine/too_long.h"
#include "models/registry.h"

namespace r1v {

RewardModel::RewardModel(const std::filesystem::path& folder, const LoadOptions& load)
    : renderer_(std::make_unique<Renderer>(folder)) {
  if (!has_value_head(folder)) load_value_head(folder, 0, load.device);  // refuses before gigabytes are read
  model_ = load_model(folder, load);
  head_ = load_value_head(folder, model_->config().language.hidden_size, load.device);
}

void RewardModel::expect_fits(const ScoredPrompt& scored) const {
  const int64_t length = std::ssize(scored.prompt.input_ids);
  const int64_t context = model_->config().language.max_position;
  if (length > context) {
    throw TooLongError(cat("the conversation has ", length, " tokens but the model's context holds ", context,
                           "; shorten it, or use fewer or smaller pictures"));
  }
  if (!scored.prompt.images.empty() && !model_->has_vision()) {
    throw InputError("the conversation has a picture but this checkpoint is a plain language model");
  }
}

double RewardModel::value_of(const at::Tensor& hidden_1D) const { return head_->forward(hidden_1D).item<double>(); }

std::vector<double> RewardModel::score(std::span<const ScoredPrompt> prompts) const {
  ScoringRun run(*this, prompts);
  while (run.step()) {
  }
  return run.scores();
}

}  // namespace r1v
