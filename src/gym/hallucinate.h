// Answers that claim something about the picture that is not so, and read no differently from true ones.
#pragma once

#include <optional>
#include <string>

#include "base/rng.h"
#include "gym/siblings.h"
#include "gym/task.h"

namespace r1v {

struct FalseClaim {
  std::string question;  // the task's own, or one that asks for a description
  std::string chosen, rejected;
  bool is_description = false;  // then there is no final answer
  std::string slip;             // how the false one was made
};

/// A pair of which only the picture tells which one is true: both are equally long, equally consistent, and both end in
/// the same right answer when they have one. The task needs a picture.
FalseClaim false_claim(const Task& task, Siblings& siblings, Rng& rng);

/// `reading` (of a task of `family`) with one fact changed wherever it is repeated, or two facts exchanged; never a
/// description of the same things in another order. Empty for families whose facts depend on each other.
/// others    transcripts from which new values are taken.
std::optional<std::string> change_fact(const std::string& family, const std::string& reading,
                                       const std::vector<Sibling>& others, Rng& rng);

/// The task's solution with a fact changed that the steps behind the reading neither use nor contradict.
std::optional<std::string> change_unused_fact(const Task& task, const std::vector<Sibling>& others, Rng& rng);

}  // namespace r1v
