// The engine's loop: start samples, plan, run one pass, hand every sequence its row of logits.
#include "engine/engine.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <deque>
#include <map>

#include "base/clock.h"
#include "base/error.h"
#include "engine/growing_kv.h"
#include "engine/picture_rows.h"
#include "engine/scheduler.h"
#include "engine/sequence.h"
#include "models/r1v.h"
#include "prompt/render.h"

namespace r1v {
namespace {

int64_t image_slots(const Prompt& prompt, int64_t image_token_id) {
  return std::ranges::count(prompt.input_ids, image_token_id);
}

void check_prompt(const Prompt* prompt, const R1vModel& model, const Renderer& renderer) {
  R1V_CHECK(prompt != nullptr, "a request without a prompt");
  const int64_t length = static_cast<int64_t>(prompt->input_ids.size());
  const int64_t context = model.config().language.max_position;
  if (length == 0) throw InputError("the prompt is empty: there is no token to go on from; ask something");
  if (length >= context) {
    throw InputError(cat("the prompt has ", length, " tokens but the model's context holds ", context,
                         "; shorten it, or use fewer or smaller pictures (--max-tiles)"));
  }
  int64_t expected = 0;
  for (const PromptImage& image : prompt->images) expected += model.picture_tokens(image.grid);
  const int64_t slots = expected == 0 ? 0 : image_slots(*prompt, renderer.image_token_id());
  if (slots != expected) {
    throw InputError(cat("the prompt holds ", slots, " image tokens but its pictures become ", expected,
                         "; render it with the renderer of this checkpoint"));
  }
}

/// Parameters as they hold for this prompt.
SamplingParams fitted(const SamplingParams& asked, const Prompt& prompt, const R1vModel& model,
                      const Tokenizer& tokenizer) {
  check_sampling(asked);
  SamplingParams params = asked;
  const int64_t room = model.config().language.max_position - static_cast<int64_t>(prompt.input_ids.size());
  params.max_tokens = std::min(asked.max_tokens, room);
  const int64_t close = think_close_tokens(tokenizer);
  if (prompt.starts_thinking && params.thinking_budget >= 0 && params.thinking_budget + close >= params.max_tokens) {
    throw InputError(cat("a thinking budget of ", params.thinking_budget, " tokens and ", close,
                         " to close the thinking leave no token for the answer within ", params.max_tokens,
                         params.max_tokens < asked.max_tokens ? " (all that the context holds after the prompt)" : "",
                         "; lower the thinking budget or raise max_tokens"));
  }
  return params;
}

/// Positions of several sequences in one pass; a single stream stands for three equal ones beside M-RoPE's three.
at::Tensor joined(std::vector<at::Tensor>& positions) {
  const bool has_streams = std::ranges::any_of(positions, [](const at::Tensor& one) { return one.dim() == 2; });
  for (at::Tensor& one : positions) {
    if (has_streams && one.dim() == 1) one = one.expand({3, one.size(0)});
  }
  return at::cat(positions, -1);
}

struct LiveSample {
  Sequence sequence;
  int64_t kv = 0;  // its name in the store
};

/// A request from add to its result.
struct Job {
  GenerateRequest request;
  SamplingParams params;
  std::vector<int64_t> pictures;    // names in PictureRows, until the prompt is embedded
  at::Tensor embeds_TD;             // until the prompt is read
  Positions positions;              // of the prompt
  int64_t kv = 0;                   // the prompt's name in the store
  std::vector<float> first_logits;  // what every sample's first token is drawn from
  std::map<int64_t, LiveSample> live;
  int64_t unfinished = 0;
  std::optional<double> first_token_s;  // when
  GenerateResult result;
};

}  // namespace

struct Engine::Impl {
  Impl(const R1vModel& network, const Renderer& prompt_renderer, const EngineOptions& engine_options)
      : model(network),
        renderer(prompt_renderer),
        options(engine_options),
        vocabulary(make_vocabulary(renderer.tokenizer(), renderer.eos_ids(), renderer.image_token_id(),
                                   model.head_weight_VD().size(0))) {
    forget_everything();
  }

  void forget_everything();
  size_t add(const GenerateRequest& request);
  void cancel_where_asked();
  void cancel(size_t number);
  void start_samples();
  void read_prompts(const StepPlan& plan);
  void embed_prompts(const StepPlan& plan);
  void decode(const StepPlan& plan);
  void advance(const SampleName& name, std::span<const float> logits);
  void end_sample(const SampleName& name);
  void settle(size_t number);
  at::Tensor logits_of(const at::Tensor& hidden_TD) const;

  const R1vModel& model;
  const Renderer& renderer;
  EngineOptions options;
  Vocabulary vocabulary;
  std::optional<PictureRows> picture_rows;
  GrowingKv kv;
  std::optional<Scheduler> scheduler;
  std::map<size_t, Job> jobs;
  std::deque<std::pair<size_t, GenerateResult>> finished;
  int64_t next_kv = 0;
};

void Engine::Impl::forget_everything() {
  picture_rows.emplace(model);
  kv = GrowingKv();
  scheduler.emplace(SchedulerLimits{.max_batch = options.max_batch, .prefill_chunk = options.prefill_chunk});
  jobs.clear();
  finished.clear();
}

size_t Engine::Impl::add(const GenerateRequest& request) {
  check_prompt(request.prompt, model, renderer);
  const Prompt& prompt = *request.prompt;
  Job job{.request = request, .params = fitted(request.sampling, prompt, model, renderer.tokenizer())};
  job.pictures = picture_rows->enlist(prompt);
  job.positions = model.positions(prompt.input_ids, grids_of(prompt.images));
  job.kv = next_kv++;
  job.unfinished = job.params.n;
  // What a sample that never starts is left with.
  job.result.completions.resize(static_cast<size_t>(job.params.n), {.finish = FinishReason::cancelled});
  job.result.usage.prompt_tokens = static_cast<int64_t>(prompt.input_ids.size());
  for (const PromptImage& image : prompt.images) job.result.usage.image_tokens += image.tokens;
  const size_t number = scheduler->add(job.result.usage.prompt_tokens, job.params.n);
  jobs.emplace(number, std::move(job));
  return number;
}

void Engine::Impl::cancel_where_asked() {
  std::vector<size_t> numbers;
  for (const auto& [number, job] : jobs) {
    if (job.request.is_cancelled != nullptr && job.request.is_cancelled->load()) numbers.push_back(number);
  }
  for (const size_t number : numbers) cancel(number);
}

void Engine::Impl::cancel(size_t number) {
  Job& job = jobs.at(number);
  scheduler->drop(number);
  picture_rows->drop(job.pictures);
  kv.release(job.kv);
  job.unfinished = static_cast<int64_t>(job.live.size());  // the samples that had not started are over
  std::vector<int64_t> samples;
  for (const auto& [sample, live] : job.live) samples.push_back(sample);
  for (const int64_t sample : samples) {
    job.live.at(sample).sequence.cancel();
    end_sample({.request = number, .sample = sample});
  }
  if (samples.empty()) settle(number);
}

void Engine::Impl::start_samples() {
  while (const auto start = scheduler->start_next()) {
    Job& job = jobs.at(start->name.request);
    const int64_t own_kv = next_kv++;
    if (start->is_last_of_request) {
      kv.rename(job.kv, own_kv);
    } else {
      kv.fork(job.kv, own_kv);
    }
    const Prompt& prompt = *job.request.prompt;
    job.live.emplace(start->name.sample, LiveSample{.sequence = Sequence(vocabulary, job.params, prompt.input_ids,
                                                                         prompt.starts_thinking, start->name.sample),
                                                    .kv = own_kv});
    if (!job.first_token_s) job.first_token_s = monotonic_s();
    const std::vector<float> logits = job.first_logits;  // a copy: the job may be over, and gone, with this token
    advance(start->name, logits);
  }
}

at::Tensor Engine::Impl::logits_of(const at::Tensor& hidden_TD) const {
  // The rules work on plain memory: one copy a pass.
  return model.logits(hidden_TD).to(at::kCPU, at::kFloat).contiguous();
}

void Engine::Impl::embed_prompts(const StepPlan& plan) {
  const double start = monotonic_s();
  std::vector<int64_t> pictures;
  for (const StepPlan::Chunk& chunk : plan.chunks) {
    const Job& job = jobs.at(chunk.request);
    if (chunk.past == 0) pictures.insert(pictures.end(), job.pictures.begin(), job.pictures.end());
  }
  picture_rows->encode(pictures);
  const double vision_s = monotonic_s() - start;
  for (const StepPlan::Chunk& chunk : plan.chunks) {
    if (chunk.past != 0) continue;
    Job& job = jobs.at(chunk.request);
    if (!job.pictures.empty()) job.result.timing.vision_s += vision_s;
    const at::Tensor ids_T = at::tensor(job.request.prompt->input_ids, at::kLong).to(model.head_weight_VD().device());
    job.embeds_TD = model.embed(ids_T, picture_rows->take(job.pictures), renderer.image_token_id());
    job.pictures.clear();
  }
}

void Engine::Impl::read_prompts(const StepPlan& plan) {
  embed_prompts(plan);
  const double start = monotonic_s();
  std::vector<at::Tensor> embeds, positions;
  std::vector<int64_t> last_rows;
  TokenPlan tokens{.store = &kv};
  int64_t end = 0;
  for (const StepPlan::Chunk& chunk : plan.chunks) {
    Job& job = jobs.at(chunk.request);
    embeds.push_back(job.embeds_TD.narrow(0, chunk.past, chunk.count));
    positions.push_back(job.positions.values.narrow(-1, chunk.past, chunk.count));
    tokens.spans.push_back({.sequence = job.kv, .past = chunk.past, .count = chunk.count});
    end += chunk.count;
    if (chunk.is_last) last_rows.push_back(end - 1);
  }
  const at::Tensor embeds_TD = at::cat(embeds);
  tokens.positions = joined(positions).to(embeds_TD.device());
  const at::Tensor hidden_TD = model.hidden(embeds_TD, tokens);
  const at::Tensor rows = at::tensor(last_rows, at::kLong).to(embeds_TD.device());
  const at::Tensor logits_TV = last_rows.empty() ? at::Tensor() : logits_of(hidden_TD.index_select(0, rows));
  scheduler->commit(plan);
  const double prefill_s = monotonic_s() - start;
  int64_t row = 0;
  for (const StepPlan::Chunk& chunk : plan.chunks) {
    Job& job = jobs.at(chunk.request);
    job.result.timing.prefill_s += prefill_s;
    if (!chunk.is_last) continue;
    job.embeds_TD.reset();
    const float* logits = logits_TV.const_data_ptr<float>() + row++ * logits_TV.size(1);
    job.first_logits.assign(logits, logits + logits_TV.size(1));
  }
}

void Engine::Impl::decode(const StepPlan& plan) {
  const int64_t count = static_cast<int64_t>(plan.samples.size());
  TokenPlan tokens{.store = &kv};
  std::vector<int64_t> ids, positions;
  for (const SampleName& name : plan.samples) {
    const Job& job = jobs.at(name.request);
    const LiveSample& sample = job.live.at(name.sample);
    const int64_t past = kv.length(sample.kv);
    ids.push_back(sample.sequence.last_id());
    positions.push_back(past - job.result.usage.prompt_tokens + job.positions.next);
    tokens.spans.push_back({.sequence = sample.kv, .past = past, .count = 1});
  }
  const at::Device device = model.head_weight_VD().device();
  tokens.positions = at::tensor(positions, at::kLong).to(device);
  const at::Tensor ids_T = at::tensor(ids, at::kLong).to(device);
  const at::Tensor embeds_TD = model.embed(ids_T, at::Tensor(), renderer.image_token_id());
  const at::Tensor logits_TV = logits_of(model.hidden(embeds_TD, tokens));
  scheduler->commit(plan);
  const size_t vocabulary_size = static_cast<size_t>(logits_TV.size(1));
  for (int64_t row = 0; row < count; ++row) {
    const float* logits = logits_TV.const_data_ptr<float>() + row * logits_TV.size(1);
    advance(plan.samples[static_cast<size_t>(row)], {logits, vocabulary_size});
  }
}

void Engine::Impl::advance(const SampleName& name, std::span<const float> logits) {
  Job& job = jobs.at(name.request);
  Sequence& sequence = job.live.at(name.sample).sequence;
  const StreamPiece piece = sequence.advance(logits);
  const bool is_empty = piece.thinking.empty() && piece.answer.empty();
  if (job.request.on_piece && !is_empty && !job.request.on_piece(piece) && !sequence.is_finished()) sequence.cancel();
  if (sequence.is_finished()) end_sample(name);
}

void Engine::Impl::end_sample(const SampleName& name) {
  Job& job = jobs.at(name.request);
  const auto ended = job.live.find(name.sample);
  job.result.completions[static_cast<size_t>(name.sample)] = ended->second.sequence.completion();
  kv.release(ended->second.kv);
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
  finished.emplace_back(number, std::move(job.result));
  jobs.erase(number);
}

Engine::Engine(const R1vModel& model, const Renderer& renderer, const EngineOptions& options)
    : impl_(std::make_unique<Impl>(model, renderer, options)) {}

Engine::~Engine() = default;

size_t Engine::add(const GenerateRequest& request) { return impl_->add(request); }

bool Engine::step() {
  const at::NoGradGuard no_gradients;
  try {
    impl_->cancel_where_asked();
    impl_->start_samples();
    const StepPlan plan = impl_->scheduler->plan();
    if (plan.kind == StepPlan::Kind::prefill) impl_->read_prompts(plan);
    if (plan.kind == StepPlan::Kind::decode) impl_->decode(plan);
    return impl_->scheduler->has_work();
  } catch (...) {
    impl_->forget_everything();  // half a pass is in the store: nothing of it can go on
    throw;
  }
}

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
    impl_->forget_everything();  // all or none
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
