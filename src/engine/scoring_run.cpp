// What neighbours share is read once and kept; answers share passes, and blocks, where that cannot change a score.
#include "engine/scoring_run.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <numeric>
#include <optional>

#include "base/error.h"
#include "engine/block_store.h"
#include "engine/growing_kv.h"
#include "engine/picture_rows.h"
#include "engine/reward_model.h"
#include "engine/scoring_plan.h"
#include "engine/token_likelihood.h"

namespace r1v {
namespace {

bool same_pixels(const Prompt& a, const Prompt& b) {
  if (a.pixels.defined() && a.pixels.is_same(b.pixels)) return grids_of(a.images) == grids_of(b.images);
  return a.pixels.defined() == b.pixels.defined() && (!a.pixels.defined() || at::equal(a.pixels, b.pixels)) &&
         grids_of(a.images) == grids_of(b.images);
}

bool same_beginning(const ScoredPrompt& a, const ScoredPrompt& b) {
  return a.shared_tokens == b.shared_tokens &&
         std::equal(a.prompt.input_ids.begin(), a.prompt.input_ids.begin() + static_cast<int64_t>(a.shared_tokens),
                    b.prompt.input_ids.begin()) &&
         same_pixels(a.prompt, b.prompt);
}

int64_t common_rows(const Prompt& a, const Prompt& b) {
  return std::ranges::mismatch(a.input_ids, b.input_ids).in1 - a.input_ids.begin();
}

}  // namespace

struct ScoringRun::Impl {
  Impl(const RewardModel& reward_model, std::span<const ScoredPrompt> all_prompts, int64_t rows_a_pass)
      : reward(reward_model), model(reward_model.model()), prompts(all_prompts), pass_rows(rows_a_pass) {}

  bool step() {
    if (scores.size() == prompts.size()) return false;
    if (group.passes.empty()) begin_group();
    if (std::ssize(group.pictures) < std::ssize(first().images)) {
      encode_picture();
    } else {
      run(group.passes.front());
      group.passes.pop_front();
      if (group.passes.empty()) scores.insert(scores.end(), group.scores.begin(), group.scores.end());
    }
    return scores.size() < prompts.size();
  }

  /// Neighbours with the same beginning.
  struct Group {
    size_t begin = 0, end = 0;                // places of its prompts
    int64_t shared = 0;                       // rows of the beginning that are read on behalf of all
    std::vector<std::vector<size_t>> places;  // of every different answer, sorted by their tokens
    std::vector<ScoringAnswer> answers;
    std::vector<std::vector<double>> nats;  // of every answer's tokens, where the judge weighs them
    std::vector<double> scores;             // of all prompts of the group, as far as they are known
    std::vector<at::Tensor> pictures;
    at::Tensor image_ND;  // of all pictures, once they are encoded
    std::deque<ScoringPass> passes;
    std::optional<ScoringBlocks> blocks;  // of a packed network
    std::optional<GrowingKv> kv;          // of a plain one
  };

  void begin_group() {
    const size_t begin = scores.size();
    size_t end = begin + 1;
    while (end < prompts.size() && same_beginning(prompts[end - 1], prompts[end])) ++end;
    for (size_t i = begin; i < end; ++i) reward.expect_fits(prompts[i]);  // before anything long is read
    expect_places(prompts[begin].prompt);
    Group next{.begin = begin, .end = end};
    if (begin > 0 && same_pixels(first(), prompts[begin].prompt)) next.pictures = std::move(group.pictures);
    next.places = sorted_answers(begin, end);
    next.scores.resize(end - begin);
    // A packed network's rows do not feel where a pass ends: a lone answer is read with its beginning.
    const bool is_one = is_packed() && next.places.size() == 1;
    next.shared = is_one ? 0 : first_row(prompts[begin]);
    next.answers = answers_of(next);
    for (const auto& places : next.places) next.nats.emplace_back(weighed_tokens(prompts[places.front()]));
    const auto passes = scoring_passes(next.shared, next.answers, pass_rows, is_packed());
    group = {};  // its memory is free before more is taken
    if (is_packed()) {
      next.blocks.emplace(next.shared, next.answers, passes, kKvBlockTokens);
      provide_blocks(next.blocks->count());
    } else {
      next.kv.emplace();
    }
    next.passes.assign(passes.begin(), passes.end());
    group = std::move(next);
    if (!group.pictures.empty()) group.image_ND = at::cat(group.pictures);
  }

  /// The places of neighbours with the same tokens, so that those which begin alike stand next to each other.
  std::vector<std::vector<size_t>> sorted_answers(size_t begin, size_t end) const {
    std::map<std::span<const int64_t>, std::vector<size_t>,
             decltype([](const auto& a, const auto& b) { return std::ranges::lexicographical_compare(a, b); })>
        places;
    for (size_t i = begin; i < end; ++i) places[prompts[i].prompt.input_ids].push_back(i);
    std::vector<std::vector<size_t>> sorted;
    for (auto& [ids, list] : places) sorted.push_back(std::move(list));
    return sorted;
  }

  bool weighs_likelihood() const { return reward.likelihood_weight() != 0; }
  size_t weighed_tokens(const ScoredPrompt& scored) const {
    return weighs_likelihood() ? scored.answer_end - scored.shared_tokens : 0;
  }
  /// Where answers to a question part. A row tells how likely the next token is: where that matters, what leads to
  /// different tokens is no longer common.
  int64_t first_row(const ScoredPrompt& scored) const {
    return std::max<int64_t>(0, static_cast<int64_t>(scored.shared_tokens) - (weighs_likelihood() ? 1 : 0));
  }

  std::vector<ScoringAnswer> answers_of(const Group& next) const {
    std::vector<int64_t> ends, common;
    const Prompt* before = nullptr;
    for (const std::vector<size_t>& places : next.places) {
      const Prompt& prompt = prompts[places.front()].prompt;
      ends.push_back(length_of(prompt));
      const bool is_alone = before == nullptr || !is_packed();
      common.push_back(is_alone ? next.shared : common_rows(*before, prompt) - (weighs_likelihood() ? 1 : 0));
      before = &prompt;
    }
    return scoring_answers(next.shared, ends, common, kKvBlockTokens);
  }

  /// Small groups use the same memory one after the other: new memory costs as much as a pass of few rows.
  void provide_blocks(int64_t count) {
    if (store != nullptr && store_blocks >= count) return;
    store.reset();
    store = make_block_store(model, KvFormat::float32, count);
    store_blocks = count;
  }

  void expect_places(const Prompt& prompt) const {
    expect_pictures_fit(prompt, model);
    int64_t tokens = 0;
    for (const PromptImage& image : prompt.images) tokens += model.picture_tokens(image.grid);
    const int64_t places = places_in(prompt, 0, length_of(prompt));
    if (tokens == places) return;
    throw InputError(cat("the conversation has ", places, " places for pictures' tokens, but they have ", tokens,
                         "; render it with the same tiling limit that cut the pictures"));
  }

  int64_t places_in(const Prompt& prompt, int64_t begin, int64_t end) const {
    const auto first_id = prompt.input_ids.begin();
    return std::count(first_id + begin, first_id + end, reward.renderer().image_token_id());
  }

  void encode_picture() {
    const std::vector<PictureGrid> grids = grids_of(first().images);
    int64_t begin = 0;
    const size_t number = group.pictures.size();
    for (size_t i = 0; i < number; ++i) begin += model.pixel_rows(grids[i]);
    const at::Tensor pixels = first().pixels.narrow(0, begin, model.pixel_rows(grids[number]));
    group.pictures.push_back(
        model.encode_pictures(pixels.to(model.input_options()), std::span(grids).subspan(number, 1)));
    if (group.pictures.size() == grids.size()) group.image_ND = at::cat(group.pictures);
  }

  bool is_packed() const { return model.packed_language() != nullptr; }
  const Prompt& first() const { return prompts[group.begin].prompt; }
  static int64_t length_of(const Prompt& prompt) { return std::ssize(prompt.input_ids); }
  const Prompt& prompt_of(const ScoringSpan& span) const {
    return span.answer == ScoringSpan::kBeginning ? first() : prompts[places_of(span).front()].prompt;
  }
  const std::vector<size_t>& places_of(const ScoringSpan& span) const {
    return group.places[static_cast<size_t>(span.answer)];
  }
  bool is_first(const ScoringSpan& span) const {
    return span.answer != ScoringSpan::kBeginning && span.past == group.answers[static_cast<size_t>(span.answer)].first;
  }
  /// As the stores know it: 0 is the beginning.
  static int64_t sequence_of(const ScoringSpan& span) { return span.answer + 1; }

  void run(const ScoringPass& pass) {
    KvStore& kept = prepare(pass);
    std::vector<at::Tensor> ids, positions, pictures;
    TokenPlan plan{.store = &kept};
    for (const ScoringSpan& span : pass) {
      const Prompt& prompt = prompt_of(span);
      ids.push_back(ids_of(prompt, span));
      positions.push_back(
          model.positions(prompt.input_ids, grids_of(prompt.images)).values.narrow(-1, span.past, span.count));
      if (group.image_ND.defined()) pictures.push_back(pictures_in(prompt, span));
      plan.spans.push_back({.sequence = sequence_of(span), .past = span.past, .count = span.count});
      rows += span.count;
    }
    const at::Device device = model.input_options().device();
    plan.positions = at::cat(positions, -1).to(device);
    const at::Tensor image_ND = pictures.empty() ? at::Tensor() : at::cat(pictures);
    const at::Tensor hidden_TD = model.hidden(model.embed(at::cat(ids).to(device), image_ND, image_token_id()), plan);
    if (weighs_likelihood()) read_likelihoods(pass, hidden_TD);
    int64_t end = 0;
    for (const ScoringSpan& span : pass) {
      end += span.count;
      if (is_last(span)) finish(span, hidden_TD.narrow(0, end - 1, 1));
    }
  }

  /// Rows [begin, end) of a span that lead to a token of its answer, counted from the first row of the conversation.
  struct LeadingRows {
    int64_t begin = 0, end = 0;
  };
  LeadingRows leading_rows(const ScoringSpan& span) const {
    if (span.answer == ScoringSpan::kBeginning) return {};
    const ScoredPrompt& scored = prompts[places_of(span).front()];
    const int64_t begin = std::max(span.past, static_cast<int64_t>(scored.shared_tokens) - 1);
    const int64_t end = std::min(span.past + span.count, static_cast<int64_t>(scored.answer_end) - 1);
    return {.begin = begin, .end = std::max(begin, end)};
  }

  void read_likelihoods(const ScoringPass& pass, const at::Tensor& hidden_TD) {
    std::vector<int64_t> rows_R, targets;
    int64_t first_of_span = 0;
    for (const ScoringSpan& span : pass) {
      const LeadingRows leading = leading_rows(span);
      for (int64_t row = leading.begin; row < leading.end; ++row) {
        rows_R.push_back(first_of_span + row - span.past);
        targets.push_back(prompt_of(span).input_ids[static_cast<size_t>(row) + 1]);
      }
      first_of_span += span.count;
    }
    if (rows_R.empty()) return;
    const at::Tensor places_R = at::tensor(rows_R).to(hidden_TD.device());
    const std::vector<double> nats = token_likelihoods(model, hidden_TD.index_select(0, places_R), targets);
    auto next = nats.begin();
    for (const ScoringSpan& span : pass) {
      const LeadingRows leading = leading_rows(span);
      for (int64_t row = leading.begin; row < leading.end; ++row) nats_of(span.answer)[index_of(span, row)] = *next++;
    }
  }

  std::vector<double>& nats_of(int64_t answer) { return group.nats[static_cast<size_t>(answer)]; }
  /// Of the token behind `row` among those of the span's answer.
  size_t index_of(const ScoringSpan& span, int64_t row) const {
    return static_cast<size_t>(row) + 1 - prompts[places_of(span).front()].shared_tokens;
  }

  /// Rows that the answer before read for this one, too, are taken from there; summed in the answer's order, so that a
  /// sum never depends on company.
  double answer_nats(const ScoringSpan& span) {
    const int64_t own = group.answers[static_cast<size_t>(span.answer)].first;
    std::vector<double>& nats = nats_of(span.answer);
    if (own > group.shared) {
      const std::vector<double>& before = nats_of(span.answer - 1);
      std::copy_n(before.begin(), std::min({index_of(span, own), before.size(), nats.size()}), nats.begin());
    }
    return std::accumulate(nats.begin(), nats.end(), 0.0);
  }

  static at::Tensor ids_of(const Prompt& prompt, const ScoringSpan& span) {
    return at::tensor(at::IntArrayRef(prompt.input_ids.data() + span.past, static_cast<size_t>(span.count)), at::kLong);
  }

  /// The rows of the pictures whose places lie in the span.
  at::Tensor pictures_in(const Prompt& prompt, const ScoringSpan& span) const {
    const int64_t before = places_in(prompt, 0, span.past);
    return group.image_ND.narrow(0, before, places_in(prompt, span.past, span.past + span.count));
  }

  KvStore& prepare(const ScoringPass& pass) {
    for (const ScoringSpan& span : pass) {
      if (is_first(span)) begin_answer(span);
    }
    if (!is_packed()) return *group.kv;
    store->begin_pass();
    for (const ScoringSpan& span : pass) {
      const bool is_answer = span.answer != ScoringSpan::kBeginning;
      store->set_table(sequence_of(span), is_answer ? group.blocks->answer(span.answer) : group.blocks->beginning());
    }
    return *store;
  }

  void begin_answer(const ScoringSpan& span) {
    if (!is_packed()) {
      if (group.shared > 0) group.kv->fork(sequence_of({}), sequence_of(span));
      return;
    }
    group.blocks->begin(span.answer);
    if (!group.blocks->copies_last(span.answer)) return;
    const size_t last = group.blocks->beginning().size() - 1;
    store->copy_block(group.blocks->beginning()[last], group.blocks->answer(span.answer)[last]);
  }

  bool is_last(const ScoringSpan& span) const {
    return span.answer != ScoringSpan::kBeginning && span.past + span.count == length_of(prompt_of(span));
  }

  void finish(const ScoringSpan& span, const at::Tensor& last_1D) {
    if (is_packed()) {
      group.blocks->end(span.answer);
    } else {
      group.kv->release(sequence_of(span));
    }
    const double score = score_of(span, last_1D);
    for (const size_t place : places_of(span)) group.scores[place - group.begin] = score;
  }

  double score_of(const ScoringSpan& span, const at::Tensor& last_1D) {
    double score = reward.value_of(last_1D);
    if (weighs_likelihood()) score += reward.likelihood_weight() * answer_nats(span);
    if (!std::isfinite(score)) {
      throw InputError(
          "the score is not a finite number: the checkpoint holds NaN or infinity, or the dtype is too "
          "narrow for it (r1v inspect --check, --dtype float32)");
    }
    return score;
  }

  int64_t image_token_id() const { return reward.renderer().image_token_id(); }

  const RewardModel& reward;
  const R1vModel& model;
  std::span<const ScoredPrompt> prompts;
  int64_t pass_rows;
  std::vector<double> scores;
  int64_t rows = 0;
  Group group;
  std::unique_ptr<BlockStore> store;  // of a packed network, for this group and the next ones
  int64_t store_blocks = 0;
};

ScoringRun::ScoringRun(const RewardModel& model, std::span<const ScoredPrompt> prompts, int64_t pass_rows)
    : impl_(std::make_unique<Impl>(model, prompts, pass_rows)) {}
ScoringRun::ScoringRun(ScoringRun&&) noexcept = default;
ScoringRun::~ScoringRun() = default;

bool ScoringRun::step() {
  const at::NoGradGuard no_gradients;
  return impl_->step();
}

const std::vector<double>& ScoringRun::scores() const { return impl_->scores; }
int64_t ScoringRun::rows() const { return impl_->rows; }

}  // namespace r1v
