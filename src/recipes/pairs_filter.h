// A reward model looks at pairs: those whose chosen answer it scores low, or hardly above the other, are weak.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recipes/pairs_lines.h"

namespace r1v {

class RewardModel;

struct PairsFilterOptions {
  PairsFiles files;
  std::optional<double> min_chosen, min_margin;
  std::filesystem::path weak;

  void fields(auto& field) {
    files.fields(field);
    field("min-chosen", min_chosen, "least score of a chosen answer");
    field("min-margin", min_margin, "least distance of the chosen answer's score above the rejected one's");
    field("weak", weak, "file for the pairs that do not pass");
  }
};

struct PairsFilterCounts {
  int64_t pairs = 0, kept = 0, low_chosen = 0, low_margin = 0, agreed = 0, bad_lines = 0;
  double mean_margin = 0;

  std::string text() const;
};

struct PairScores {
  double chosen = 0, rejected = 0;
  std::string error;  // why there are none
};
using PairScorer = std::function<std::vector<PairScores>(std::span<const PairsLine>)>;

/// Scores all of the reader's lines in blocks; a line that cannot be scored is refused, the others are visited in
/// order.
void for_each_scored(PairsReader& reader, const PairScorer& score,
                     const std::function<void(PairsLine& line, const PairScores& scores)>& visit);

/// Both answers of a line stand next to each other, so that what they share is computed once. The model must live
/// longer.
PairScorer reward_scorer(const RewardModel& model);

/// Lines gain "chosen_score" and "rejected_score". throws InputError: bad lines, unless they are skipped; no limit
/// given.
PairsFilterCounts filter_pairs(const PairsFilterOptions& options, const PairScorer& score);

}  // namespace r1v
