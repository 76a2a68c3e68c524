// Rollouts: questions in, groups of sampled and judged answers out.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/read_questions.h"
#include "engine/engine.h"
#include "engine/reward_model.h"
#include "models/r1v.h"
#include "verify/answer_reward.h"

namespace r1v {

/// One sampled answer.
struct RolloutSample {
  std::vector<int64_t> ids;     // as drawn, the end of sequence included
  std::vector<float> logprobs;  // of the tempered, unfiltered distribution that each was drawn from
  std::string text;             // what was written behind the prompt
  bool is_truncated = false;    // it was cut: by its length, or because it went round in circles
  AnswerReward reward;
  double overlong = 0;  // punishment of its length, at most 0
  double advantage = 0;

  /// What it is worth; empty when nobody could decide whether it is right.
  std::optional<double> worth() const {
    return reward.is_decided() ? std::optional(reward.total + overlong) : std::nullopt;
  }
};

struct RolloutGroup {
  Question question;
  std::vector<RolloutSample> samples;
};

/// One batch through one engine: each question is read once, pictures and all, for all of its samples. Question i draws
/// from its own stream of params.seed and its line in the data, and from another where it comes again in the batch.
/// none: `stop` turned true on the way. throws InputError as Engine does, naming the question's id.
std::optional<std::vector<RolloutGroup>> sample_groups(const R1vModel& network, const Renderer& renderer,
                                                       std::vector<Question> questions, const SamplingParams& params,
                                                       const EngineOptions& engine, const std::atomic<bool>& stop);

struct JudgeRules {
  RewardWeights weights;
  const RewardModel* model = nullptr;  // scores all answers of a question together; null: nobody does
  int64_t max_tokens = 0;              // of an answer
  int64_t overlong_buffer = 0;         // tokens before that in which the punishment grows; 0 = none
  double overlong_factor = 1.0;
};

/// Fills in rewards and punishments. An answer without any text is worth the reward model's lowest score in its group:
/// saying nothing must never pay.
void judge_groups(std::vector<RolloutGroup>& groups, const JudgeRules& rules);

}  // namespace r1v
