// The best of several answers: what `ask --best-of` adds to sampling.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "apps/open_model.h"
#include "engine/engine.h"
#include "engine/reward_model.h"
#include "verify/elect.h"

namespace r1v {

struct BestOfOptions {
  int64_t best_of = 0;
  std::filesystem::path reward_model = default_reward_model();
  std::string choose = "judge";
  void fields(auto& field) {
    field("best-of", best_of, "draw N answers from one reading of the question and give the best; 0 = one answer");
    field("reward-model", reward_model, "with --best-of: folder of the reward model that scores them");
    field("choose", choose,
          "with --best-of: judge (the highest score), vote (the final answer that most give; needs no reward model) or "
          "weighted (a vote whose voices weigh as their scores)");
  }
};

/// What came out of choosing; without it the first of the completions is the answer.
struct Election {
  std::vector<Candidate> candidates;  // in the order of the completions; empty when nothing was chosen
  size_t chosen = 0;
};

/// Chooses among a request's completions.
class BestOf {
 public:
  /// throws InputError: a rule that is none, a folder that is no reward model.
  BestOf(const BestOfOptions& options, const ModelOptions& place);

  /// `conversation` is the question as it was asked. throws InputError when the reward model refuses it.
  Election choose(const Conversation& conversation, const Prompt& prompt, const GenerateResult& result,
                  AnswerKind kind = AnswerKind::any) const;

 private:
  std::vector<Candidate> judge(const Conversation& conversation, const Prompt& prompt,
                               const GenerateResult& result) const;

  ElectionRule rule_;
  std::unique_ptr<RewardModel> reward_;  // null when voting
};

}  // namespace r1v
