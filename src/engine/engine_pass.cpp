// One pass: blocks, pictures, rows of all parts together through the network, then every sample draws from its own.
#include <algorithm>

#include "base/clock.h"
#include "base/error.h"
#include "engine/draft.h"
#include "engine/engine_impl.h"

namespace r1v {

struct Engine::Impl::PassInput {
  at::Tensor embeds_TD;
  TokenPlan tokens;
  std::vector<int64_t> logit_rows;
};

void Engine::Impl::start_samples() {
  while (const auto name = scheduler->start_next()) {
    Job& job = jobs.at(name->request);
    const Prompt& prompt = *job.request.prompt;
    LiveSample sample{
        .sequence = Sequence(vocabulary, job.params, prompt.input_ids, prompt.starts_thinking, name->sample),
        .draft_name = next_draft_name++,
        .draft = {}};
    Sequence& sequence = job.live.emplace(name->sample, std::move(sample)).first->second.sequence;
    if (!job.first_token_s) job.first_token_s = monotonic_s();
    if (advance(job, sequence, job.first_logits)) {
      const int64_t id = sequence.last_id();
      scheduler->accept(*name, std::span(&id, 1));
    }
    if (sequence.is_finished()) end_sample(*name);
  }
}

void Engine::Impl::end_thinking_where_asked() {
  for (auto& [number, job] : jobs) {
    if (job.request.ends_thinking == nullptr || !job.request.ends_thinking->load()) continue;
    for (auto& [index, sample] : job.live) sample.sequence.end_thinking();
  }
}

// Tokens that come whatever the logits say (the thinking is closed) are as good as guesses: one pass reads them all.
void Engine::Impl::propose_drafts() {
  if (options.draft_tokens > 0) look_up_drafts();
  for (auto& [number, job] : jobs) {
    for (auto& [index, sample] : job.live) {
      const std::span<const int64_t> forced = sample.sequence.forced();
      sample.is_draft_certain = !forced.empty();
      if (sample.is_draft_certain) sample.draft.assign(forced.begin(), forced.end());
      scheduler->propose({.request = number, .sample = index}, static_cast<int64_t>(sample.draft.size()));
    }
  }
}

void Engine::Impl::look_up_drafts() {
  if (draft_runner) run_draft_model();
  for (auto& [number, job] : jobs) {
    for (auto& [index, sample] : job.live) {
      if (!draft_runner || !job.pictures.empty()) {
        sample.draft = look_up_draft(job.text(sample), {.max_tokens = options.draft_tokens});
      }
      // Neither a picture's slot nor a row without a token could be drawn.
      const auto end = std::ranges::find_if(sample.draft, [&](int64_t id) {
        return id == renderer.image_token_id() || id >= renderer.tokenizer().size();
      });
      sample.draft.erase(end, sample.draft.end());
    }
  }
}

void Engine::Impl::run_draft_model() {
  std::vector<DraftTask> tasks;
  std::vector<LiveSample*> owners;
  for (auto& [number, job] : jobs) {
    for (auto& [index, sample] : job.live) {
      if (!job.pictures.empty()) continue;
      tasks.push_back({.name = sample.draft_name, .text = job.text(sample), .guess = {}});
      owners.push_back(&sample);
    }
  }
  draft_runner->guess(tasks, options.draft_tokens);
  for (size_t i = 0; i < tasks.size(); ++i) owners[i]->draft = std::move(tasks[i].guess);
}

void Engine::Impl::prepare_blocks(const StepPlan& plan) {
  for (const BlockCopy& copy : plan.copies) store->copy_block(copy.from, copy.to);
  store->begin_pass();
  for (const StepPart& part : plan.parts) store->set_table(part.kv, scheduler->table(part.kv));
}

void Engine::Impl::encode_pictures(const StepPlan& plan) {
  const double start = monotonic_s();
  std::vector<int64_t> names;
  std::vector<Job*> waiting;
  for (const StepPart& part : plan.parts) {
    Job& job = jobs.at(part.request);
    const auto [first, end] = job.slots_between(part.first, part.first + part.count);
    const std::vector<int64_t> needed = job.pictures_in(first, end);
    const bool is_missing =
        std::ranges::any_of(needed, [&](int64_t name) { return !picture_rows->rows(name).defined(); });
    if (is_missing) waiting.push_back(&job);
    names.insert(names.end(), needed.begin(), needed.end());
  }
  if (waiting.empty()) return;
  picture_rows->encode(names);
  ++counts.tower_passes;
  for (Job* job : waiting) job->result.timing.vision_s += monotonic_s() - start;
}

Engine::Impl::PassInput Engine::Impl::gather(const StepPlan& plan) {
  PassInput input;
  std::vector<int64_t> ids;
  std::vector<at::Tensor> images;
  const bool has_streams =
      std::ranges::any_of(plan.parts, [&](const StepPart& part) { return jobs.at(part.request).has_streams(); });
  std::vector<std::vector<int64_t>> positions(has_streams ? 3 : 1);
  for (const StepPart& part : plan.parts) {
    const Job& job = jobs.at(part.request);
    for (int64_t i = part.first; i < part.first + part.count; ++i) {
      ids.push_back(job.id(part.sample, i));
      for (size_t stream = 0; stream < positions.size(); ++stream) {
        positions[stream].push_back(job.position(static_cast<int64_t>(stream), i));
      }
    }
    const auto [first, end] = job.slots_between(part.first, part.first + part.count);
    const std::vector<at::Tensor> rows = job.picture_rows(*picture_rows, first, end);
    images.insert(images.end(), rows.begin(), rows.end());
    input.tokens.spans.push_back({.sequence = part.kv, .past = part.first, .count = part.count});
    const auto rows_end = static_cast<int64_t>(ids.size());
    for (int64_t row = rows_end - part.drafts - 1; row < rows_end && part.wants_logits; ++row) {
      input.logit_rows.push_back(row);
    }
  }
  const at::Device device = model.input_options().device();
  input.tokens.store = store.get();
  std::vector<at::Tensor> streams;
  for (const std::vector<int64_t>& stream : positions) streams.push_back(at::tensor(stream, at::kLong));
  input.tokens.positions = (has_streams ? at::stack(streams) : streams.front()).to(device);
  const at::Tensor images_ND = images.empty() ? at::Tensor() : at::cat(images);
  input.embeds_TD = model.embed(at::tensor(ids, at::kLong).to(device), images_ND, renderer.image_token_id());
  return input;
}

at::Tensor Engine::Impl::compute(const PassInput& input) {
  const at::Tensor hidden_TD = model.hidden(input.embeds_TD, input.tokens);
  if (input.logit_rows.empty()) return {};
  const at::Tensor rows = at::tensor(input.logit_rows, at::kLong).to(hidden_TD.device());
  // The rules work on plain memory: one copy a pass.
  return model.logits(hidden_TD.index_select(0, rows)).to(at::kCPU, at::kFloat).contiguous();
}

void Engine::Impl::run(const StepPlan& plan) {
  prepare_blocks(plan);
  encode_pictures(plan);
  const double start = monotonic_s();
  const at::Tensor logits_TV = compute(gather(plan));
  const double pass_s = monotonic_s() - start;
  for (const StepPart& part : plan.parts) {
    Job& job = jobs.at(part.request);
    if (part.sample) continue;
    if (!job.is_begun) {
      job.result.usage.cached_tokens = part.first;
      counts.cached_tokens += part.first;
    }
    job.is_begun = true;
    job.result.timing.prefill_s += pass_s;
  }
  ++counts.passes;
  counts.rows += plan.rows();
  counts.preemptions += static_cast<int64_t>(plan.preempted.size());
  scheduler->commit(plan);
  tell_progress(plan);
  hand_out(plan, logits_TV);
}

void Engine::Impl::tell_progress(const StepPlan& plan) const {
  for (const StepPart& part : plan.parts) {
    const Job& job = jobs.at(part.request);
    if (!part.sample && job.request.on_progress) job.request.on_progress(job.progress(part.first + part.count));
  }
}

void Engine::Impl::hand_out(const StepPlan& plan, const at::Tensor& logits_TV) {
  size_t row = 0;
  for (const StepPart& part : plan.parts) {
    if (!part.wants_logits) continue;
    const auto width = static_cast<size_t>(logits_TV.size(1)), rows = static_cast<size_t>(part.drafts) + 1;
    const std::span<const float> logits(logits_TV.const_data_ptr<float>() + row * width, rows * width);
    row += rows;
    if (part.sample) {
      answer(part, logits);
    } else {
      jobs.at(part.request).first_logits.assign(logits.begin(), logits.end());
    }
  }
}

void Engine::Impl::answer(const StepPart& part, std::span<const float> logits) {
  const SampleName name{.request = part.request, .sample = *part.sample};
  Job& job = jobs.at(name.request);
  LiveSample& sample = job.live.at(name.sample);
  const size_t rows = static_cast<size_t>(part.drafts) + 1, width = logits.size() / rows;
  std::vector<int64_t> ids;
  for (size_t row = 0; row < rows; ++row) {
    if (!advance(job, sample.sequence, logits.subspan(row * width, width))) break;
    ids.push_back(sample.sequence.last_id());
    // The next row was computed behind a guess: it holds only if the guess was right.
    if (sample.sequence.is_finished() || row + 1 == rows || sample.draft[row] != ids.back()) break;
  }
  if (!sample.is_draft_certain && !ids.empty()) {
    counts.drafts += part.drafts;
    counts.drafts_accepted += static_cast<int64_t>(ids.size()) - 1;
  }
  sample.draft.clear();
  scheduler->accept(name, ids);
  if (sample.sequence.is_finished()) end_sample(name);
}

/// false when something went wrong and the request fails alone.
bool Engine::Impl::advance(Job& job, Sequence& sequence, std::span<const float> logits) {
  if (job.request.ends_thinking != nullptr && job.request.ends_thinking->load()) sequence.end_thinking();
  try {
    deliver(job, sequence, sequence.advance(logits));
    return true;
  } catch (const std::exception& error) {  // logits that are no numbers, or a broken promise of ours about this sample
    if (!job.request.fails_alone) throw;
    job.result.failure = error.what();
    sequence.cancel();
    return false;
  }
}

void Engine::Impl::deliver(const Job& job, Sequence& sequence, const StreamPiece& piece) {
  const bool is_empty = piece.thinking.empty() && piece.answer.empty() && piece.reports.empty();
  if (job.request.on_piece && !is_empty && !job.request.on_piece(piece) && !sequence.is_finished()) sequence.cancel();
}

}  // namespace r1v
