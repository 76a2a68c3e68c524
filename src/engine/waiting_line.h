// Who waits for a model: first come, first served, and not too many of them. Torch-free.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "engine/service.h"

namespace r1v {

struct LineLimits {
  int64_t places = 1;         // of the model; who finds one does not wait
  int64_t max_waiting = 256;  // of those without a place
  int64_t max_bytes = int64_t{1} << 30;
};

/// What one of them takes.
struct LineCost {
  int64_t places = 1;  // more than there are: it begins once one is free
  int64_t load = 1;    // towards max_waiting
  int64_t bytes = 0;   // of memory while it waits
};

/// Tells how long a place takes to become free, from how fast the last ones did.
class EndRate {
 public:
  void begin(double now_s) { last_s_ = std::max(last_s_, now_s); }
  void end(double now_s);
  /// Seconds until `count` more have ended, 1 to 600.
  double wait_s(int64_t count) const;

 private:
  double last_s_ = 0.0;
  double mean_s_ = 0.0;  // between ends, the last ones weighing most
  bool is_known_ = false;
};

/// All methods from any thread. A template because questions and conversations to score wait alike and have nothing
/// else in common.
template <class Item>
class WaitingLine {
 public:
  explicit WaitingLine(const LineLimits& limits) : limits_(limits) {}

  /// throws OverloadedError when too many wait, ClosingError once closed.
  void push(Item item, const LineCost& cost) {
    const std::lock_guard lock(mutex_);
    expect_room(cost.bytes);
    line_.emplace_back(std::move(item), cost);
  }
  /// As push, for what is about to be prepared.
  void check_room() {
    const std::lock_guard lock(mutex_);
    expect_room(0);
  }

  /// The first, when there is a place for it: it is under way until it is over.
  std::optional<Item> take() {
    const std::lock_guard lock(mutex_);
    if (line_.empty() || places_taken_ >= limits_.places) return std::nullopt;
    std::pair<Item, LineCost> first = std::move(line_.front());
    line_.pop_front();
    places_taken_ += first.second.places;
    if (running_++ == 0) rate_.begin(monotonic_s());
    return std::move(first.first);
  }
  void is_over(const LineCost& cost) {
    const std::lock_guard lock(mutex_);
    places_taken_ -= cost.places;
    --running_;
    refused_ = 0;
    rate_.end(monotonic_s());
  }

  /// Those that need not wait any longer.
  std::vector<Item> take_where(const std::function<bool(const Item&)>& is_wanted) {
    const std::lock_guard lock(mutex_);
    std::vector<Item> taken;
    std::deque<std::pair<Item, LineCost>> rest;
    for (auto& waiting : line_) {
      if (is_wanted(waiting.first)) {
        taken.push_back(std::move(waiting.first));
      } else {
        rest.push_back(std::move(waiting));
      }
    }
    line_ = std::move(rest);
    return taken;
  }

  void close() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }

  struct Counts {
    int64_t running = 0, waiting = 0;
  };
  Counts counts() const {
    const std::lock_guard lock(mutex_);
    return {.running = running_, .waiting = static_cast<int64_t>(line_.size())};
  }

 private:
  /// In line for a place that nobody before them takes: those wait for no one, and the next pass begins them.
  void expect_room(int64_t bytes) {
    if (is_closed_) throw ClosingError("the server is closing and takes nothing new");
    int64_t places = places_taken_, load = 0, held = 0;
    for (const auto& [item, cost] : line_) {
      held += cost.bytes;
      if (places < limits_.places) {
        places += cost.places;
      } else {
        load += cost.load;
      }
    }
    const bool is_too_long = places >= limits_.places && load >= limits_.max_waiting;
    const bool is_too_large = held > 0 && held + bytes > limits_.max_bytes;
    if (!is_too_long && !is_too_large) return;
    // Whoever is refused is told a later time than the one before, so that they do not all come back together.
    refused_ = std::min(refused_ + 1, static_cast<int64_t>(line_.size()));
    const std::string why = is_too_long ? cat(load, " wait for this model already")
                                        : cat("the pictures of those who wait fill ", held >> 20, " MiB already");
    throw OverloadedError(cat(why, "; ask again in a while"), rate_.wait_s(refused_));
  }

  const LineLimits limits_;
  mutable std::mutex mutex_;
  std::deque<std::pair<Item, LineCost>> line_;
  int64_t places_taken_ = 0;
  int64_t running_ = 0;
  int64_t refused_ = 0;
  EndRate rate_;
  bool is_closed_ = false;
};

}  // namespace r1v
