// A pass: one row for every sample under way, then prompts, then drafts; blocks
// for all of them.
#include <algorithm>

#include "base/error.h"
#include "engine/scheduler.h"

namespace r1v {

StepPlan Scheduler::plan() {
  StepPlan plan;
  plan_decoding(plan);
  plan_reading(plan);
  plan_drafts(plan);
  return plan;
}

void Scheduler::reserve(int64_t kv, int64_t count, StepPlan& plan) {
  const auto copies = blocks_.reserve(kv, count);
  R1V_CHECK(copies, "no room for ", count, " tokens");
  plan.copies.insert(plan.copies.end(), copies->begin(), copies->end());
  for (const int32_t block : blocks_.take_forgotten()) cache_.forget(block);
}

bool Scheduler::make_room(const Turn& turn, int64_t kv, int64_t count, StepPlan& plan) {
  const auto is_planned = [&](const Turn& holder) {
    const int64_t held = *runner(holder).kv;
    return std::ranges::any_of(plan.parts, [&](const StepPart& part) { return part.kv == held; });
  };
  // Looked at afresh after every victim: a block that was shared with it needs
  // no copy any more.
  while (blocks_.num_available() < blocks_.blocks_to_reserve(kv, count)) {
    auto youngest = holders_.rbegin();
    while (youngest != holders_.rend() && *youngest > turn && is_planned(*youngest)) ++youngest;
    if (youngest == holders_.rend() || *youngest <= turn) return false;
    const Turn victim = *youngest;
    let_go(victim);
    if (!victim.is_prompt) plan.preempted.push_back({.request = victim.request, .sample = victim.sample});
  }
  return true;
}

void Scheduler::plan_decoding(StepPlan& plan) {
  const std::vector<Turn> turns(holders_.begin(), holders_.end());
  for (const Turn& turn : turns) {
    if (turn.is_prompt || !holders_.contains(turn)) continue;  // lost its blocks to an older one just now
    const int64_t kv = *runner(turn).kv, first = blocks_.stored(kv);
    if (tokens(turn) - first != 1) continue;
    if (!make_room(turn, kv, 1, plan)) continue;
    reserve(kv, 1, plan);
    plan.parts.push_back(
        {.kv = kv, .request = turn.request, .sample = turn.sample, .first = first, .count = 1, .wants_logits = true});
    remember(turn, first + 1);
  }
}

void Scheduler::plan_reading(StepPlan& plan) {
  int64_t places = limits_.max_batch - num_live_;
  for (auto& [number, request] : requests_) {
    for (const auto& [index, sample] : request.live) {
      const Turn turn{.request = number, .sample = index};
      if (tokens(turn) - stored(sample) == 1) continue;  // decodes, or waits for a block to
      if (!read(turn, plan)) return;
    }
    if (request.next_sample == request.samples) continue;
    if (!request.is_read && (places <= 0 || !read({.request = number, .is_prompt = true}, plan))) return;
    places -= request.samples - request.next_sample;
  }
}

bool Scheduler::read(const Turn& turn, StepPlan& plan) {
  const int64_t budget = limits_.pass_rows() - plan.rows();
  if (budget <= 0) return false;
  if (!runner(turn).kv && !begin_reading(turn, plan)) return false;
  const int64_t kv = *runner(turn).kv, first = blocks_.stored(kv), total = tokens(turn);
  const int64_t count = std::min(total - first, budget);
  plan.parts.push_back({.kv = kv,
                        .request = turn.request,
                        .sample = turn.is_prompt ? std::nullopt : std::optional(turn.sample),
                        .first = first,
                        .count = count,
                        .wants_logits = first + count == total});
  remember(turn, first + count);
  return true;
}

bool Scheduler::begin_reading(const Turn& turn, StepPlan& plan) {
  const int64_t total = tokens(turn);
  std::vector<int32_t> found;
  if (limits_.caches_prefixes) {
    // at least the last token is computed: its logits are wanted
    found = cache_.longest(keys(turn, 0, total), (total - 1) / limits_.block_tokens);
  }
  const int64_t kv = next_kv_++;
  blocks_.begin(kv, found);
  const int64_t rest = total - blocks_.stored(kv);
  const int64_t needed = blocks_.blocks_to_reserve(kv, rest);
  // The oldest takes what it needs. Others leave every holder a block, or they
  // would soon lose theirs again.
  const bool is_oldest = holders_.empty() || turn < *holders_.begin();
  const bool has_room = is_oldest ? make_room(turn, kv, rest, plan)
                                  : needed + static_cast<int64_t>(holders_.size()) <= blocks_.num_available();
  if (!has_room) {
    blocks_.release(kv);
    return false;
  }
  reserve(kv, rest, plan);
  hold(turn, kv, found.size());
  return true;
}

void Scheduler::plan_drafts(StepPlan& plan) {
  int64_t budget = limits_.pass_rows() - plan.rows();
  for (StepPart& part : plan.parts) {
    if (!part.sample) continue;
    const Request& request = requests_.at(part.request);
    const Sample& sample = request.live.at(*part.sample);
    // A sample's last token is never stored: the drafts must leave it one to
    // draw.
    const int64_t left = request.max_tokens - static_cast<int64_t>(sample.ids.size()) - 1;
    const int64_t drafts = std::min({sample.proposed, budget, left});
    if (!part.wants_logits || drafts <= 0) continue;
    if (blocks_.blocks_to_reserve(part.kv, part.count + drafts) > blocks_.num_available()) continue;
    reserve(part.kv, part.count + drafts, plan);
    part.count += drafts;
    part.drafts = drafts;
    budget -= drafts;
  }
}

}  // namespace r1v
