// Requests come and go: checked at the door, scheduled, settled.
#include "engine/engine.h"

#include <ATen/DeviceAccelerator.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "engine/engine_impl.h"
#include "engine/invariants.h"
#include "engine/memory_budget.h"
#include "models/packed_language.h"

namespace r1v {
namespace {

MemoryBudget budget_of(const R1vModel& model, int64_t asked_bytes) {
  MemoryBudget budget{.asked_bytes = asked_bytes};
  if (asked_bytes > 0) return budget;
  const at::Device device = model.input_options().device();
  if (device.is_cpu()) {
    const MachineMemory memory = machine_memory();
    budget.available_bytes = memory.available_bytes;
    budget.total_bytes = memory.total_bytes;
    if (model.packed_language() != nullptr) budget.weight_bytes = model.packed_language()->bytes();
  } else {
    const auto [free, total] = at::accelerator::getMemoryInfo(device.index());
    budget.available_bytes = static_cast<int64_t>(free);
    budget.total_bytes = static_cast<int64_t>(total);
  }
  return budget;
}

void check_options(const R1vModel& model, const Renderer& renderer, const EngineOptions& options) {
  if (options.max_batch < 1 || options.pass_tokens < 1 || options.kv_memory_bytes < 0 || options.draft_tokens < 0 ||
      options.picture_cache_bytes < 0 || options.prefix_cache_bytes < 0) {
    throw InputError(cat("an engine with max_batch ", options.max_batch, ", pass_tokens ", options.pass_tokens,
                         ", kv_memory_bytes ", options.kv_memory_bytes, ", draft_tokens ", options.draft_tokens,
                         ", picture_cache_bytes ", options.picture_cache_bytes, " and prefix_cache_bytes ",
                         options.prefix_cache_bytes, ": the first two are at least 1, the others at least 0"));
  }
  if (options.kv_format && model.packed_language() == nullptr) {
    throw InputError(cat("keys and values as ", format_name(*options.kv_format), " need packed weights (--weights); ",
                         "a plain network keeps them in its own dtype: leave the format out"));
  }
  if (options.draft_model == nullptr) return;
  if (options.draft_tokens == 0) throw InputError("a draft model, but 0 guesses a row: ask for some (draft_tokens)");
  const int64_t draft_rows = options.draft_model->config().language.vocab_size;
  if (draft_rows < renderer.tokenizer().size()) {
    throw InputError(cat("the draft model knows ", draft_rows, " tokens but the tokenizer has ",
                         renderer.tokenizer().size(), "; a draft model needs the same tokenizer as the model"));
  }
}

SchedulerLimits limits_of(const R1vModel& model, const Renderer& renderer, const EngineOptions& options) {
  check_options(model, renderer, options);
  const int64_t bytes = key_value_bytes(budget_of(model, options.kv_memory_bytes));
  int64_t bytes_a_block = block_bytes(model, options.kv_format.value_or(KvFormat::float32));
  // A draft model has as many blocks as the model: what fits into one fits into both.
  if (options.draft_model != nullptr) bytes_a_block += block_bytes(*options.draft_model, KvFormat::float32);
  return {.max_batch = options.max_batch,
          .pass_tokens = options.pass_tokens,
          .num_blocks = blocks_that_fit(bytes, {.block_bytes = bytes_a_block,
                                                .block_tokens = kKvBlockTokens,
                                                .context = model.config().language.max_position,
                                                .max_batch = options.max_batch}),
          .block_tokens = kKvBlockTokens,
          .caches_prefixes = options.caches_prefixes,
          .max_idle_blocks = options.prefix_cache_bytes == 0 ? INT64_MAX : options.prefix_cache_bytes / bytes_a_block};
}

}  // namespace

Engine::Impl::Impl(const R1vModel& network, const Renderer& prompt_renderer, const EngineOptions& engine_options)
    : model(network),
      renderer(prompt_renderer),
      options(engine_options),
      vocabulary(make_vocabulary(renderer.tokenizer(), renderer.eos_ids(), renderer.image_token_id(),
                                 model.config().language.vocab_size)),
      limits(limits_of(model, renderer, options)),
      store(make_block_store(model, options.kv_format.value_or(KvFormat::float32), limits.num_blocks)) {
  forget_everything();
}

void Engine::Impl::forget_everything() {
  picture_rows.emplace(model, options.picture_cache_bytes);
  scheduler.emplace(limits);
  if (options.draft_model != nullptr) {
    draft_runner.emplace(*options.draft_model,
                         DraftRunnerLimits{.pass_tokens = options.pass_tokens, .num_blocks = limits.num_blocks});
  }
  jobs.clear();
  finished.clear();
}

size_t Engine::Impl::add(const GenerateRequest& request) {
  Job job = make_job(request, model, renderer, *picture_rows);
  size_t number = 0;
  try {
    number = scheduler->add(
        {.prompt = prompt_keys(job, *picture_rows), .samples = job.params.n, .max_tokens = job.params.max_tokens});
  } catch (...) {
    picture_rows->drop(job.pictures);
    throw;
  }
  jobs.emplace(number, std::move(job));
  return number;
}

void Engine::Impl::cancel_where_asked() {
  std::vector<size_t> numbers;
  for (const auto& [number, job] : jobs) {
    const bool is_asked = job.request.is_cancelled != nullptr && job.request.is_cancelled->load();
    if (is_asked || !job.result.failure.empty()) numbers.push_back(number);
  }
  for (const size_t number : numbers) cancel(number);
}

void Engine::Impl::cancel(size_t number) {
  Job& job = jobs.at(number);
  scheduler->drop(number);
  job.unfinished = static_cast<int64_t>(job.live.size());  // the samples that had not started are over
  std::vector<int64_t> samples;
  for (const auto& [sample, live] : job.live) samples.push_back(sample);
  for (const int64_t sample : samples) {
    Sequence& sequence = job.live.at(sample).sequence;
    deliver(job, sequence, sequence.cancel());
    end_sample({.request = number, .sample = sample});
  }
  if (samples.empty()) settle(number);
}

void Engine::Impl::end_sample(const SampleName& name) {
  Job& job = jobs.at(name.request);
  const auto ended = job.live.find(name.sample);
  if (draft_runner) draft_runner->forget(ended->second.draft_name);
  job.result.completions[static_cast<size_t>(name.sample)] = ended->second.sequence.completion();
  job.live.erase(ended);
  scheduler->finish(name);
  if (--job.unfinished == 0) settle(name.request);
}

void Engine::Impl::settle(size_t number) {
  Job& job = jobs.at(number);
  for (const Completion& completion : job.result.completions) {
    job.result.usage.completion_tokens += static_cast<int64_t>(completion.ids.size());
    job.result.usage.thinking_tokens += completion.thinking_tokens;
  }
  if (job.first_token_s) job.result.timing.decode_s = monotonic_s() - *job.first_token_s;
  picture_rows->drop(job.pictures);
  finished.emplace_back(number, std::move(job.result));
  jobs.erase(number);
}

Engine::Engine(const R1vModel& model, const Renderer& renderer, const EngineOptions& options)
    : impl_(std::make_unique<Impl>(model, renderer, options)) {}

Engine::~Engine() = default;

size_t Engine::add(const GenerateRequest& request) { return impl_->add(request); }

void Engine::check(const GenerateRequest& request) const {
  const SamplingParams params = check_request(request, impl_->model, impl_->renderer);
  expect_room(impl_->limits, std::ssize(request.prompt->input_ids), params.max_tokens);
}

bool Engine::step() {
  const at::NoGradGuard no_gradients;
  try {
    impl_->cancel_where_asked();
    impl_->start_samples();
    impl_->end_thinking_where_asked();
    impl_->propose_drafts();
    const StepPlan plan = impl_->scheduler->plan();
    if (!plan.is_idle()) impl_->run(plan);
    return impl_->scheduler->has_work();
  } catch (...) {
    impl_->forget_everything();  // half a pass is in the store: nothing of it can go on
    throw;
  }
}

const EngineCounts& Engine::counts() const { return impl_->counts; }
int64_t Engine::kv_blocks() const { return impl_->limits.num_blocks; }
int64_t Engine::kv_blocks_used() const { return impl_->scheduler->blocks_used(); }
std::vector<std::string> Engine::violations() const { return r1v::violations(impl_->scheduler->snapshot()); }

std::optional<std::pair<size_t, GenerateResult>> Engine::take_finished() {
  if (impl_->finished.empty()) return std::nullopt;
  std::pair<size_t, GenerateResult> first = std::move(impl_->finished.front());
  impl_->finished.pop_front();
  return first;
}

std::vector<GenerateResult> Engine::generate(const std::vector<GenerateRequest>& requests) {
  R1V_CHECK(impl_->jobs.empty() && impl_->finished.empty(), "generate while added requests are on their way");
  std::map<size_t, size_t> place_of;
  try {
    for (const GenerateRequest& request : requests) place_of.emplace(add(request), place_of.size());
  } catch (...) {
    for (const auto& [number, place] : place_of) impl_->cancel(number);  // all or none
    impl_->finished.clear();
    throw;
  }
  while (step()) {
  }
  std::vector<GenerateResult> results(requests.size());
  while (auto done = take_finished()) results[place_of.at(done->first)] = std::move(done->second);
  return results;
}

GenerateResult Engine::generate(const GenerateRequest& request) { return generate(std::vector{request}).front(); }

}  // namespace r1v
