// One layout of the kept tokens, one plan, one pass.
#include "recipes/shared_pairs.h"

#include <algorithm>

#include "prompt/supervised.h"
#include "train/logprob.h"

namespace r1v {

int64_t common_tokens(const int64_t* better, int64_t length, const int64_t* worse, int64_t other) {
  int64_t common = 0;
  while (common + 1 < std::min(length, other) && better[common] == worse[common]) ++common;
  return common;
}

namespace {

/// A batch of pairs in which what a pair's conversations share at the beginning stands once. K rows are kept.
struct SharedLayout {
  std::vector<int64_t> kept_K;   // their rows in the batch
  std::vector<int64_t> place_T;  // of every row of the batch among the kept ones
  std::vector<int64_t> held_S;   // TokenPlan::held_S
  std::vector<TokenSpan> spans;
  std::vector<bool> shares_pictures;  // a pair's picture rows are needed once
};

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

at::Tensor PairNetwork::hidden(const PackedBatch& batch, const at::Tensor& rows_R) const {
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
  const at::Tensor place_T = at::tensor(layout.place_T);
  return model.hidden(embeds_KD, plan).index_select(0, rows_R.defined() ? place_T.index_select(0, rows_R) : place_T);
}

at::Tensor scored_rows(const PackedBatch& batch) { return (batch.targets_T != kIgnoredLabel).nonzero().squeeze(1); }

namespace {

/// Adds what the scored rows have up by document; two documents are a pair.
at::Tensor sum_by_answer(const PackedBatch& batch, const at::Tensor& rows_R, const at::Tensor& values_R) {
  const at::Tensor lengths_D = at::tensor(batch.lengths);
  const at::Tensor documents_T = at::repeat_interleave(at::arange(lengths_D.size(0)), lengths_D);
  return at::zeros({lengths_D.size(0)}, at::kDouble)
      .index_add(0, documents_T.index_select(0, rows_R), values_R)
      .view({-1, 2});
}

}  // namespace

at::Tensor answer_tokens(const PackedBatch& batch) {
  const at::Tensor rows_R = scored_rows(batch);
  return sum_by_answer(batch, rows_R, at::ones({rows_R.size(0)}, at::kDouble));
}

AnswerLogps answer_logps(const PairNetwork& policy, const PackedBatch& batch) {
  const at::Tensor rows_R = scored_rows(batch);
  const at::Tensor logps_R = token_logprobs(policy.hidden(batch, rows_R), policy.model.head_weight_VD(),
                                            batch.targets_T.index_select(0, rows_R));
  return {.sums_P2 = sum_by_answer(batch, rows_R, logps_R.to(at::kDouble)), .tokens_P2 = answer_tokens(batch)};
}

}  // namespace r1v
