// What neighbours share is read once; answers share passes where that cannot change a score.
#include "engine/scoring_run.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/error.h"
#include "engine/block_store.h"
#include "engine/growing_kv.h"
#include "engine/reward_model.h"

namespace r1v {
namespace {

bool same_pixels(const Prompt& a, const Prompt& b) {
  return a.pixels.defined() == b.pixels.defined() && (!a.pixels.defined() || at::equal(a.pixels, b.pixels)) &&
         grids_of(a.images) == grids_of(b.images);
}

bool same_beginning(const ScoredPrompt& a, const ScoredPrompt& b) {
  return a.shared_tokens == b.shared_tokens &&
         std::equal(a.prompt.input_ids.begin(), a.prompt.input_ids.begin() + static_cast<int64_t>(a.shared_tokens),
                    b.prompt.input_ids.begin()) &&
         same_pixels(a.prompt, b.prompt);
}

constexpr int64_t kRowsAPass = 2048;  // of answers that are read together
constexpr int64_t kBeginning = 0, kAnswer = 1;

int64_t blocks_for(int64_t tokens) { return (tokens + kKvBlockTokens - 1) / kKvBlockTokens; }

/// Block tables of one beginning and of the answers behind it, which share its full blocks.
struct SharedTables {
  SharedTables(int64_t shared, const std::vector<int64_t>& answers) : tables(1) {
    while (static_cast<int64_t>(tables[0].size()) < blocks_for(shared)) tables[0].push_back(blocks++);
    const int64_t full = shared / kKvBlockTokens;
    for (const int64_t count : answers) {
      std::vector<int32_t> table(tables[0].begin(), tables[0].begin() + full);
      while (static_cast<int64_t>(table.size()) < blocks_for(shared + count)) table.push_back(blocks++);
      tables.push_back(std::move(table));
    }
  }

  /// Once the beginning is read: every answer goes on in a copy of its last, partly filled block.
  void copy_last_block(BlockStore& store) const {
    const size_t last = tables[0].size() - 1;
    for (size_t i = 1; i < tables.size() && !tables[0].empty(); ++i) {
      if (tables[i][last] != tables[0][last]) store.copy_block(tables[0][last], tables[i][last]);
    }
  }

  std::vector<std::vector<int32_t>> tables;  // the beginning's, then the answers'
  int32_t blocks = 0;
};

}  // namespace

struct ScoringRun::Impl {
  Impl(const RewardModel& reward_model, std::span<const ScoredPrompt> all_prompts)
      : reward(reward_model), model(reward_model.model()), prompts(all_prompts) {}

  bool step() {
    if (scores.size() == prompts.size()) return false;
    if (scores.size() == group_end) begin_group();
    if (model.packed_language() != nullptr) {
      read_together();
    } else {
      read_one();
    }
    return scores.size() < prompts.size();
  }

  void begin_group() {
    const auto rest = prompts.subspan(scores.size());
    size_t alike = 1;
    while (alike < rest.size() && same_beginning(rest[alike - 1], rest[alike])) ++alike;
    for (const ScoredPrompt& scored : rest.first(alike)) reward.expect_fits(scored);  // before anything long is read
    group_end += alike;
    const Prompt& first = rest.front().prompt;
    image_ND = at::Tensor();
    if (first.pixels.defined()) {
      image_ND = model.encode_pictures(first.pixels.to(model.input_options()), grids_of(first.images));
    }
    kv.reset();
  }

  std::span<const ScoredPrompt> waiting() const {
    return prompts.subspan(scores.size(), group_end - scores.size());  // of the group
  }
  static int64_t shared_of(const ScoredPrompt& scored) { return static_cast<int64_t>(scored.shared_tokens); }
  static int64_t own_of(const ScoredPrompt& scored) { return std::ssize(scored.prompt.input_ids) - shared_of(scored); }

  /// Packed networks: a row does not depend on its company, so that answers share passes.
  void read_together() {
    const int64_t shared = shared_of(waiting().front());
    std::vector<int64_t> counts;
    int64_t answer_rows = 0;
    for (const ScoredPrompt& scored : waiting()) {
      if (!counts.empty() && answer_rows + own_of(scored) > kRowsAPass) break;
      counts.push_back(own_of(scored));
      answer_rows += counts.back();
    }
    const SharedTables shares(shared, counts);
    const std::unique_ptr<BlockStore> store = make_block_store(model, KvFormat::float32, shares.blocks);
    for (size_t i = 0; i < shares.tables.size(); ++i) store->set_table(static_cast<int64_t>(i), shares.tables[i]);
    if (shared > 0) {
      read(waiting().front().prompt, image_ND, {.sequence = kBeginning, .past = 0, .count = shared}, *store);
    }
    shares.copy_last_block(*store);
    read_answers(waiting().first(counts.size()), *store);
  }

  void read_answers(std::span<const ScoredPrompt> some, KvStore& store) {
    std::vector<at::Tensor> ids, positions;
    std::vector<int64_t> last_rows;
    TokenPlan plan{.store = &store};
    int64_t end = 0;
    for (const ScoredPrompt& scored : some) {
      const int64_t past = shared_of(scored), count = own_of(scored);
      const Rows of_answer = rows_of(scored.prompt, past, count);
      ids.push_back(of_answer.ids_T);
      positions.push_back(of_answer.positions);
      plan.spans.push_back({.sequence = std::ssize(plan.spans) + 1, .past = past, .count = count});
      last_rows.push_back((end += count) - 1);
    }
    plan.positions = at::cat(positions, -1);
    rows += end;
    const at::Tensor hidden_TD = model.hidden(model.embed(at::cat(ids), {}, image_token_id()), plan);
    const at::Tensor last_ND = hidden_TD.index_select(0, at::tensor(last_rows));
    for (int64_t i = 0; i < last_ND.size(0); ++i) scores.push_back(value(last_ND.narrow(0, i, 1)));
  }

  /// Plain networks: every answer runs through the network in a pass of its own.
  void read_one() {
    const ScoredPrompt& scored = waiting().front();
    const int64_t shared = shared_of(scored), own = own_of(scored);
    if (!kv) {
      kv.emplace();
      if (shared > 0) read(scored.prompt, image_ND, {.sequence = kBeginning, .past = 0, .count = shared}, *kv);
    }
    if (shared > 0) kv->fork(kBeginning, kAnswer);
    const at::Tensor hidden_TD = read(scored.prompt, {}, {.sequence = kAnswer, .past = shared, .count = own}, *kv);
    kv->release(kAnswer);
    scores.push_back(value(hidden_TD.narrow(0, own - 1, 1)));
  }

  double value(const at::Tensor& last_1D) const {
    const double value = reward.value_of(last_1D);
    if (!std::isfinite(value)) {
      throw InputError(
          "the score is not a finite number: the checkpoint holds NaN or infinity, or the dtype is too "
          "narrow for it (r1v inspect --check, --dtype float32)");
    }
    return value;
  }

  struct Rows {
    at::Tensor ids_T, positions;
  };
  Rows rows_of(const Prompt& prompt, int64_t past, int64_t count) const {
    const at::Device device = model.input_options().device();
    const at::Tensor positions = model.positions(prompt.input_ids, grids_of(prompt.images)).values;
    return {.ids_T = at::tensor(prompt.input_ids, at::kLong).narrow(0, past, count).to(device),
            .positions = positions.narrow(-1, past, count).to(device)};
  }

  at::Tensor read(const Prompt& prompt, const at::Tensor& pictures_ND, const TokenSpan& span, KvStore& store) {
    const Rows read_rows = rows_of(prompt, span.past, span.count);
    rows += span.count;
    const TokenPlan plan{.positions = read_rows.positions, .spans = {span}, .store = &store};
    return model.hidden(model.embed(read_rows.ids_T, pictures_ND, image_token_id()), plan);
  }

  int64_t image_token_id() const { return reward.renderer().image_token_id(); }

  const RewardModel& reward;
  const R1vModel& model;
  std::span<const ScoredPrompt> prompts;
  std::vector<double> scores;
  int64_t rows = 0;
  size_t group_end = 0;         // of the prompts with the beginning that is being read
  at::Tensor image_ND;          // their pictures
  std::optional<GrowingKv> kv;  // their beginning, in a plain network
};

ScoringRun::ScoringRun(const RewardModel& model, std::span<const ScoredPrompt> prompts)
    : impl_(std::make_unique<Impl>(model, prompts)) {}
ScoringRun::ScoringRun(ScoringRun&&) noexcept = default;
ScoringRun::~ScoringRun() = default;

bool ScoringRun::step() {
  const at::NoGradGuard no_gradients;
  return impl_->step();
}

const std::vector<double>& ScoringRun::scores() const { return impl_->scores; }
int64_t ScoringRun::rows() const { return impl_->rows; }

}  // namespace r1v
