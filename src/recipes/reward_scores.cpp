// What both conversations of a pair begin with, pictures and all, goes through the network once.
#include "recipes/reward_scores.h"

#include <c10/core/GradMode.h>

#include <algorithm>

#include "prompt/supervised.h"
#include "train/logprob.h"

namespace r1v {
namespace {

constexpr double kLeastNats = -6.0;  // below, an answer is as unlikely as any other

/// A batch of pairs in which what a pair's conversations share at the beginning stands once. K rows are kept.
struct SharedLayout {
  std::vector<int64_t> kept_K;   // their rows in the batch
  std::vector<int64_t> place_T;  // of every row of the batch among the kept ones
  std::vector<int64_t> held_S;   // TokenPlan::held_S
  std::vector<TokenSpan> spans;
  std::vector<bool> shares_pictures;  // a pair's picture rows are needed once
};

/// Leading tokens that a pair's conversations have in common; each keeps at least its last token to itself.
int64_t common_tokens(const int64_t* better, int64_t length, const int64_t* worse, int64_t other) {
  int64_t common = 0;
  while (common + 1 < std::min(length, other) && better[common] == worse[common]) ++common;
  return common;
}

void append_range(std::vector<int64_t>& list, int64_t first, int64_t count) {
  for (int64_t i = 0; i < count; ++i) list.push_back(first + i);
}

SharedLayout share_beginnings(const PackedBatch& batch, int64_t image_token_id) {
  const at::Tensor ids_T = batch.input_ids_T.contiguous();
  const auto* ids = ids_T.const_data_ptr<int64_t>();
  SharedLayout layout;
  int64_t begin = 0, kept = 0;
  for (size_t pair = 0; pair < batch.pairs.size(); ++pair) {
    const int64_t length = batch.lengths[2 * pair], other = batch.lengths[2 * pair + 1];
    const int64_t* better = ids + begin;
    const int64_t* worse = better + length;
    int64_t shared = common_tokens(better, length, worse, other);
    // Pictures stand in the question, which both share; where they do not, nothing is shared.
    const bool all_pictures = std::find(worse + shared, worse + other, image_token_id) == worse + other;
    if (!all_pictures) shared = 0;
    layout.shares_pictures.push_back(all_pictures);
    append_range(layout.kept_K, begin, length);
    append_range(layout.kept_K, begin + length + shared, other - shared);
    append_range(layout.place_T, kept, length);
    append_range(layout.place_T, kept, shared);
    append_range(layout.place_T, kept + length, other - shared);
    append_range(layout.held_S, kept, length);
    append_range(layout.held_S, kept, shared);
    append_range(layout.held_S, kept + length, other - shared);
    layout.spans.push_back({.past = 0, .count = length});
    layout.spans.push_back({.past = shared, .count = other - shared});
    begin += length + other;
    kept += length + other - shared;
  }
  return layout;
}

/// Picture rows as the kept tokens need them, and grids of both conversations for their positions.
struct PairPictures {
  at::Tensor rows_ND;
  std::vector<PictureGrid> grids;
};

PairPictures pair_pictures(const PackedBatch& batch, const SharedLayout& layout, const R1vModel& model,
                           const at::Tensor& rows_ND) {
  PairPictures out;
  std::vector<at::Tensor> rows;
  int64_t begin = 0;
  size_t first = 0;
  for (size_t pair = 0; pair < batch.pictures.size(); ++pair) {
    const auto grids = std::span(batch.grids).subspan(first, static_cast<size_t>(batch.pictures[pair]));
    first += grids.size();
    int64_t tokens = 0;
    for (const PictureGrid& grid : grids) tokens += model.picture_tokens(grid);
    for (int copy = 0; copy < 2 && tokens > 0; ++copy) {
      if (copy == 0 || !layout.shares_pictures[pair]) rows.push_back(rows_ND.narrow(0, begin, tokens));
      out.grids.insert(out.grids.end(), grids.begin(), grids.end());
    }
    begin += tokens;
  }
  if (!rows.empty()) out.rows_ND = at::cat(rows);
  return out;
}

}  // namespace

at::Tensor PairNetwork::hidden(const PackedBatch& batch) const {
  const at::Tensor rows_ND =
      batch.pixels.defined() ? model.encode_pictures(batch.pixels.to(dtype), batch.grids) : at::Tensor();
  const SharedLayout layout = share_beginnings(batch, image_token_id);
  const PairPictures pictures = pair_pictures(batch, layout, model, rows_ND);
  const at::Tensor kept_K = at::tensor(layout.kept_K);
  TokenPlan plan = model.packed(batch.input_ids_T, batch.lengths, pictures.grids);
  plan.positions = plan.positions.index_select(-1, kept_K);
  plan.spans = layout.spans;
  plan.held_S = at::tensor(layout.held_S);
  plan.recompute = recompute;
  const at::Tensor embeds_KD = model.embed(batch.input_ids_T.index_select(0, kept_K), pictures.rows_ND, image_token_id);
  return model.hidden(embeds_KD, plan).index_select(0, at::tensor(layout.place_T));
}

at::Tensor PairNetwork::last_values(const at::Tensor& values_T, const PackedBatch& batch) {
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

AnswerLikelihood answer_likelihood(const PairNetwork& policy, const PackedBatch& batch) {
  const c10::AutoGradMode no_gradients(false);
  const at::Tensor rows_R = (batch.targets_T != kIgnoredLabel).nonzero().squeeze(1);
  const at::Tensor logprobs_R = token_logprobs(policy.hidden(batch).index_select(0, rows_R),
                                               policy.model.head_weight_VD(), batch.targets_T.index_select(0, rows_R));
  AnswerLikelihood likelihood{.nats_T = at::zeros({batch.num_tokens()}),
                              .is_answer_T = at::zeros({batch.num_tokens()}, at::kBool)};
  // Row t tells of the token behind it.
  const at::Tensor places_R = rows_R + 1;
  at::Tensor nats_T = at::zeros({batch.num_tokens()}, at::kDouble);
  nats_T.index_put_({places_R}, logprobs_R.to(at::kDouble));
  int64_t begin = 0;
  for (const int64_t length : batch.lengths) {
    likelihood.nats_T.narrow(0, begin, length).copy_(nats_T.narrow(0, begin, length).cumsum(0));
    begin += length;
  }
  likelihood.is_answer_T.index_fill_(0, places_R, true);
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
