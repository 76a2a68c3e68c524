// Many conversations through a reward model pass by pass, so that others may compute in between.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "prompt/scored.h"

namespace r1v {

class RewardModel;

/// Borrows the model and the prompts. Neighbours with the same beginning share its pictures, and its rows as far as
/// they are read together: a packed network reads up to 2,048 rows of answers in a pass, a plain one an answer.
class ScoringRun {
 public:
  ScoringRun(const RewardModel& model, std::span<const ScoredPrompt> prompts);
  ScoringRun(ScoringRun&&) noexcept;
  ~ScoringRun();

  /// One pass; false once every prompt has its score. throws InputError as RewardModel::score does.
  bool step();
  /// In order; complete when step() has said so.
  const std::vector<double>& scores() const;
  /// Through the language model so far.
  int64_t rows() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace r1v
