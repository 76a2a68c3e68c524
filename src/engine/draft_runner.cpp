// Guesses that were right are stored already; wrong ones are cut off before the next text is read.
#include "engine/draft_runner.h"

#include <algorithm>

#include "base/error.h"

namespace r1v {

DraftRunner::DraftRunner(const R1vModel& model, const DraftRunnerLimits& limits)
    : model_(model),
      limits_(limits),
      blocks_(limits.num_blocks, kKvBlockTokens),
      store_(make_block_store(model, KvFormat::float32, limits.num_blocks)) {}

void DraftRunner::forget(int64_t name) {
  if (stored_.erase(name) > 0) blocks_.release(name);
}

bool DraftRunner::add_room(int64_t name, int64_t count) {
  if (blocks_.reserve(name, count)) return true;  // nobody shares blocks: there is nothing to copy
  forget(name);
  return false;
}

std::vector<DraftRunner::Part> DraftRunner::new_parts(std::span<DraftTask> tasks) {
  std::vector<Part> parts;
  int64_t budget = limits_.pass_tokens;
  for (DraftTask& task : tasks) {
    task.guess.clear();
    if (budget <= 0 || static_cast<int64_t>(task.text.size()) >= model_.config().language.max_position) continue;
    if (!stored_.contains(task.name)) blocks_.begin(task.name);
    std::vector<int64_t>& stored = stored_[task.name];
    const auto [differs, unused] = std::ranges::mismatch(stored, task.text);
    // The last token's row is computed in any case: it makes the first guess.
    const int64_t alike = std::min(differs - stored.begin(), static_cast<int64_t>(task.text.size()) - 1);
    stored.resize(static_cast<size_t>(alike));
    blocks_.truncate(task.name, alike);
    const int64_t left = static_cast<int64_t>(task.text.size()) - alike, count = std::min(left, budget);
    if (!add_room(task.name, count)) continue;
    budget -= count;
    const auto begin = task.text.begin() + alike;
    parts.push_back({.task = &task, .ids = {begin, begin + count}, .is_whole = count == left});
  }
  return parts;
}

std::vector<int64_t> DraftRunner::run(std::span<const Part> parts) {
  TokenPlan plan{.store = store_.get()};
  std::vector<int64_t> ids, positions, last_rows;
  store_->begin_pass();
  for (const Part& part : parts) {
    std::vector<int64_t>& stored = stored_.at(part.task->name);
    const auto past = static_cast<int64_t>(stored.size()), count = static_cast<int64_t>(part.ids.size());
    store_->set_table(part.task->name, blocks_.table(part.task->name));
    plan.spans.push_back({.sequence = part.task->name, .past = past, .count = count});
    for (int64_t i = 0; i < count; ++i) positions.push_back(past + i);
    ids.insert(ids.end(), part.ids.begin(), part.ids.end());
    stored.insert(stored.end(), part.ids.begin(), part.ids.end());
    blocks_.store(part.task->name, count);
    last_rows.push_back(static_cast<int64_t>(ids.size()) - 1);
  }
  const at::Device device = model_.input_options().device();
  plan.positions = at::tensor(positions, at::kLong).to(device);
  const at::Tensor embeds_TD = model_.embed(at::tensor(ids, at::kLong).to(device), {}, /*image_token_id=*/-1);
  const at::Tensor hidden_TD = model_.hidden(embeds_TD, plan);
  const at::Tensor rows = at::tensor(last_rows, at::kLong).to(device);
  const at::Tensor best = model_.logits(hidden_TD.index_select(0, rows)).argmax(-1).to(at::kCPU);  // ids are needed now
  return {best.const_data_ptr<int64_t>(), best.const_data_ptr<int64_t>() + best.numel()};
}

void DraftRunner::guess(std::span<DraftTask> tasks, int64_t tokens) {
  std::vector<Part> parts = new_parts(tasks);
  const int64_t context = model_.config().language.max_position;
  while (!parts.empty()) {
    const std::vector<int64_t> best = run(parts);
    std::vector<Part> next;
    for (size_t i = 0; i < parts.size(); ++i) {
      DraftTask& task = *parts[i].task;
      if (!parts[i].is_whole) continue;
      task.guess.push_back(best[i]);
      const bool is_enough = static_cast<int64_t>(task.guess.size()) == tokens ||
                             static_cast<int64_t>(stored_.at(task.name).size()) >= context;
      if (!is_enough && add_room(task.name, 1)) next.push_back({.task = &task, .ids = {best[i]}, .is_whole = true});
    }
    parts = std::move(next);
  }
}

}  // namespace r1v
