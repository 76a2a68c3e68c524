// A few threads and two bounded queues: what they do now, and what may wait.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace r1v {

/// Quick work never waits behind heavy: it is taken first, and one thread takes nothing else.
enum class Work { quick, heavy };

class WorkerPool {
 public:
  /// num_threads  that run any work; one more runs quick work alone. max_waiting  tasks of each kind.
  WorkerPool(int64_t num_threads, size_t max_waiting);
  ~WorkerPool() { stop(); }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Tasks throw nothing. false: the queue is full or closed, the task was not taken.
  bool put(Work kind, std::function<void()> task);
  /// Waits for the tasks that run; those that wait are dropped.
  void stop();

 private:
  void work(bool takes_heavy);

  const size_t max_waiting_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> quick_, heavy_;
  bool is_closed_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace r1v
