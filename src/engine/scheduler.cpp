// The life of requests: added, read, started, fed with tokens, over. Who is in
// a pass is told in scheduler_plan.cpp.
#include "engine/scheduler.h"

#include "base/error.h"

namespace r1v {

Scheduler::Scheduler(const SchedulerLimits& limits)
    : limits_(limits),
      blocks_(limits.num_blocks, limits.block_tokens, limits.max_idle_blocks),
      cache_(limits.block_tokens) {
  R1V_CHECK(limits.max_batch >= 1 && limits.pass_tokens >= 1, limits.max_batch, " ", limits.pass_tokens);
}

void expect_room(const SchedulerLimits& limits, int64_t prompt_tokens, int64_t max_tokens) {
  const int64_t needed = prompt_tokens + max_tokens - 1;  // the last token is never stored
  const int64_t room = limits.num_blocks * limits.block_tokens;
  if (needed > room) {
    throw InputError(cat("a prompt of ", prompt_tokens, " tokens with an answer of up to ", max_tokens,
                         " needs room for the keys and values of ", needed, " tokens, but there is memory for ", room,
                         "; ask for a shorter answer, shorten the prompt, or "
                         "give more memory (--kv-memory)"));
  }
}

size_t Scheduler::add(ScheduledRequest request) {
  const auto prompt_tokens = static_cast<int64_t>(request.prompt.size());
  R1V_CHECK(prompt_tokens >= 1 && request.samples >= 1 && request.max_tokens >= 1, prompt_tokens, " ", request.samples);
  expect_room(limits_, prompt_tokens, request.max_tokens);
  Request added;
  static_cast<ScheduledRequest&>(added) = std::move(request);
  requests_.emplace(next_request_, std::move(added));
  return next_request_++;
}

Scheduler::Runner& Scheduler::runner(const Turn& turn) {
  Request& request = requests_.at(turn.request);
  return turn.is_prompt ? request.reading : request.live.at(turn.sample);
}

int64_t Scheduler::tokens(const Turn& turn) const {
  const Request& request = requests_.at(turn.request);
  const size_t answered = turn.is_prompt ? 0 : request.live.at(turn.sample).ids.size();
  return static_cast<int64_t>(request.prompt.size() + answered);
}

TokenKey Scheduler::key(const Turn& turn, int64_t token) const {
  const Request& request = requests_.at(turn.request);
  const auto index = static_cast<size_t>(token);
  if (index < request.prompt.size()) return request.prompt[index];
  return {.value = request.live.at(turn.sample).ids[index - request.prompt.size()]};
}

std::vector<TokenKey> Scheduler::keys(const Turn& turn, int64_t begin, int64_t end) const {
  std::vector<TokenKey> list;
  list.reserve(static_cast<size_t>(end - begin));
  for (int64_t token = begin; token < end; ++token) list.push_back(key(turn, token));
  return list;
}

void Scheduler::hold(const Turn& turn, int64_t kv, size_t known_blocks) {
  Runner& holder = runner(turn);
  holder.kv = kv;
  holder.known_blocks = known_blocks;
  holders_.insert(turn);
}

void Scheduler::remember(const Turn& turn, int64_t until) {
  Runner& holder = runner(turn);
  if (!limits_.caches_prefixes || !holder.kv) return;
  const int64_t width = limits_.block_tokens;
  while (static_cast<int64_t>(holder.known_blocks + 1) * width <= until) {
    const size_t index = holder.known_blocks;
    const auto begin = static_cast<int64_t>(index) * width;
    const std::span<const int32_t> table = blocks_.table(*holder.kv);
    const std::optional<int32_t> parent = index == 0 ? std::nullopt : std::optional(table[index - 1]);
    const std::vector<TokenKey> content = keys(turn, begin, begin + width);
    if (const auto known = cache_.find(parent, content)) {
      // Somebody else has stored the same, or does so in this pass: then this
      // table takes it over once its own is full.
      if (begin + width > stored(holder)) return;
      blocks_.replace(*holder.kv, index, *known);
    } else {
      cache_.insert(parent, content, table[index]);
      blocks_.keep(table[index]);
    }
    ++holder.known_blocks;
  }
}

void Scheduler::let_go(const Turn& turn) {
  Runner& holder = runner(turn);
  if (!holder.kv) return;
  remember(turn, std::min(stored(holder), tokens(turn)));
  blocks_.release(*holder.kv);
  holder.kv.reset();
  holder.known_blocks = 0;
  holders_.erase(turn);
}

std::optional<SampleName> Scheduler::start_next() {
  if (num_live_ >= limits_.max_batch) return std::nullopt;
  for (auto& [number, request] : requests_) {
    if (!request.is_read) break;  // nobody overtakes it
    if (request.next_sample == request.samples) continue;
    const SampleName name{.request = number, .sample = request.next_sample++};
    request.live.emplace(name.sample, Sample{});
    ++num_live_;
    if (request.reading.kv) {
      // Full blocks are known to the cache before they are shared, so that all
      // who share them name the same ones.
      remember({.request = number, .is_prompt = true}, static_cast<int64_t>(request.prompt.size()));
      const int64_t kv = next_kv_++;
      blocks_.fork(*request.reading.kv, kv);
      hold({.request = number, .sample = name.sample}, kv, request.reading.known_blocks);
    }
    if (request.next_sample == request.samples) let_go({.request = number, .is_prompt = true});
    return name;
  }
  return std::nullopt;
}

void Scheduler::accept(const SampleName& name, std::span<const int64_t> ids) {
  Sample& sample = requests_.at(name.request).live.at(name.sample);
  sample.ids.insert(sample.ids.end(), ids.begin(), ids.end());
  const int64_t known = tokens({.request = name.request, .sample = name.sample});
  if (stored(sample) >= known) blocks_.truncate(*sample.kv, known - 1);  // rejected drafts
}

void Scheduler::propose(const SampleName& name, int64_t drafts) {
  requests_.at(name.request).live.at(name.sample).proposed = drafts;
}

void Scheduler::commit(const StepPlan& plan) {
  for (const StepPart& part : plan.parts) {
    blocks_.store(part.kv, part.count);
    Request& request = requests_.at(part.request);
    if (part.sample) {
      request.live.at(*part.sample).proposed = 0;
    } else if (part.first + part.count == static_cast<int64_t>(request.prompt.size())) {
      request.is_read = true;
    }
  }
}

void Scheduler::finish(const SampleName& name) {
  Request& request = requests_.at(name.request);
  R1V_CHECK(request.live.contains(name.sample), "sample ", name.sample, " of request ", name.request, " is not live");
  let_go({.request = name.request, .sample = name.sample});
  request.live.erase(name.sample);
  --num_live_;
  forget_if_over(name.request);
}

void Scheduler::drop(size_t request) {
  const auto found = requests_.find(request);
  if (found == requests_.end()) return;
  let_go({.request = request, .is_prompt = true});
  found->second.is_read = true;
  found->second.next_sample = found->second.samples;
  forget_if_over(request);
}

void Scheduler::forget_if_over(size_t request) {
  const Request& over = requests_.at(request);
  if (over.live.empty() && over.next_sample == over.samples) requests_.erase(request);
}

Scheduler::Snapshot Scheduler::snapshot() const {
  Snapshot all{.limits = limits_, .blocks = blocks_.snapshot()};
  for (int32_t block = 0; block < limits_.num_blocks; ++block) {
    all.is_cached.push_back(cache_.contains(block));
    all.parents.push_back(all.is_cached.back() ? cache_.parent(block) : std::nullopt);
  }
  const auto add = [&](const Turn& turn, const Runner& one) {
    const std::optional<int64_t> sample = turn.is_prompt ? std::nullopt : std::optional(turn.sample);
    all.runners.push_back({.request = turn.request,
                           .sample = sample,
                           .kv = one.kv,
                           .tokens = tokens(turn),
                           .known_blocks = one.known_blocks});
  };
  for (const auto& [number, request] : requests_) {
    for (const auto& [index, sample] : request.live) add({.request = number, .sample = index}, sample);
    if (request.next_sample < request.samples) add({.request = number, .is_prompt = true}, request.reading);
  }
  return all;
}

}  // namespace r1v
