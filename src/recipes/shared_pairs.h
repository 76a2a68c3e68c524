// A network over packed preference pairs: what both conversations of a pair begin with, pictures and all, goes through
// it once.
#pragma once

#include "data/sample.h"
#include "models/r1v.h"

namespace r1v {

/// Leading tokens that a pair's conversations have in common; each keeps at least its last token to itself.
int64_t common_tokens(const int64_t* better, int64_t length, const int64_t* worse, int64_t other);

struct PairNetwork {
  const R1vModel& model;
  int64_t image_token_id = -1;
  at::ScalarType dtype = at::kFloat;
  bool recompute = false;

  /// [T, D] after the final norm; with `rows_R` only those rows of the batch.
  at::Tensor hidden(const PackedBatch& batch, const at::Tensor& rows_R = {}) const;
};

/// Rows of the batch that are scored, each on the token behind it.
at::Tensor scored_rows(const PackedBatch& batch);

/// How many tokens of each answer are scored: float64 [P, 2], each pair's better answer first.
at::Tensor answer_tokens(const PackedBatch& batch);

/// How likely a policy finds the answers: sums over their tokens.
struct AnswerLogps {
  at::Tensor sums_P2;    // float64, differentiable
  at::Tensor tokens_P2;  // answer_tokens
};
AnswerLogps answer_logps(const PairNetwork& policy, const PackedBatch& batch);

}  // namespace r1v
