// While it lives, what the calling thread computes with OpenMP runs in this thread alone.
#pragma once

namespace r1v {

/// For helpers beside a thread that computes with a team: teams of their own would only take its processors.
class OneThread {
 public:
  OneThread();
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;
  ~OneThread();

 private:
  int threads_before_;
};

}  // namespace r1v
