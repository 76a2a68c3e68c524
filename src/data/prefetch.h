// Work done ahead by background threads, handed out in order.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "data/sample.h"

namespace r1v {

/// Calls `make` with first, first + 1, ... on background threads, never more than `ahead` beyond what was taken, and
/// hands the results out in that order: which thread was faster never shows. An exception of `make` comes out of take()
/// at its place in the order.
class Prefetch final {
 public:
  using Make = std::function<std::optional<Sample>(int64_t position)>;

  /// threads = 0: everything is made inside take().
  Prefetch(Make make, int64_t first, int64_t threads, int64_t ahead);
  Prefetch(const Prefetch&) = delete;
  Prefetch& operator=(const Prefetch&) = delete;
  ~Prefetch();

  std::optional<Sample> take();

 private:
  struct Result {
    std::optional<Sample> sample;
    std::exception_ptr error;
  };
  void work();

  Make make_;
  int64_t ahead_;
  std::mutex mutex_;
  std::condition_variable wake_workers_, wake_taker_;
  int64_t next_to_take_;
  int64_t next_to_make_;
  std::map<int64_t, Result> ready_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace r1v
