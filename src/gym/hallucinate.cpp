// Four ways to a false claim: another picture's solution, an unused fact, another picture's description, a changed one.
#include "gym/hallucinate.h"

#include <array>

#include "base/error.h"
#include "gym/solution.h"

namespace r1v {

namespace {

constexpr std::array kAsk = {"What do you see in the picture?", "Describe the picture.",
                             "What is in the picture?",         "Read the picture.",
                             "Tell me what the picture shows.", "What does the picture show?"};
constexpr std::array kAskTwo = {"What do you see in the pictures?", "Describe both pictures.",
                                "What is in the two pictures?", "Tell me what the pictures show."};

std::optional<FalseClaim> solve(const Task& task, const std::optional<std::string>& thinking, const char* slip) {
  if (!thinking) return std::nullopt;
  return FalseClaim{task.question, assistant_text(task), assistant_text(*thinking, task.answer), false, slip};
}

std::optional<FalseClaim> other_solution(const Task& task, Siblings& siblings, Rng& rng) {
  const Sibling* sibling = siblings.same_answer(task, rng);
  if (sibling == nullptr) return std::nullopt;
  return solve(task, sibling->solution, "another picture with the same answer");
}

std::optional<FalseClaim> describe(const Task& task, const std::optional<std::string>& transcript, const char* slip,
                                   Rng& rng) {
  if (!transcript) return std::nullopt;
  const std::string question = task.pictures.size() > 1 ? rng.pick(kAskTwo) : rng.pick(kAsk);
  const bool whole = rng.chance(0.5);
  const auto say = [&](const std::string& text) { return whole ? cat("I see ", text, ".") : text; };
  return FalseClaim{question, say(task.transcript), say(*transcript), true, slip};
}

std::optional<FalseClaim> other_description(const Task& task, Siblings& siblings, Rng& rng) {
  const Sibling* sibling = siblings.nearest(task, rng);
  if (sibling == nullptr) return std::nullopt;
  return describe(task, sibling->transcript, "another picture", rng);
}

std::optional<FalseClaim> attempt(int way, const Task& task, Siblings& siblings, Rng& rng) {
  const std::vector<Sibling>& others = siblings.of(task.family, task.level);
  switch (way) {
    case 0:
      return other_solution(task, siblings, rng);
    case 1:
      return solve(task, change_unused_fact(task, others, rng), "a fact that is not used");
    case 2:
      return describe(task, change_fact(task.family, task.transcript, others, rng), "one fact", rng);
    default:
      return other_description(task, siblings, rng);
  }
}

}  // namespace

FalseClaim false_claim(const Task& task, Siblings& siblings, Rng& rng) {
  R1V_CHECK(!task.pictures.empty(), "family ", task.family, " has no picture to make false claims about");
  const int first = static_cast<int>(rng.integer(0, 3));
  for (const int way : {first, first ^ 1, first ^ 2, first ^ 3}) {
    if (auto claim = attempt(way, task, siblings, rng)) return *claim;
  }
  R1V_CHECK(false, "every task of family ", task.family, " level ", task.level, " shows the same");
}

}  // namespace r1v
