// What is wrong with the rejected answer: its result, its length, or what it claims to see.
#include "gym/preference.h"

#include <algorithm>

#include "base/error.h"
#include "gym/hallucinate.h"
#include "gym/ramble.h"
#include "gym/solution.h"

namespace r1v {

namespace {

Json wrong_pair(const Task& task, Rng& rng) {
  R1V_CHECK(!task.distractors.empty(), "family ", task.family, " has a task without distractors");
  const Distractor& wrong = rng.pick(task.distractors);
  return {{"question", task.question},
          {"chosen", assistant_text(task)},
          {"rejected", assistant_text(wrong_thinking(task, wrong), wrong.answer)},
          {"slip", wrong.slip}};
}

Json hallucination_pair(const Task& task, Siblings& siblings, Rng& rng, bool& is_description) {
  const FalseClaim claim = false_claim(task, siblings, rng);
  is_description = claim.is_description;
  return {{"question", claim.question}, {"chosen", claim.chosen}, {"rejected", claim.rejected}, {"slip", claim.slip}};
}

}  // namespace

PreferenceKind preference_kind(const ExportOptions& options, int64_t task_number, bool has_picture) {
  std::vector<PreferenceKind> kinds = options.kinds;
  if (!has_picture) std::erase(kinds, PreferenceKind::hallucination);
  R1V_CHECK(!kinds.empty(), "no kind of pair for a task without picture");
  const auto number = static_cast<uint64_t>(task_number), families = static_cast<uint64_t>(options.families.size());
  const uint64_t turn = number / families;
  return kinds[(number % families + turn + turn / options.levels.size()) % kinds.size()];
}

Json preference_pair(const Task& task, PreferenceKind kind, Siblings& siblings, Rng& rng) {
  bool is_description = false;
  Json pair = kind == PreferenceKind::wrong ? wrong_pair(task, rng)
              : kind == PreferenceKind::hallucination
                  ? hallucination_pair(task, siblings, rng, is_description)
                  : Json{{"question", task.question},
                         {"chosen", assistant_text(task)},
                         {"rejected", assistant_text(ramble(task, rng), task.answer)},
                         {"slip", "rambles"}};
  pair["source"] = cat("gym/", name_of(kind));
  if (!is_description) {
    pair["answer"] = task.answer;
    pair["kind"] = task.kind;
  }
  if (!task.pictures.empty()) pair["transcript"] = task.transcript;
  return pair;
}

}  // namespace r1v
