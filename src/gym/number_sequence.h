// Number sequences with one gap and a rule that can be found from the terms; drawn or written.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "gym/draft.h"

namespace r1v {

enum class SequenceRule { add, multiply, growing_step, add_last_two, alternating };

struct NumberSequence {
  SequenceRule rule = SequenceRule::add;
  std::vector<int> terms;
  int gap = 3;   // index of the term that is asked for
  int step = 1;  // what is added or multiplied first

  int answer() const { return terms[static_cast<size_t>(gap)]; }
  /// The terms as text with a word at the gap.
  std::string shown(const std::string& gap_word, const std::string& separator = ", ") const;
  /// {"terms": [2, 4, null], "rule": "add"}
  Json scene() const;
};

/// Level 1 and 2: four terms with equal steps; 3: five or six terms, equal steps or factors; 4: growing steps;
/// 5: the sum of the two before, or two steps in turn.
NumberSequence plan_sequence(Draft& draft);
/// count terms from `start` up by `step`, the last one missing.
NumberSequence equal_steps(int start, int step, int count);

/// Finds the rule and applies it, as one or two clauses.
std::string solve_sequence(const NumberSequence& sequence);
/// Wrong answers to an asked question.
void add_sequence_slips(Draft& draft, const NumberSequence& sequence);

}  // namespace r1v
