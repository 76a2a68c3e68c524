// First come, first served, of each kind.
#include "http/worker_pool.h"

#include <utility>

namespace r1v {

WorkerPool::WorkerPool(int64_t num_threads, size_t max_waiting) : max_waiting_(max_waiting) {
  for (int64_t i = 0; i <= num_threads; ++i) threads_.emplace_back([this, i] { work(/*takes_heavy=*/i > 0); });
}

bool WorkerPool::put(Work kind, std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    std::deque<std::function<void()>>& waiting = kind == Work::quick ? quick_ : heavy_;
    if (is_closed_ || waiting.size() >= max_waiting_) return false;
    waiting.push_back(std::move(task));
  }
  wake_.notify_all();  // one alone might be the thread that takes no heavy work
  return true;
}

void WorkerPool::stop() {
  std::deque<std::function<void()>> dropped_quick, dropped_heavy;  // what they hold goes after the lock
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    dropped_quick.swap(quick_);
    dropped_heavy.swap(heavy_);
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void WorkerPool::work(bool takes_heavy) {
  for (;;) {
    std::function<void()> task;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return is_closed_ || !quick_.empty() || (takes_heavy && !heavy_.empty()); });
      if (is_closed_) return;
      std::deque<std::function<void()>>& waiting = quick_.empty() ? heavy_ : quick_;
      task = std::move(waiting.front());
      waiting.pop_front();
    }
    task();
  }
}

}  // namespace r1v
