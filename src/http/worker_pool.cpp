// First come, first served.
#include "http/worker_pool.h"

#include <utility>

namespace r1v {

WorkerPool::WorkerPool(int64_t num_threads, size_t max_waiting) : max_waiting_(max_waiting) {
  for (int64_t i = 0; i < num_threads; ++i) threads_.emplace_back([this] { work(); });
}

bool WorkerPool::put(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    if (is_closed_ || waiting_.size() >= max_waiting_) return false;
    waiting_.push_back(std::move(task));
  }
  wake_.notify_one();
  return true;
}

void WorkerPool::stop() {
  std::deque<std::function<void()>> dropped;  // what they hold goes after the lock
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    dropped.swap(waiting_);
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void WorkerPool::work() {
  for (;;) {
    std::function<void()> task;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return is_closed_ || !waiting_.empty(); });
      if (is_closed_) return;
      task = std::move(waiting_.front());
      waiting_.pop_front();
    }
    task();
  }
}

}  // namespace r1v
