// Many conversations through a reward model pass by pass, so that others may compute in between.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "prompt/scored.h"

namespace r1v {

class RewardModel;

/// Borrows the model and the prompts. Neighbours with the same beginning share its pictures and its rows, whose keys
/// and values stay until the last of them is read; the same answer is read once, and in a packed network answers that
/// begin alike share what they have in common. How passes are cut never changes the score of a packed network; a
/// plain one's, whose rows feel their company, depends on `pass_rows` and on nothing else.
class ScoringRun {
 public:
  static constexpr int64_t kPassRows = 2048;  // where nobody waits

  ScoringRun(const RewardModel& model, std::span<const ScoredPrompt> prompts, int64_t pass_rows = kPassRows);
  ScoringRun(ScoringRun&&) noexcept;
  ~ScoringRun();

  /// A picture through the tower, or a pass of at most `pass_rows` rows; false once every prompt has its score. throws
  /// InputError as RewardModel::score does.
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
