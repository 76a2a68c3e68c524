// Rendering in the asking thread, passes in the computing one.
#include "engine/scorer_host.h"

#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "engine/one_thread.h"
#include "engine/too_long.h"

namespace r1v {
namespace {

std::vector<ScoredPrompt> render_all(const RewardModel& model, const std::vector<Conversation>& conversations) {
  std::vector<ScoredPrompt> prompts;
  for (size_t i = 0; i < conversations.size(); ++i) {
    try {
      prompts.push_back(render_scored(model.renderer(), conversations[i]));
      model.expect_fits(prompts.back());
    } catch (const TooLongError& error) {
      throw TooLongError(cat("conversation ", i, ": ", error.what()));
    } catch (const InputError& error) {
      throw InputError(cat("conversation ", i, ": ", error.what()));
    }
  }
  return prompts;
}

constexpr const char* kCancelled = "the scoring was cancelled";
constexpr const char* kClosing = "the server is closing";

}  // namespace

ScorerHost::ScorerHost(const RewardModel& model, int64_t pass_rows, const LineLimits& limits,
                       std::shared_ptr<WorkSignal> signal)
    : model_(model),
      pass_rows_(pass_rows),
      facts_{.architecture = model.model().config().architecture,
             .context = model.model().config().language.max_position,
             .vocabulary = model.renderer().tokenizer().size(),
             .sees = model.model().has_vision(),
             .defaults = {}},
      signal_(std::move(signal)),
      line_(limits) {}

std::shared_ptr<AnswerTicket> ScorerHost::score(std::vector<Conversation> conversations,
                                                std::function<void(ScoreResult)> done,
                                                std::function<void(NoScores why, const std::string& message)> failed) {
  if (conversations.empty()) throw InputError("there is no conversation to score");
  line_.check_room();
  auto job = std::make_unique<Job>();
  {
    const OneThread alone;
    job->prompts = render_all(model_, conversations);
  }
  job->cost = {.places = 1, .load = std::ssize(conversations)};
  TicketState::Facts facts;
  for (const ScoredPrompt& scored : job->prompts) {
    if (scored.prompt.pixels.defined()) job->cost.bytes += static_cast<int64_t>(scored.prompt.pixels.nbytes());
    facts.prompt_tokens += std::ssize(scored.prompt.input_ids);
    for (const PromptImage& image : scored.prompt.images) facts.image_tokens += image.tokens;
  }
  job->done = std::move(done);
  job->failed = std::move(failed);
  const auto ticket = std::make_shared<TicketState>(facts, signal_);
  job->ticket = ticket;
  const LineCost cost = job->cost;
  line_.push(std::move(job), cost);
  signal_->ring();
  return ticket;
}

ServiceCounts ScorerHost::counts() const {
  const auto line = line_.counts();
  const std::lock_guard lock(mutex_);
  ServiceCounts counts = counts_;
  counts.running = line.running;
  counts.waiting = line.waiting;
  return counts;
}

bool ScorerHost::is_idle() const {
  const auto line = line_.counts();  // first: who leaves it during a turn is told before the turn is over
  return line.running + line.waiting == 0 && !is_turning_;
}

bool ScorerHost::turn() {
  is_turning_ = true;
  end_cancelled();
  if (job_ == nullptr) {
    if (auto next = line_.take()) job_ = std::move(*next);
  }
  const bool is_busy = job_ != nullptr;
  if (is_busy) score_some();
  is_turning_ = false;
  return is_busy;
}

void ScorerHost::end_cancelled() {
  const auto is_cancelled = [](const std::unique_ptr<Job>& job) { return job->ticket->is_cancelled().load(); };
  for (const auto& gone : line_.take_where(is_cancelled)) tell(*gone, NoScores::cancelled, kCancelled);
  if (job_ != nullptr && is_cancelled(job_)) give_up(NoScores::cancelled, kCancelled);
}

void ScorerHost::score_some() {
  try {
    if (!job_->run) job_->run.emplace(model_, job_->prompts, pass_rows_);
    if (!job_->run->step()) finish();
  } catch (const std::exception& error) {
    const std::string message = first_line(error.what());
    log_warning(cat("scoring failed: ", message));
    give_up(NoScores::failed, message);
  }
}

void ScorerHost::finish() {
  const std::unique_ptr<Job> job = std::move(job_);
  ScoreResult result{.scores = job->run->scores()};
  result.usage.prompt_tokens = job->ticket->prompt_tokens();
  result.usage.image_tokens = job->ticket->image_tokens();
  result.usage.cached_tokens = result.usage.prompt_tokens - job->run->rows();
  line_.is_over(job->cost);
  {
    const std::lock_guard lock(mutex_);
    counts_.scored += std::ssize(result.scores);
    counts_.prompt_tokens += result.usage.prompt_tokens;
  }
  try {
    job->done(std::move(result));
  } catch (const std::exception& error) {
    log_warning(cat("who asked for scores failed: ", error.what()));
  }
}

void ScorerHost::give_up(NoScores why, const std::string& message) {
  const std::unique_ptr<Job> job = std::move(job_);
  line_.is_over(job->cost);
  tell(*job, why, message);
}

void ScorerHost::tell(const Job& job, NoScores why, const std::string& message) {
  try {
    job.failed(why, message);
  } catch (const std::exception& error) {
    log_warning(cat("who asked for scores failed: ", error.what()));
  }
}

void ScorerHost::end_all() {
  close();
  end_cancelled();
  if (job_ != nullptr) give_up(NoScores::closing, kClosing);
  const auto is_any = [](const std::unique_ptr<Job>&) { return true; };
  for (const auto& waiting : line_.take_where(is_any)) tell(*waiting, NoScores::closing, kClosing);
}

}  // namespace r1v
