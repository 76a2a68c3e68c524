// Plans from three lists: prompts to read, prompts whose samples have not all started, live samples.
#include "engine/scheduler.h"

#include <algorithm>

#include "base/error.h"

namespace r1v {

Scheduler::Scheduler(const SchedulerLimits& limits) : limits_(limits) {
  R1V_CHECK(limits.max_batch >= 1 && limits.prefill_chunk >= 1, limits.max_batch, " ", limits.prefill_chunk);
}

size_t Scheduler::add(int64_t prompt_tokens, int64_t samples) {
  R1V_CHECK(prompt_tokens >= 1 && samples >= 1, prompt_tokens, " ", samples);
  waiting_.push_back({.request = requests_, .prompt_tokens = prompt_tokens, .samples = samples});
  return requests_++;
}

StepPlan Scheduler::plan() const {
  StepPlan plan;
  int64_t places = limits_.max_batch - static_cast<int64_t>(live_.size());
  for (const Ready& prompt : ready_) places -= prompt.samples - prompt.next_sample;
  int64_t tokens = limits_.prefill_chunk;
  for (const Waiting& prompt : waiting_) {
    if (places <= 0 || tokens <= 0) break;
    const int64_t left = prompt.prompt_tokens - prompt.read_tokens;
    const int64_t count = std::min(left, tokens);
    plan.chunks.push_back(
        {.request = prompt.request, .past = prompt.read_tokens, .count = count, .is_last = count == left});
    tokens -= count;
    places -= prompt.samples;
  }
  if (!plan.chunks.empty()) {
    plan.kind = StepPlan::Kind::prefill;
  } else if (!live_.empty()) {
    plan.kind = StepPlan::Kind::decode;
    plan.samples = live_;
  }
  return plan;
}

void Scheduler::commit(const StepPlan& plan) {
  for (const StepPlan::Chunk& chunk : plan.chunks) {
    const auto prompt = std::ranges::find(waiting_, chunk.request, &Waiting::request);
    R1V_CHECK(prompt != waiting_.end() && prompt->read_tokens == chunk.past, "request ", chunk.request);
    prompt->read_tokens += chunk.count;
    if (!chunk.is_last) continue;
    ready_.push_back({.request = prompt->request, .samples = prompt->samples});
    waiting_.erase(prompt);
  }
}

std::optional<Scheduler::Start> Scheduler::start_next() {
  if (ready_.empty() || static_cast<int64_t>(live_.size()) >= limits_.max_batch) return std::nullopt;
  Ready& first = ready_.front();
  const Start start{.name = {.request = first.request, .sample = first.next_sample},
                    .is_last_of_request = first.next_sample + 1 == first.samples};
  ++first.next_sample;
  if (start.is_last_of_request) ready_.pop_front();
  live_.push_back(start.name);
  return start;
}

void Scheduler::finish(const SampleName& name) {
  const auto found = std::ranges::find(live_, name);
  R1V_CHECK(found != live_.end(), "sample ", name.sample, " of request ", name.request, " is not live");
  live_.erase(found);
}

void Scheduler::drop(size_t request) {
  std::erase_if(waiting_, [&](const Waiting& prompt) { return prompt.request == request; });
  std::erase_if(ready_, [&](const Ready& prompt) { return prompt.request == request; });
}

std::vector<std::string> Scheduler::violations() const {
  std::vector<std::string> found;
  if (static_cast<int64_t>(live_.size()) > limits_.max_batch) found.push_back(cat(live_.size(), " samples are live"));
  for (size_t i = 0; i < live_.size(); ++i) {
    if (std::find(live_.begin() + static_cast<int64_t>(i) + 1, live_.end(), live_[i]) != live_.end()) {
      found.push_back(cat("sample ", live_[i].sample, " of request ", live_[i].request, " is live twice"));
    }
  }
  for (size_t i = 0; i < waiting_.size(); ++i) {
    const Waiting& prompt = waiting_[i];
    if (prompt.read_tokens >= prompt.prompt_tokens)
      found.push_back(cat("request ", prompt.request, " waits, though read"));
    if (i > 0 && prompt.read_tokens > 0) found.push_back(cat("request ", prompt.request, " was read out of turn"));
    if (i > 0 && waiting_[i - 1].request >= prompt.request) found.push_back("requests wait out of order");
  }
  for (const Ready& prompt : ready_) {
    if (prompt.next_sample >= prompt.samples)
      found.push_back(cat("request ", prompt.request, " has no sample to start"));
  }
  return found;
}

}  // namespace r1v
