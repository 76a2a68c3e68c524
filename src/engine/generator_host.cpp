// Rendering in the asking thread, everything else in the computing one.
#include "engine/generator_host.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "engine/one_thread.h"
#include "engine/too_long.h"
#include "models/r1v.h"

namespace r1v {
namespace {

/// Listeners should not throw; if one does, the others go on. False when it did.
template <typename Tell>  // any call on a listener
bool tell(const Tell& call) {
  try {
    call();
    return true;
  } catch (const std::exception& error) {
    log_warning(cat("a listener to an answer failed: ", error.what()));
    return false;
  }
}

GenerateResult cancelled_result(const Prompt& prompt, int64_t samples) {
  GenerateResult result;
  result.completions.resize(static_cast<size_t>(samples), {.finish = FinishReason::cancelled});
  result.usage.prompt_tokens = static_cast<int64_t>(prompt.input_ids.size());
  for (const PromptImage& image : prompt.images) result.usage.image_tokens += image.tokens;
  return result;
}

}  // namespace

GeneratorHost::GeneratorHost(const R1vModel& model, const Renderer& renderer, const EngineOptions& options,
                             const SamplingParams& defaults, const HostLimits& limits,
                             std::shared_ptr<WorkSignal> signal)
    : renderer_(renderer),
      facts_{.architecture = model.config().architecture,
             .context = model.config().language.max_position,
             .vocabulary = renderer.tokenizer().size(),
             .sees = model.has_vision(),
             .defaults = defaults},
      engine_(model, renderer, options),
      signal_(std::move(signal)),
      line_({.places = options.max_batch, .max_waiting = limits.max_waiting, .max_bytes = limits.max_waiting_bytes}) {
  for (int64_t id = 0; id < tokenizer().size(); ++id) {
    if (!tokenizer().is_special(id))
      longest_token_bytes_ = std::max(longest_token_bytes_, tokenizer().token_bytes(id).size());
  }
  publish();
}

/// Before text is made into tokens, which takes a hundred times its size: more bytes than the longest tokens could
/// hold.
void GeneratorHost::expect_text_fits(const ModelQuestion& question) const {
  size_t bytes = question.text.size();
  for (const Message& message : question.conversation.messages) {
    for (const Part& part : message.parts) bytes += part.text.size();
  }
  const auto most = static_cast<size_t>(facts_.context) * longest_token_bytes_;
  if (bytes <= most) return;
  throw TooLongError(cat("the text has ", bytes, " bytes, but the model's context of ", facts_.context,
                         " tokens holds at most ", most, "; shorten it"));
}

Prompt GeneratorHost::prompt_of(const ModelQuestion& question) const {
  expect_text_fits(question);
  if (!question.conversation.messages.empty()) {
    return renderer_.render(question.conversation, question.thinking, question.max_tiles);
  }
  if (question.ids.empty()) {
    return {.text = question.text, .input_ids = tokenizer().encode(question.text, SpecialTokens::escape)};
  }
  for (const int64_t id : question.ids) {
    if (id >= 0 && id < tokenizer().size() && id != renderer_.image_token_id()) continue;
    throw InputError(
        cat("the prompt holds the id ", id, ", expected 0 to ", tokenizer().size() - 1, " and no picture's place"));
  }
  return {.text = tokenizer().decode(question.ids), .input_ids = question.ids};
}

std::shared_ptr<AnswerTicket> GeneratorHost::ask(ModelQuestion question, std::shared_ptr<AnswerListener> listener) {
  R1V_CHECK(listener != nullptr, "a question without a listener");
  line_.check_room();  // before a picture is cut that nobody will look at
  auto asked = std::make_unique<UnderWay>();
  {
    const OneThread alone;
    asked->prompt = prompt_of(question);
  }
  asked->sampling = std::move(question.sampling);
  asked->cache_salt = question.cache_salt;
  engine_.check({.prompt = &asked->prompt, .sampling = asked->sampling});
  int64_t image_tokens = 0;
  for (const PromptImage& image : asked->prompt.images) image_tokens += image.tokens;
  auto ticket = std::make_shared<TicketState>(TicketState::Facts{.prompt_tokens = std::ssize(asked->prompt.input_ids),
                                                                 .image_tokens = image_tokens,
                                                                 .starts_thinking = asked->prompt.starts_thinking},
                                              signal_);
  asked->ticket = ticket;
  asked->listener = std::move(listener);
  asked->cost = {.places = asked->sampling.n};
  if (asked->prompt.pixels.defined()) asked->cost.bytes = static_cast<int64_t>(asked->prompt.pixels.nbytes());
  const LineCost cost = asked->cost;
  line_.push(std::move(asked), cost);
  signal_->ring();
  return ticket;
}

RenderedPrompt GeneratorHost::render(const Conversation& conversation, bool thinking) const {
  const OneThread alone;
  Prompt prompt = renderer_.render(conversation, thinking);
  return {.text = std::move(prompt.text), .ids = std::move(prompt.input_ids)};
}

ServiceCounts GeneratorHost::counts() const {
  const auto line = line_.counts();
  const std::lock_guard lock(mutex_);
  ServiceCounts counts = published_;
  counts.running = line.running;
  counts.waiting = line.waiting;
  return counts;
}

bool GeneratorHost::is_idle() const {
  const auto line = line_.counts();  // first: who leaves it during a turn is told before the turn is over
  return line.running + line.waiting == 0 && !is_turning_;
}

void GeneratorHost::publish() {
  seen_.kv_blocks = engine_.kv_blocks();
  seen_.kv_blocks_used = engine_.kv_blocks_used();
  seen_.engine = engine_.counts();
  const std::lock_guard lock(mutex_);
  published_ = seen_;
}

bool GeneratorHost::turn() {
  is_turning_ = true;
  end_cancelled();
  begin();
  const bool is_busy = !under_way_.empty();
  if (is_busy) {
    step();
    give_out();
    publish();
  }
  is_turning_ = false;
  return is_busy;
}

void GeneratorHost::end_cancelled() {
  for (const Owned& gone : line_.take_where([](const Owned& one) { return one->ticket->is_cancelled().load(); })) {
    tell([&] { gone->listener->on_end(cancelled_result(gone->prompt, gone->sampling.n)); });
  }
}

GenerateRequest GeneratorHost::request_of(UnderWay& question) const {
  UnderWay* one = &question;
  return {.prompt = &question.prompt,
          .sampling = question.sampling,
          .on_piece = [one](const StreamPiece& piece) { return tell([&] { one->listener->on_piece(piece); }); },
          .is_cancelled = &question.ticket->is_cancelled(),
          .ends_thinking = &question.ticket->ends_thinking(),
          .on_progress = [one](const AnswerProgress& progress) { tell([&] { one->listener->on_progress(progress); }); },
          .cache_salt = question.cache_salt,
          .fails_alone = true};
}

void GeneratorHost::begin() {
  while (auto next = line_.take()) {
    Owned& question = *next;
    try {
      const size_t number = engine_.add(request_of(*question));
      under_way_.emplace(number, std::move(question));
    } catch (const std::exception& error) {
      line_.is_over(question->cost);
      const bool is_theirs = dynamic_cast<const InputError*>(&error) != nullptr;
      tell([&] { question->listener->on_error(error.what(), is_theirs); });
    }
  }
}

void GeneratorHost::step() {
  try {
    engine_.step();
  } catch (const std::exception& error) {
    const std::string message = first_line(error.what());
    log_warning(cat("a pass failed, and with it ", under_way_.size(), " questions: ", message));
    fail_all(message);
  }
}

void GeneratorHost::give_out() {
  while (auto done = engine_.take_finished()) {
    const auto found = under_way_.find(done->first);
    const Owned question = std::move(found->second);
    under_way_.erase(found);
    line_.is_over(question->cost);
    GenerateResult& result = done->second;
    seen_.prompt_tokens += result.usage.prompt_tokens;
    seen_.completion_tokens += result.usage.completion_tokens;
    publish();  // before they hear of it
    tell([&] {
      if (result.failure.empty()) {
        question->listener->on_end(std::move(result));
      } else {
        question->listener->on_error(result.failure, false);
      }
    });
  }
}

void GeneratorHost::fail_all(const std::string& message) {
  for (const auto& [number, question] : std::exchange(under_way_, {})) {
    line_.is_over(question->cost);
    tell([&] { question->listener->on_error(message, false); });
  }
}

void GeneratorHost::end_all() {
  close();
  for (const auto& [number, question] : under_way_) question->ticket->cancel();
  if (!under_way_.empty()) step();
  give_out();
  for (const Owned& waiting : line_.take_where([](const Owned&) { return true; })) {
    tell([&] { waiting->listener->on_end(cancelled_result(waiting->prompt, waiting->sampling.n)); });
  }
  publish();
}

}  // namespace r1v
