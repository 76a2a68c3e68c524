// What an output is worth to reinforcement learning: right answer, right form, and what the reward model thinks of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "verify/verify.h"

namespace r1v {

/// How a reward model's raw score becomes comparable with rewards of 0 and 1: about -15 to 15 of Skywork-VL-Reward,
/// below zero and lower with every token where the judge adds the answer's log-likelihood.
enum class ModelScale {
  raw,      // r
  clip,     // r / width, held between -1 and 1
  sigmoid,  // 1 / (1 + exp(-r / width))
};

struct RewardWeights {
  double accuracy = 1, format = 1, model = 0;
  ModelScale scale = ModelScale::sigmoid;
  double scale_width = 5;
  /// The prompt ends with an opened <think>, so the output begins inside the thought. Without: the output must open it.
  bool starts_in_thought = true;
};

/// r1v1: accuracy 1 + format 1 (arXiv 2504.05599).
///
/// r1v2: accuracy 1 + format 1 + model 1 as sigmoid(r / 5) (arXiv 2504.16656; the scale is ours: raw scores swamp the
/// rules).
///
/// r1v3: accuracy 0.8 + format 0.2 (arXiv 2507.06167).
///
/// throws InputError for other names.
RewardWeights reward_weights(std::string_view preset);

/// "raw", "clip", "sigmoid". throws InputError for other names.
ModelScale model_scale(std::string_view name);

struct FormatVerdict {
  bool is_good = false;
  std::string reason;  // one short sentence
};

/// Good: exactly one thought, closed by </think>, then an answer with exactly one \boxed{}, closed and not empty.
/// Boxes inside the thought do not matter. A repeated <think> at the very beginning is part of the opening.
FormatVerdict check_format(std::string_view output, bool starts_in_thought = true);

struct AnswerReward {
  std::optional<double> accuracy;  // 1 or 0; empty: could not decide, leave the sample out rather than call it wrong
  double format = 0;               // 1 or 0
  std::optional<double> model_raw, model;  // the reward model's score as it came, and scaled; empty when none was given
  double total = 0;                        // weighted sum of the parts that are there
  std::string extracted;                   // the final answer found
  std::string accuracy_reason, format_reason, model_reason;

  bool is_decided() const { return accuracy.has_value(); }
};

/// gold         a bare answer; output: everything the model wrote behind the prompt.
/// model_score  of the reward model. throws InputError when it is not finite, or missing although it has a weight.
/// An output that ends inside the thought has no answer, whatever boxes the thought holds. May be called from many
/// threads.
AnswerReward answer_reward(std::string_view gold, std::string_view output, AnswerKind kind,
                           const RewardWeights& weights, std::optional<double> model_score = std::nullopt);

}  // namespace r1v
