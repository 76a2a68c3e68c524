// One lock a request: pieces come from the compute thread, "drained" from the connection's, and bytes keep their order.
#include "serve/answer_relay.h"

#include <algorithm>

#include "base/clock.h"
#include "serve/best_of.h"
#include "serve/refusal.h"

namespace r1v {
namespace {

constexpr const char* kKeepAlive = ": keep-alive\n\n";

void append(const StreamPiece& piece, AnswerText& text) {
  text.thinking += piece.thinking;
  text.answer += piece.answer;
  text.reports.insert(text.reports.end(), piece.reports.begin(), piece.reports.end());
}

void add(const Usage& more, Usage& usage) {
  usage.prompt_tokens += more.prompt_tokens;
  usage.image_tokens += more.image_tokens;
  usage.cached_tokens += more.cached_tokens;
  usage.completion_tokens += more.completion_tokens;
  usage.thinking_tokens += more.thinking_tokens;
}

/// What ended by the budget or by itself is whole; everything else was cut off, unless the client itself wanted that.
AnswerEnd end_of(Completion completion, CutBy cut_by) {
  AnswerEnd end{.completion = std::move(completion)};
  const FinishReason reason = end.completion.finish;
  end.detail = finish_reason_name(reason);
  if (reason == FinishReason::cancelled && cut_by == CutBy::time) end.detail = "time";
  const bool is_whole = reason == FinishReason::stop || reason == FinishReason::budget || end.detail == "cancelled";
  end.finish_reason = is_whole ? "stop" : "length";
  return end;
}

}  // namespace

/// Hears of one of the request's questions. What goes wrong in here ends the request, not the compute thread.
class AnswerRelay::Listener final : public AnswerListener {
 public:
  Listener(std::shared_ptr<AnswerRelay> relay, size_t question) : relay_(std::move(relay)), question_(question) {}
  void on_progress(const AnswerProgress& progress) override {
    guard([&] { relay_->on_progress(question_, progress); });
  }
  void on_piece(const StreamPiece& piece) override {
    guard([&] { relay_->on_piece(question_, piece); });
  }
  void on_end(GenerateResult result) override {
    guard([&] { relay_->on_end(question_, std::move(result)); });
  }
  void on_error(const std::string& message, bool is_their_fault) override {
    guard([&] { relay_->on_error(message, is_their_fault); });
  }

 private:
  template <typename Work>
  void guard(const Work& work) {
    try {
      work();
    } catch (const std::exception& error) {
      relay_->on_error(error.what(), /*is_their_fault=*/false);
    }
  }
  const std::shared_ptr<AnswerRelay> relay_;
  const size_t question_;
};

AnswerRelay::AnswerRelay(std::shared_ptr<ServeContext> context, std::shared_ptr<HttpExchange> exchange, AnswerPlan plan,
                         std::unique_ptr<AnswerFormat> format)
    : context_(std::move(context)),
      exchange_(std::move(exchange)),
      plan_(std::move(plan)),
      format_(std::move(format)),
      choices_per_question_(static_cast<size_t>(plan_.questions.front().sampling.n)),
      start_s_(monotonic_s()),
      pending_(plan_.questions.size() * choices_per_question_),
      progress_(plan_.questions.size()),
      results_(plan_.questions.size()) {}

void AnswerRelay::start() {
  try {
    ask();
  } catch (const std::exception& error) {
    running_->cut(CutBy::gone);
    HttpError refusal = http_error_of(error);
    if (refusal.code == kTooLong) refusal.param = plan_.prompt_param;
    const std::lock_guard lock(mutex_);
    if (!is_over_) send_error(refusal);
    return;
  }
  watch_connection();
  const std::lock_guard lock(mutex_);
  is_asked_ = true;
  if (is_over_) return;
  begin();
  if (num_ended_ == results_.size()) when_all_ended();
}

void AnswerRelay::ask() {
  const HttpRequest& request = exchange_->request();
  registration_ = context_->running.add(request.key_name, request.id, running_, context_->options.limits.max_seconds);
  if (plan_.best_of.judge != nullptr) question_ = plan_.questions.front().conversation;
  for (size_t i = 0; i < plan_.questions.size(); ++i) {
    const auto ticket =
        plan_.model.generator->ask(std::move(plan_.questions[i]), std::make_shared<Listener>(shared_from_this(), i));
    starts_thinking_ = ticket->starts_thinking();
    running_->add(ticket);
  }
}

void AnswerRelay::watch_connection() {
  const std::weak_ptr<AnswerRelay> self = weak_from_this();
  exchange_->on_gone([running = running_] { running->cut(CutBy::gone); });
  if (!plan_.is_stream) return;
  exchange_->on_drained([self] {
    if (const auto relay = self.lock()) {
      const std::lock_guard lock(relay->mutex_);
      relay->flush();
    }
  });
}

void AnswerRelay::begin() {
  if (!plan_.is_stream) return;
  HttpReply head{.content_type = "text/event-stream; charset=utf-8"};
  head.headers = {{"Cache-Control", "no-cache"}, {"X-Accel-Buffering", "no"}};
  exchange_->begin(std::move(head), kKeepAlive);
  has_begun_ = true;
  std::string out;
  format_->begin(out);
  if (!out.empty()) exchange_->send(std::move(out));
  flush();
}

void AnswerRelay::on_progress(size_t question, const AnswerProgress& progress) {
  const std::lock_guard lock(mutex_);
  progress_[question] = progress;
  if (!plan_.returns_progress || !has_begun_ || is_over_) return;
  AnswerProgress sum;
  for (const AnswerProgress& each : progress_) {
    sum.pictures += each.pictures;
    sum.pictures_done += each.pictures_done;
    sum.prompt_tokens += each.prompt_tokens;
    sum.prompt_tokens_done += each.prompt_tokens_done;
  }
  // What is dropped while the client is slow is overtaken by the next report; behind the last there is none.
  const bool is_last = sum.prompt_tokens_done == sum.prompt_tokens;
  if (!is_last && exchange_->unsent_bytes() > 0) return;
  std::string out;
  format_->progress(sum, out);
  exchange_->send(std::move(out));
}

void AnswerRelay::on_piece(size_t question, const StreamPiece& piece) {
  const std::lock_guard lock(mutex_);
  if (first_token_s_ == 0.0) first_token_s_ = monotonic_s() - start_s_;
  if (!plan_.is_stream || is_over_) return;
  append(piece, pending_[question * choices_per_question_ + piece.sample]);
  if (has_begun_ && exchange_->unsent_bytes() == 0) give_out();
}

/// At once where the last text is a while ago, as behind large models; together with what follows where it comes fast.
void AnswerRelay::give_out() {
  if (is_gathering_) return;
  if (monotonic_s() - flushed_s_ >= kGatherS) return flush();
  is_gathering_ = true;
  exchange_->call_drained_soon();
}

void AnswerRelay::flush() {
  if (!has_begun_ || is_over_) return;
  is_gathering_ = false;
  std::string out;
  for (size_t choice = 0; choice < pending_.size(); ++choice) {
    // Reports of tokens without text (half a character) wait for the text.
    if (pending_[choice].is_empty()) continue;
    format_->piece(choice, pending_[choice], out);
    pending_[choice] = {};
  }
  if (out.empty()) return;
  flushed_s_ = monotonic_s();
  exchange_->send(std::move(out));
}

void AnswerRelay::on_end(size_t question, GenerateResult result) {
  const std::lock_guard lock(mutex_);
  results_[question] = std::move(result);
  ++num_ended_;
  if (is_asked_ && !is_over_ && num_ended_ == results_.size()) when_all_ended();
}

void AnswerRelay::on_error(const std::string& message, bool is_their_fault) {
  running_->cut(CutBy::gone);  // the request's other questions
  const std::lock_guard lock(mutex_);
  if (!is_over_) send_error(http_error_of(message, is_their_fault));
}

/// Cancelled by nobody here: the service ended.
bool AnswerRelay::was_shut_down() const {
  return running_->cut_by() == CutBy::nobody && std::ranges::any_of(answers_.ends, [](const AnswerEnd& end) {
           return end.completion.finish == FinishReason::cancelled;
         });
}

void AnswerRelay::take_ends() {
  for (GenerateResult& result : results_) {
    add(result.usage, answers_.usage);
    for (Completion& completion : result.completions) {
      answers_.ends.push_back(end_of(std::move(completion), running_->cut_by()));
    }
  }
}

void AnswerRelay::when_all_ended() {
  take_ends();
  flush();
  if (was_shut_down()) return send_error(shutting_down());
  if (plan_.best_of.count > 0) return later([this] { judge(); });
  // Writing thousands of reports takes its time, which is not the compute thread's.
  const bool is_long = !plan_.is_stream && !answers_.ends.front().completion.reports.empty();
  if (!is_long) return send_end();
  later([this] {
    const std::lock_guard lock(mutex_);
    send_end();
  });
}

/// On a thread where it may take its time; nothing touches the answers meanwhile. The lock is not held: connections
/// wait for nobody.
void AnswerRelay::later(std::function<void()> work) {
  context_->running.post([self = shared_from_this(), work = std::move(work)] {
    try {
      work();
    } catch (const std::exception& error) {
      const std::lock_guard lock(self->mutex_);
      if (!self->is_over_) self->send_error(http_error_of(error));
    }
  });
}

void AnswerRelay::judge() {
  if (plan_.best_of.judge == nullptr) return choose({}, {});
  if (running_->cut_by() != CutBy::nobody) return leave_unjudged();
  Judged judged = judged_answers(question_, answers_.ends, starts_thinking_);
  question_ = {};
  if (judged.conversations.empty()) return choose({}, {});
  const auto done = [self = shared_from_this(), places = judged.places](ScoreResult result) {
    self->answers_.judged_tokens = result.usage.prompt_tokens;
    self->later([self, places, scores = std::move(result.scores)] { self->choose(places, scores); });
  };
  const auto failed = [self = shared_from_this()](NoScores why, const std::string& message) {
    if (why == NoScores::failed) return self->on_error(message, /*is_their_fault=*/false);
    self->later([self, why] {
      if (why == NoScores::cancelled) return self->leave_unjudged();
      const std::lock_guard lock(self->mutex_);
      self->send_error(shutting_down());
    });
  };
  running_->add(plan_.best_of.judge->score(std::move(judged.conversations), done, failed));
}

/// Ended before the judge had read all: the first answer is given, and none has a score.
void AnswerRelay::leave_unjudged() {
  const std::lock_guard lock(mutex_);
  answers_.chosen = 0;
  send_end();
}

void AnswerRelay::choose(const std::vector<size_t>& places, const std::vector<double>& scores) {
  elect_best(plan_.best_of, places, scores, answers_);
  const std::lock_guard lock(mutex_);
  send_end();
}

void AnswerRelay::send_end() {
  context_->monitor.answered(exchange_->request().number, facts());
  if (plan_.is_stream) {
    std::string out;
    format_->end(answers_, out);
    exchange_->send(std::move(out));
    exchange_->end();
  } else {
    exchange_->reply({.body = format_->whole(answers_)});
  }
  close();
}

void AnswerRelay::send_error(const HttpError& error) {
  context_->monitor.answered(exchange_->request().number, facts());
  if (has_begun_) {
    std::string out;
    format_->error(error, out);
    exchange_->send(std::move(out));
    exchange_->end();
  } else {
    exchange_->reply(error_reply(error));
  }
  close();
}

void AnswerRelay::close() {
  is_over_ = true;
  running_->release();
  registration_.reset();
}

AnswerFacts AnswerRelay::facts() const {
  AnswerFacts facts{.model = plan_.model.name,
                    .prompt_tokens = answers_.usage.prompt_tokens,
                    .image_tokens = answers_.usage.image_tokens,
                    .cached_tokens = answers_.usage.cached_tokens,
                    .completion_tokens = answers_.usage.completion_tokens,
                    .thinking_tokens = answers_.usage.thinking_tokens,
                    .samples = static_cast<int64_t>(answers_.ends.size()),
                    .first_token_s = first_token_s_,
                    .answer_s = monotonic_s() - start_s_,
                    .prompt = plan_.prompt};
  for (const AnswerEnd& end : answers_.ends) facts.finish += (facts.finish.empty() ? "" : ",") + end.detail;
  return facts;
}

}  // namespace r1v
