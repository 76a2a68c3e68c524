// The linear head that the tower learns under, its loss, and what is counted while it learns.
#pragma once

#include <ATen/ATen.h>

#include <array>
#include <cstdint>

#include "recipes/tower_targets.h"
#include "tensor/module.h"
#include "train/loss_sum.h"

namespace r1v {

/// Scale-free linear read-out of every patch: all questions' classes side by side. Thrown away after training.
/// R = patches of all tiles, W = tower width, K = classes of all questions together.
class PatchHead final : public Module {
 public:
  PatchHead(int64_t width, const PatchClasses& classes, uint64_t seed);
  /// features_RW -> logits [R, K], float32.
  at::Tensor forward(const at::Tensor& features_RW) const;

 private:
  at::Tensor weight_;
  at::Tensor bias_;
};

/// Patches with something to say and how many of them the head says right, per question.
struct PatchScore {
  std::array<int64_t, kPatchQuestions> asked{};
  std::array<int64_t, kPatchQuestions> right{};
  void add(const PatchScore& other);
  double accuracy(PatchQuestion question) const;
};

/// Cross-entropy of all questions, each averaged over its patches with weight 1 where there is something and
/// `empty_weight` where there is nothing (most patches are empty), summed over questions; count is 1.
/// labels_RQ int8, kNoQuestion = not asked.
LossSum patch_loss(const at::Tensor& logits_RK, const at::Tensor& labels_RQ, const PatchClasses& classes,
                   double empty_weight);
PatchScore patch_score(const at::Tensor& logits_RK, const at::Tensor& labels_RQ, const PatchClasses& classes);

}  // namespace r1v
