// Named amounts (what a bar chart or a table shows) and the questions that one asks about them.
#pragma once

#include <string>
#include <vector>

#include "gym/draft.h"

namespace r1v {

/// What the amounts are: fruit sold, points of people, visitors on days.
enum class Topic { fruit, people, days };

struct Amounts {
  Topic topic = Topic::fruit;
  std::vector<std::string> labels;  // all different
  std::vector<int> values;          // all different, at least 0

  size_t size() const { return labels.size(); }
  /// "apples 12, pears 7"
  std::string text() const;
  Json json() const;  // {"labels": [...], "values": [...]}
};

/// Labels and values for a level. `step` values apart from each other in units of `step`; longest_label in characters.
struct AmountLimits {
  int count = 3;
  int low = 1, high = 9, step = 1;
  size_t longest_label = 8;
};
Amounts choose_amounts(Draft& draft, const AmountLimits& limits);

/// Asks one question (read one, difference, sum of two, sum of all, most, least), sets answer, transcript, solution,
/// slips and scene["ask"], scene["of"] (label indices).
void ask_amounts(Draft& draft, const Amounts& amounts);

}  // namespace r1v
