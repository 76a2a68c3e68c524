// A network with a scalar head that judges answers: how good is the last answer of a conversation?
#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "engine/scoring_run.h"
#include "models/r1v.h"
#include "models/registry.h"
#include "models/value_head.h"
#include "prompt/scored.h"

namespace r1v {

/// Scores are read after the final norm at the last token of the rendered conversation; a judge whose head weighs the
/// answer's likelihood (models/value_head.h) adds that. A score never depends on what
/// else is scored. What comes before the answer (pictures, system message, question) is computed once where neighbours
/// share it; the answers share passes in a packed network, whose rows do not depend on each other, and run alone in a
/// plain one.
class RewardModel {
 public:
  /// throws InputError: a broken folder, or one without value_head.safetensors.
  RewardModel(const std::filesystem::path& folder, const LoadOptions& load);

  const Renderer& renderer() const { return *renderer_; }
  Renderer& renderer() { return *renderer_; }
  R1vModel& model() { return *model_; }
  const R1vModel& model() const { return *model_; }

  /// One score a prompt, in order. Prompts with the same beginning should stand next to each other.
  /// throws InputError when a prompt does not fit the model or its score is not finite (message without the place).
  std::vector<double> score(std::span<const ScoredPrompt> prompts) const;

  /// throws InputError when the prompt does not fit the model. From any thread.
  void expect_fits(const ScoredPrompt& scored) const;
  /// What the head makes of a last hidden row [1, D]; not finite where the checkpoint is broken.
  double value_of(const at::Tensor& hidden_1D) const;
  /// What a nat of the answer's log-likelihood adds to its score; 0: nothing asks for it.
  double likelihood_weight() const { return head_->likelihood_weight(); }

 private:
  std::unique_ptr<Renderer> renderer_;
  std::unique_ptr<R1vModel> model_;
  std::unique_ptr<ValueHead> head_;
};

}  // namespace r1v
