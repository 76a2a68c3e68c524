// The door: everything a request can get wrong is said here.
#include "engine/job.h"

#include <algorithm>

#include "base/error.h"
#include "engine/thinking_budget.h"
#include "engine/too_long.h"
#include "models/r1v.h"
#include "prompt/render.h"

namespace r1v {
namespace {

void check_prompt(const Prompt* prompt, const R1vModel& model, const Renderer& renderer) {
  R1V_CHECK(prompt != nullptr, "a request without a prompt");
  const int64_t length = static_cast<int64_t>(prompt->input_ids.size());
  const int64_t context = model.config().language.max_position;
  if (length == 0) throw InputError("the prompt is empty: there is no token to go on from; ask something");
  if (length >= context) {
    throw TooLongError(cat("the prompt has ", length, " tokens but the model's context holds ", context,
                           "; shorten it, or use fewer or smaller pictures (--max-tiles)"));
  }
  int64_t expected = 0;
  for (const PromptImage& image : prompt->images) expected += model.picture_tokens(image.grid);
  const int64_t slots = std::ranges::count(prompt->input_ids, renderer.image_token_id());
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
  for (const auto& [id, bias] : params.logit_bias) {
    if (id < tokenizer.size()) continue;
    throw InputError(cat("sampling: logit_bias names the id ", id, " but the ids are 0 to ", tokenizer.size() - 1));
  }
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

}  // namespace

std::vector<int64_t> Job::text(const LiveSample& sample) const {
  std::vector<int64_t> ids = request.prompt->input_ids;
  const std::vector<int64_t>& answer = sample.sequence.completion().ids;
  ids.insert(ids.end(), answer.begin(), answer.end());
  return ids;
}

int64_t Job::id(std::optional<int64_t> sample, int64_t index) const {
  if (index < prompt_tokens()) return request.prompt->input_ids[static_cast<size_t>(index)];
  const LiveSample& one = live.at(*sample);
  const std::vector<int64_t>& answer = one.sequence.completion().ids;
  const auto behind = static_cast<size_t>(index - prompt_tokens());
  return behind < answer.size() ? answer[behind] : one.draft.at(behind - answer.size());
}

int64_t Job::position(int64_t stream, int64_t index) const {
  if (index >= prompt_tokens()) return index - prompt_tokens() + positions.next;
  const int64_t row = has_streams() ? stream * prompt_tokens() : 0;
  return positions.values.const_data_ptr<int64_t>()[row + index];
}

std::pair<int64_t, int64_t> Job::slots_between(int64_t begin, int64_t end) const {
  return {std::ranges::lower_bound(slots, begin) - slots.begin(), std::ranges::lower_bound(slots, end) - slots.begin()};
}

std::vector<int64_t> Job::pictures_in(int64_t first_slot, int64_t end_slot) const {
  std::vector<int64_t> names;
  for (size_t i = 0; i < pictures.size(); ++i) {
    if (picture_begins[i] < end_slot && picture_begins[i + 1] > first_slot) names.push_back(pictures[i]);
  }
  return names;
}

AnswerProgress Job::progress(int64_t tokens_read) const {
  const int64_t slots_read = slots_between(0, tokens_read).second;
  const auto begun = std::ranges::count_if(std::span(picture_begins).first(pictures.size()),
                                           [&](int64_t first_slot) { return first_slot < slots_read; });
  return {.pictures = static_cast<int64_t>(pictures.size()),
          .pictures_done = begun,  // a picture is encoded whole with its first slot
          .prompt_tokens = prompt_tokens(),
          .prompt_tokens_done = tokens_read};
}

std::vector<at::Tensor> Job::picture_rows(const PictureRows& rows, int64_t first_slot, int64_t end_slot) const {
  std::vector<at::Tensor> parts;
  for (size_t i = 0; i < pictures.size(); ++i) {
    const int64_t begin = std::max(picture_begins[i], first_slot), end = std::min(picture_begins[i + 1], end_slot);
    if (begin < end) parts.push_back(rows.rows(pictures[i]).narrow(0, begin - picture_begins[i], end - begin));
  }
  return parts;
}

SamplingParams check_request(const GenerateRequest& request, const R1vModel& model, const Renderer& renderer) {
  check_prompt(request.prompt, model, renderer);
  expect_pictures_fit(*request.prompt, model);
  return fitted(request.sampling, *request.prompt, model, renderer.tokenizer());
}

Job make_job(const GenerateRequest& request, const R1vModel& model, const Renderer& renderer, PictureRows& rows) {
  Job job{.request = request, .params = check_request(request, model, renderer)};
  const Prompt& prompt = *request.prompt;
  job.positions = model.positions(prompt.input_ids, grids_of(prompt.images));
  job.positions.values = job.positions.values.to(at::kCPU, at::kLong).contiguous();
  job.unfinished = job.params.n;
  // What a sample that never starts is left with.
  job.result.completions.resize(static_cast<size_t>(job.params.n), {.finish = FinishReason::cancelled});
  job.result.usage.prompt_tokens = static_cast<int64_t>(prompt.input_ids.size());
  for (const PromptImage& image : prompt.images) job.result.usage.image_tokens += image.tokens;
  job.pictures = rows.enlist(prompt, request.cache_salt);
  job.picture_begins.push_back(0);
  for (const int64_t name : job.pictures) job.picture_begins.push_back(job.picture_begins.back() + rows.tokens(name));
  for (size_t i = 0; i < prompt.input_ids.size() && !job.pictures.empty(); ++i) {
    if (prompt.input_ids[i] == renderer.image_token_id()) job.slots.push_back(static_cast<int64_t>(i));
  }
  return job;
}

std::vector<TokenKey> prompt_keys(const Job& job, const PictureRows& rows) {
  std::vector<TokenKey> keys;
  for (const int64_t id : job.request.prompt->input_ids) keys.push_back({.value = id});
  for (size_t i = 0; i < job.pictures.size(); ++i) {
    for (int64_t slot = job.picture_begins[i]; slot < job.picture_begins[i + 1]; ++slot) {
      keys[static_cast<size_t>(job.slots[static_cast<size_t>(slot)])] = {.picture = rows.hash(job.pictures[i]),
                                                                         .value = slot - job.picture_begins[i]};
    }
  }
  keys.front().salt = job.request.cache_salt;
  return keys;
}

}  // namespace r1v
