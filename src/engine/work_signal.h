// Wakes a thread that waits for work. Torch-free.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace r1v {

/// Nothing is missed: who waits says up to which ring it has looked for work.
class WorkSignal {
 public:
  void ring() {
    {
      const std::lock_guard lock(mutex_);
      ++rings_;
    }
    changed_.notify_all();
  }
  uint64_t rings() const {
    const std::lock_guard lock(mutex_);
    return rings_;
  }
  /// Returns once there have been more rings than `seen`.
  void wait(uint64_t seen) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return rings_ != seen; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t rings_ = 0;
};

}  // namespace r1v
