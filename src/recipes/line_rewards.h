// What every line is worth to learn from, 0 to 5: said by the line, by a file, by a reward model or by a judge.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recipes/judge.h"
#include "recipes/task_lines.h"

namespace r1v {

/// The family's papers speak of a reward model from questions to {0, ..., 5} and do not say which.
struct LineRewardOptions {
  std::string rewards = "line";
  std::filesystem::path scores;
  std::filesystem::path reward_model;

  void fields(auto& field) {
    field("rewards", rewards,
          "who says what a line is worth, 0 to 5: line (its \"reward\"), scores (--scores), reward-model "
          "(--reward-model, its scores cut into six parts of equal size) or judge (--judge; gym: the level of right "
          "solutions)");
    field("scores", scores, "JSON lines of {\"id\", \"score\"}; a line without \"id\" goes by its number from 1");
    field("reward-model", reward_model, "checkpoint folder of a reward model");
  }
};

/// throws InputError: an unknown choice, or one without what it needs.
void check_line_rewards(const LineRewardOptions& options);

/// By the lines' numbers. A line that nobody could rate is not there, and is no zero.
struct LineRewards {
  std::map<int64_t, double> by_index;
  int64_t unrated = 0;
};

/// Rates all lines; what a reward model or a judge says is kept in <run>/ratings.jsonl and asked only once. `skip_bad`:
/// a line that cannot be rated is counted and left out instead of stopping. none: `stop` turned true.
/// throws InputError naming the line: no number from 0 to 5, a judge that fails.
std::optional<LineRewards> rate_lines(const TaskLines& lines, const LineRewardOptions& options, Judge* judge,
                                      const std::string& dtype, bool skip_bad, const std::filesystem::path& run,
                                      const std::atomic<bool>& stop);

/// The sixth of the list that every score falls into, 0 to 5: floor(6 * lower scores / all scores). Equal scores fall
/// into the same one.
std::vector<double> sixths(std::span<const double> scores);

}  // namespace r1v
