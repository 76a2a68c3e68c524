// A window of positions in flight behind one mutex.
#include "data/prefetch.h"

#include <ATen/Parallel.h>
#include <omp.h>

namespace r1v {

Prefetch::Prefetch(Make make, int64_t first, int64_t threads, int64_t ahead)
    : make_(std::move(make)), ahead_(ahead), next_to_take_(first), next_to_make_(first) {
  for (int64_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

Prefetch::~Prefetch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_workers_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Prefetch::work() {
  // Tensor work of this thread stays on this thread: the model's threads are busy with the model.
  at::init_num_threads();
  omp_set_num_threads(1);
  std::unique_lock lock(mutex_);
  while (true) {
    wake_workers_.wait(lock, [this] { return stopping_ || next_to_make_ < next_to_take_ + ahead_; });
    if (stopping_) return;
    const int64_t position = next_to_make_++;
    lock.unlock();
    Result result;
    try {
      result.sample = make_(position);
    } catch (...) {
      result.error = std::current_exception();
    }
    lock.lock();
    ready_[position] = std::move(result);
    wake_taker_.notify_one();
  }
}

std::optional<Sample> Prefetch::take() {
  if (threads_.empty()) return make_(next_to_take_++);
  std::unique_lock lock(mutex_);
  wake_taker_.wait(lock, [this] { return ready_.contains(next_to_take_); });
  Result result = std::move(ready_.extract(next_to_take_++).mapped());
  lock.unlock();
  wake_workers_.notify_all();
  if (result.error) std::rethrow_exception(result.error);
  return std::move(result.sample);
}

}  // namespace r1v
