// Which lines a round learns: those worth enough, and those that the last model answers wrong.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "recipes/growing_lines.h"
#include "recipes/line_rewards.h"
#include "recipes/task_lines.h"

namespace r1v {

struct ChoiceRule {
  double threshold = 0;
  bool takes_errors = true;
  const std::map<int64_t, Json>* distilled = nullptr;  // lines to be learnt in place of the data's own
};

struct ChosenLine {
  int64_t index = 0;
  bool is_worth = false, is_error = false;  // at least one of them
};

struct RoundChoice {
  std::vector<ChosenLine> lines;  // in the order of the data
  double threshold = 0;
  int64_t all = 0, worth = 0, errors = 0, both = 0;
  int64_t unrated = 0, undecided = 0, refused = 0;  // neither worth it nor wrong as far as anybody knows
  int64_t without_chain = 0;                        // chosen, but distillation has left them out

  Json summary() const;
  std::string text() const;
};

/// D_t = {reward >= threshold} with {the answer is wrong}. A line without reward is in no first part, one whose answer
/// could not be judged in no second part; both are counted.
RoundChoice choose_lines(const TaskLines& lines, const LineRewards& rewards, const GrowingLines& answers,
                         const ChoiceRule& rule);

/// <folder>/chosen.jsonl: index, id and why; <folder>/train.jsonl: the lines themselves, with picture paths that start
/// from lines.common_root(). A question without a solution cannot be learnt: throws InputError.
void write_lines(const RoundChoice& choice, const TaskLines& lines, const ChoiceRule& rule,
                 const std::filesystem::path& folder);

}  // namespace r1v
