// Values at the ends of answers, at every token, and what a policy thinks of them.
#include "recipes/reward_scores.h"

#include <c10/core/GradMode.h>

#include <algorithm>

#include "train/logprob.h"

namespace r1v {
namespace {

constexpr double kLeastNats = -6.0;  // below, an answer is as unlikely as any other

}  // namespace

at::Tensor last_values(const at::Tensor& values_T, const PackedBatch& batch) {
  std::vector<int64_t> last;
  int64_t end = 0;
  for (const int64_t length : batch.lengths) last.push_back((end += length) - 1);
  return values_T.index_select(0, at::tensor(last, at::kLong)).view({-1, 2});
}

at::Tensor token_loss(const at::Tensor& values_T, const PackedBatch& batch) {
  const at::Tensor ids_T = batch.input_ids_T.contiguous();
  const auto* ids = ids_T.const_data_ptr<int64_t>();
  std::vector<int64_t> chosen, rejected;
  std::vector<float> weights;
  int64_t begin = 0;
  for (size_t pair = 0; pair < batch.pairs.size(); ++pair) {
    const int64_t length = batch.lengths[2 * pair], other = batch.lengths[2 * pair + 1];
    const int64_t shorter = std::min(length, other);
    const int64_t first = common_tokens(ids + begin, length, ids + begin + length, other);
    for (int64_t i = first; i < shorter; ++i) {
      chosen.push_back(begin + i);
      rejected.push_back(begin + length + i);
      weights.push_back(1.0F / static_cast<float>(shorter - first));
    }
    begin += length + other;
  }
  const at::Tensor lead = values_T.index_select(0, at::tensor(chosen)) - values_T.index_select(0, at::tensor(rejected));
  return -(at::log_sigmoid(lead) * at::tensor(weights)).sum();
}

namespace {

/// Row t of rows_R tells of the token behind it; float32 [T].
at::Tensor add_up(const at::Tensor& logprobs_R, const at::Tensor& rows_R, const PackedBatch& batch) {
  const at::Tensor nats_T =
      at::zeros({batch.num_tokens()}, at::kDouble).index_add(0, rows_R + 1, logprobs_R.to(at::kDouble));
  std::vector<at::Tensor> sums;
  for (const at::Tensor& nats : nats_T.split_with_sizes(batch.lengths)) sums.push_back(nats.cumsum(0));
  return at::cat(sums).to(at::kFloat);
}

}  // namespace

at::Tensor running_likelihood(const at::Tensor& hidden_TD, const at::Tensor& head_weight_VD, const PackedBatch& batch) {
  const at::Tensor rows_R = scored_rows(batch);
  return add_up(
      token_logprobs(hidden_TD.index_select(0, rows_R), head_weight_VD, batch.targets_T.index_select(0, rows_R)),
      rows_R, batch);
}

AnswerLikelihood answer_likelihood(const PairNetwork& policy, const PackedBatch& batch) {
  const c10::AutoGradMode no_gradients(false);
  const at::Tensor rows_R = scored_rows(batch);
  const at::Tensor logprobs_R = token_logprobs(policy.hidden(batch, rows_R), policy.model.head_weight_VD(),
                                               batch.targets_T.index_select(0, rows_R));
  AnswerLikelihood likelihood{.nats_T = add_up(logprobs_R, rows_R, batch),
                              .is_answer_T = at::zeros({batch.num_tokens()}, at::kBool)};
  likelihood.is_answer_T.index_fill_(0, rows_R + 1, true);
  likelihood.nats_T.masked_fill_(likelihood.is_answer_T.logical_not(), 0.0);
  return likelihood;
}

at::Tensor likelihood_loss(const at::Tensor& values_T, const AnswerLikelihood& likelihood, const PackedBatch& batch) {
  const at::Tensor target_T = kLeastNats * (1 - (likelihood.nats_T / -kLeastNats).exp());
  const at::Tensor distance_T = at::huber_loss(values_T, target_T, at::Reduction::None, /*delta=*/1.0);
  at::Tensor weights_T = at::zeros_like(likelihood.nats_T);
  int64_t begin = 0;
  for (size_t pair = 0; pair < batch.pairs.size(); ++pair) {
    const int64_t length = batch.lengths[2 * pair] + batch.lengths[2 * pair + 1];
    const at::Tensor mask = likelihood.is_answer_T.narrow(0, begin, length);
    weights_T.narrow(0, begin, length).copy_(mask.to(at::kFloat) / mask.sum());
    begin += length;
  }
  return (distance_T * weights_T).sum();
}

at::Tensor margins_of(const PackedBatch& batch, bool wanted) {
  at::Tensor margins_P = at::zeros({static_cast<int64_t>(batch.pairs.size())});
  for (size_t i = 0; wanted && i < batch.pairs.size(); ++i) {
    margins_P[static_cast<int64_t>(i)] = batch.pairs[i].margin.value_or(0.0);
  }
  return margins_P;
}

void PairAccuracy::add(const PackedBatch& batch, const at::Tensor& scores_P2) {
  const at::Tensor scores = scores_P2.to(at::kCPU, at::kDouble);
  for (size_t i = 0; i < batch.pairs.size(); ++i) {
    const at::Tensor pair = scores[static_cast<int64_t>(i)];
    const double lead = (pair[0] - pair[1]).item<double>();
    for (Count* count : {&all_, &by_source_[batch.pairs[i].source]}) {
      ++count->pairs;
      count->correct += lead > 0 ? 1 : 0;
      count->margin += lead;
    }
  }
}

void PairAccuracy::write(Json& line) const {
  const auto share = [](const Count& count, double value) { return value / static_cast<double>(count.pairs); };
  line["eval_accuracy"] = share(all_, static_cast<double>(all_.correct));
  line["eval_margin"] = share(all_, all_.margin);
  for (const auto& [source, count] : by_source_) {
    line["eval_accuracy/" + (source.empty() ? "unnamed" : source)] = share(count, static_cast<double>(count.correct));
  }
}

}  // namespace r1v
