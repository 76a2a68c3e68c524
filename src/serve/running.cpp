// The thread owns a share of what it works on: whoever lets go of RunningRequests last may be that very thread.
#include "serve/running.h"

#include <chrono>
#include <list>

#include "base/clock.h"

namespace r1v {

void RunningAnswer::add(std::shared_ptr<AnswerTicket> ticket) {
  const std::lock_guard lock(mutex_);
  if (ends_thinking_) ticket->end_thinking();
  if (cut_by_ != CutBy::nobody) ticket->cancel();
  tickets_.push_back(std::move(ticket));
}

void RunningAnswer::cut(CutBy by) {
  const std::lock_guard lock(mutex_);
  if (cut_by_ != CutBy::nobody) return;
  cut_by_ = by;
  for (const auto& ticket : tickets_) ticket->cancel();
}

void RunningAnswer::end_thinking() {
  const std::lock_guard lock(mutex_);
  ends_thinking_ = true;
  for (const auto& ticket : tickets_) ticket->end_thinking();
}

void RunningAnswer::release() {
  std::vector<std::shared_ptr<AnswerTicket>> tickets;
  const std::lock_guard lock(mutex_);
  tickets.swap(tickets_);
}

CutBy RunningAnswer::cut_by() const {
  const std::lock_guard lock(mutex_);
  return cut_by_;
}

struct RunningRequests::Shared {
  struct Entry {
    std::string key_name, id;
    std::weak_ptr<RunningAnswer> answer;
    double deadline_s;
  };

  void run();
  void cut_overdue();

  mutable std::mutex mutex;
  std::condition_variable woken;
  std::list<Entry> entries;
  std::deque<std::function<void()>> work;
  bool is_ending = false;
};

void RunningRequests::Shared::cut_overdue() {
  std::vector<std::shared_ptr<RunningAnswer>> overdue;
  {
    const std::lock_guard lock(mutex);
    const double now = monotonic_s();
    for (Entry& entry : entries) {
      if (entry.deadline_s > now) continue;
      entry.deadline_s = std::numeric_limits<double>::infinity();  // once
      if (auto answer = entry.answer.lock()) overdue.push_back(std::move(answer));
    }
  }
  for (const auto& answer : overdue) answer->cut(CutBy::time);
}

void RunningRequests::Shared::run() {
  for (;;) {
    std::function<void()> next;
    {
      std::unique_lock lock(mutex);
      const auto has_work = [this] { return is_ending || !work.empty(); };
      // Deadlines are minutes away: a look at them a few times a second is exact enough.
      if (entries.empty()) {
        woken.wait(lock, [&] { return has_work() || !entries.empty(); });
      } else {
        woken.wait_for(lock, std::chrono::milliseconds(200), has_work);
      }
      if (is_ending) return;
      if (!work.empty()) {
        next = std::move(work.front());
        work.pop_front();
      }
    }
    if (next) next();
    cut_overdue();
  }
}

RunningRequests::RunningRequests() : shared_(std::make_shared<Shared>()) {
  thread_ = std::thread([shared = shared_] { shared->run(); });
}

RunningRequests::~RunningRequests() {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->is_ending = true;
  }
  shared_->woken.notify_all();
  if (thread_.get_id() == std::this_thread::get_id()) {
    thread_.detach();
  } else {
    thread_.join();
  }
}

std::shared_ptr<void> RunningRequests::add(const std::string& key_name, const std::string& id,
                                           std::shared_ptr<RunningAnswer> answer, double seconds) {
  const std::lock_guard lock(shared_->mutex);
  const auto place = shared_->entries.insert(shared_->entries.end(), {key_name, id, answer, monotonic_s() + seconds});
  shared_->woken.notify_all();
  return {nullptr, [shared = shared_, place](void*) {
            const std::lock_guard inner(shared->mutex);
            shared->entries.erase(place);
          }};
}

std::vector<std::shared_ptr<RunningAnswer>> RunningRequests::find(const std::string& key_name,
                                                                  const std::string& id) const {
  std::vector<std::shared_ptr<RunningAnswer>> found;
  const std::lock_guard lock(shared_->mutex);
  for (const Shared::Entry& entry : shared_->entries) {
    if (entry.key_name != key_name || entry.id != id) continue;
    if (auto answer = entry.answer.lock()) found.push_back(std::move(answer));
  }
  return found;
}

void RunningRequests::post(std::function<void()> work) {
  const std::lock_guard lock(shared_->mutex);
  shared_->work.push_back(std::move(work));
  shared_->woken.notify_all();
}

}  // namespace r1v
