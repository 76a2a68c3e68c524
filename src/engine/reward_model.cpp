// What neighbours share is read once; answers share passes where that cannot change a score.
#include "engine/reward_model.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "engine/block_store.h"
#include "engine/growing_kv.h"
#include "models/registry.h"

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

/// One run of prompts with the same beginning.
class Reading {
 public:
  Reading(const R1vModel& model, const ValueHead& head, int64_t image_token_id)
      : model_(model), head_(head), image_token_id_(image_token_id) {}

  std::vector<double> score(std::span<const ScoredPrompt> prompts) {
    for (const ScoredPrompt& scored : prompts) expect_fits(scored);  // before anything long is read
    const at::Tensor image_ND = encode(prompts.front().prompt);
    return model_.packed_language() != nullptr ? together(prompts, image_ND) : one_by_one(prompts, image_ND);
  }

 private:
  void expect_fits(const ScoredPrompt& scored) const {
    const int64_t length = static_cast<int64_t>(scored.prompt.input_ids.size());
    const int64_t context = model_.config().language.max_position;
    if (length > context) {
      throw InputError(cat("the conversation has ", length, " tokens but the model's context holds ", context,
                           "; shorten it, or use fewer or smaller pictures"));
    }
    if (!scored.prompt.images.empty() && !model_.has_vision()) {
      throw InputError("the conversation has a picture but this checkpoint is a plain language model");
    }
  }

  at::Tensor encode(const Prompt& prompt) const {
    if (!prompt.pixels.defined()) return {};
    return model_.encode_pictures(prompt.pixels.to(model_.input_options()), grids_of(prompt.images));
  }

  /// Packed networks: a row does not depend on its company, so that answers share passes.
  std::vector<double> together(std::span<const ScoredPrompt> prompts, const at::Tensor& image_ND) const {
    const auto shared = static_cast<int64_t>(prompts.front().shared_tokens);
    std::vector<double> scores;
    while (scores.size() < prompts.size()) {
      std::vector<int64_t> counts;
      int64_t rows = 0;
      for (const ScoredPrompt& scored : prompts.subspan(scores.size())) {
        const int64_t count = static_cast<int64_t>(scored.prompt.input_ids.size()) - shared;
        if (!counts.empty() && rows + count > kRowsAPass) break;
        counts.push_back(count);
        rows += count;
      }
      const SharedTables shares(shared, counts);
      const std::unique_ptr<BlockStore> store = make_block_store(model_, KvFormat::float32, shares.blocks);
      for (size_t i = 0; i < shares.tables.size(); ++i) store->set_table(static_cast<int64_t>(i), shares.tables[i]);
      if (shared > 0) read(prompts.front().prompt, image_ND, {.sequence = 0, .past = 0, .count = shared}, *store);
      shares.copy_last_block(*store);
      read_answers(prompts.subspan(scores.size(), counts.size()), *store, scores);
    }
    return scores;
  }

  void read_answers(std::span<const ScoredPrompt> prompts, KvStore& store, std::vector<double>& scores) const {
    std::vector<at::Tensor> ids, positions;
    std::vector<int64_t> last_rows;
    TokenPlan plan{.store = &store};
    int64_t end = 0;
    for (const ScoredPrompt& scored : prompts) {
      const auto past = static_cast<int64_t>(scored.shared_tokens);
      const int64_t count = static_cast<int64_t>(scored.prompt.input_ids.size()) - past;
      const Rows rows = rows_of(scored.prompt, past, count);
      ids.push_back(rows.ids_T);
      positions.push_back(rows.positions);
      plan.spans.push_back({.sequence = static_cast<int64_t>(plan.spans.size()) + 1, .past = past, .count = count});
      last_rows.push_back((end += count) - 1);
    }
    plan.positions = at::cat(positions, -1);
    const at::Tensor hidden_TD = model_.hidden(model_.embed(at::cat(ids), {}, image_token_id_), plan);
    const at::Tensor last_ND = hidden_TD.index_select(0, at::tensor(last_rows));
    for (int64_t i = 0; i < last_ND.size(0); ++i) scores.push_back(value(last_ND.narrow(0, i, 1)));
  }

  /// Plain networks: every answer runs through the network in a pass of its own.
  std::vector<double> one_by_one(std::span<const ScoredPrompt> prompts, const at::Tensor& image_ND) const {
    constexpr int64_t kBeginning = 0, kAnswer = 1;
    const auto shared = static_cast<int64_t>(prompts.front().shared_tokens);
    GrowingKv kv;
    if (shared > 0) read(prompts.front().prompt, image_ND, {.sequence = kBeginning, .past = 0, .count = shared}, kv);
    std::vector<double> scores;
    for (const ScoredPrompt& scored : prompts) {
      if (shared > 0) kv.fork(kBeginning, kAnswer);
      const int64_t own = static_cast<int64_t>(scored.prompt.input_ids.size()) - shared;
      const at::Tensor hidden_TD = read(scored.prompt, {}, {.sequence = kAnswer, .past = shared, .count = own}, kv);
      kv.release(kAnswer);
      scores.push_back(value(hidden_TD.narrow(0, own - 1, 1)));
    }
    return scores;
  }

  double value(const at::Tensor& last_1D) const {
    const double value = head_.forward(last_1D).item<double>();
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
    const at::Device device = model_.input_options().device();
    const at::Tensor positions = model_.positions(prompt.input_ids, grids_of(prompt.images)).values;
    return {.ids_T = at::tensor(prompt.input_ids, at::kLong).narrow(0, past, count).to(device),
            .positions = positions.narrow(-1, past, count).to(device)};
  }

  at::Tensor read(const Prompt& prompt, const at::Tensor& image_ND, const TokenSpan& span, KvStore& store) const {
    const Rows rows = rows_of(prompt, span.past, span.count);
    const TokenPlan plan{.positions = rows.positions, .spans = {span}, .store = &store};
    return model_.hidden(model_.embed(rows.ids_T, image_ND, image_token_id_), plan);
  }

  const R1vModel& model_;
  const ValueHead& head_;
  int64_t image_token_id_;
};

}  // namespace

RewardModel::RewardModel(const std::filesystem::path& folder, const LoadOptions& load)
    : renderer_(std::make_unique<Renderer>(folder)) {
  if (!has_value_head(folder)) load_value_head(folder, 0, load.device);  // refuses before gigabytes are read
  model_ = load_model(folder, load);
  head_ = load_value_head(folder, model_->config().language.hidden_size, load.device);
}

std::vector<double> RewardModel::score(std::span<const ScoredPrompt> prompts) const {
  const at::NoGradGuard no_gradients;
  Reading reading(*model_, *head_, renderer_->image_token_id());
  std::vector<double> scores;
  while (scores.size() < prompts.size()) {
    const auto rest = prompts.subspan(scores.size());
    size_t alike = 1;
    while (alike < rest.size() && same_beginning(rest[alike - 1], rest[alike])) ++alike;
    const std::vector<double> some = reading.score(rest.first(alike));
    scores.insert(scores.end(), some.begin(), some.end());
  }
  return scores;
}

}  // namespace r1v
