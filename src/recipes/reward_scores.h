// Scores of packed preference pairs, with gradients, and how often the better answer wins.
#pragma once

#include <map>
#include <string>

#include "data/sample.h"
#include "recipes/shared_pairs.h"
#include "train/loss_reward.h"

namespace r1v {

/// float32 [P, 2]: the values at the last tokens, each pair's better answer first.
at::Tensor last_values(const at::Tensor& values_T, const PackedBatch& batch);

/// Sum over pairs of the mean Bradley-Terry loss at every token from the first in which the answers differ to the end
/// of the shorter one: many comparisons a pair instead of one. source: DeepSpeed-Chat, reward_model.py.
at::Tensor token_loss(const at::Tensor& values_T, const PackedBatch& batch);

/// The log-likelihood of each answer up to each token under a language head, float32 [T], differentiable: zero before
/// an answer, and behind it as at its end.
at::Tensor running_likelihood(const at::Tensor& hidden_TD, const at::Tensor& head_weight_VD, const PackedBatch& batch);

/// What a policy thinks of answers: the log-likelihood of each answer up to each of its tokens.
struct AnswerLikelihood {
  at::Tensor nats_T;       // float32; zero outside of answers
  at::Tensor is_answer_T;  // bool
};
AnswerLikelihood answer_likelihood(const PairNetwork& policy, const PackedBatch& batch);
/// Sum over pairs of the mean Huber distance between the values at answer tokens and that likelihood, which is bent so
/// that it ends at -6 nats: -6 (1 - exp(nats / 6)). Small doubts keep their size, hopeless answers do not drown them.
at::Tensor likelihood_loss(const at::Tensor& values_T, const AnswerLikelihood& likelihood, const PackedBatch& batch);

/// float32 [P]; zeros where lines carry none, or when they are not wanted.
at::Tensor margins_of(const PackedBatch& batch, bool wanted);

/// Counts pairs by source.
class PairAccuracy {
 public:
  void add(const PackedBatch& batch, const at::Tensor& scores_P2);
  int64_t pairs() const { return all_.pairs; }
  /// "eval_accuracy", "eval_margin" and "eval_accuracy/<source>".
  void write(Json& line) const;

 private:
  struct Count {
    int64_t pairs = 0;
    int64_t correct = 0;
    double margin = 0.0;
  };
  Count all_;
  std::map<std::string, Count> by_source_;
};

}  // namespace r1v
