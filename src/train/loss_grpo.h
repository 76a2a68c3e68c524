// The clipped policy-gradient loss of GRPO and its relatives, with an optional pull towards a reference.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

namespace r1v {

/// What a token's ratio new / old is: its own, or that of its whole answer (geometric mean; GSPO).
enum class ImportanceLevel { token, sequence };
/// "token", "sequence". throws InputError for other names.
ImportanceLevel parse_importance_level(const std::string& name);

/// Estimates of KL(policy || reference) from one sampled token, with d = log policy - log reference:
/// k1 = d, k2 = d^2 / 2, k3 = exp(-d) + d - 1. source: Schulman, "Approximating KL Divergence", 2020.
enum class KlEstimator { k1, k2, k3 };
/// "k1", "k2", "k3". throws InputError for other names.
KlEstimator parse_kl_estimator(const std::string& name);

/// What the sum over tokens is divided by.
enum class LossType {
  grpo,     // each answer by its own length, then by the number of answers
  dapo,     // all tokens together: every token weighs the same
  dr_grpo,  // the number of answers times the longest length that was allowed
};
/// "grpo", "dapo", "dr_grpo". throws InputError for other names.
LossType parse_loss_type(const std::string& name);

/// One weight an answer, by which each of its tokens' losses is multiplied before all are summed. The sum over
/// micro-batches of whatever cut is then the loss of the whole step.
/// lengths  tokens of every answer of the step, 0 for one that is masked out; masked ones count as answers all the
///          same, as in TRL.
std::vector<double> answer_weights(LossType type, const std::vector<int64_t>& lengths, int64_t max_tokens);

struct GrpoLossOptions {
  double epsilon_low = 0.2, epsilon_high = 0.2;  // the ratio is held in [1 - low, 1 + high]
  double delta = 0;            // TRL's two-sided clip: the ratio before clipping is at most this; 0 = off
  double dual_clip = 0;        // verl's c: a bad sample's loss is at most -advantage * c; 0 = off
  double log_ratio_limit = 0;  // the logarithm of the ratio is held within +-this; 0 = off
  ImportanceLevel level = ImportanceLevel::token;
  double beta = 0;  // weight of the KL term; 0 = none
  KlEstimator kl = KlEstimator::k3;
  double kl_input_limit = 0;    // verl: d is held within +-20; 0 = off
  double kl_output_limit = 0;   // verl: the estimate is held within +-10; 0 = off
  bool kl_times_ratio = false;  // TRL 1.16's use_bias_correction_kl
};

/// N answers, R tokens of all of them one after the other. Float32 or float64.
struct GrpoBatch {
  at::Tensor logprobs_R;           // of the policy that learns, with gradients
  at::Tensor old_R;                // of the policy that sampled
  at::Tensor reference_R;          // read only when beta > 0
  std::vector<int64_t> lengths;    // N; no zeros
  std::vector<double> advantages;  // N
  std::vector<double> weights;     // N, see answer_weights
};

struct GrpoLoss {
  at::Tensor sum;  // scalar with gradients
  // Plain sums over tokens, for the log.
  double clipped_low = 0;   // tokens whose gain was cut at the lower edge (advantage below 0)
  double clipped_high = 0;  // at the upper one
  double kl = 0;            // estimates; 0 without a reference
  double ratio_max = 0;
};

/// Sum over tokens of weight * (-min(w A, clip(w) A) + beta * kl).
/// source: TRL 1.16, GRPOTrainer._compute_loss; verl, compute_policy_loss_vanilla and kl_penalty; golden numbers:
/// loss_grpo_test.cpp.
GrpoLoss grpo_loss(const GrpoBatch& batch, const GrpoLossOptions& options);

}  // namespace r1v
