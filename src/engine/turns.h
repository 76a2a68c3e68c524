// Whose turn it is on the compute thread: models that have work get the same time, whatever a pass of theirs takes.
// Torch-free.
#pragma once

#include <algorithm>
#include <functional>
#include <limits>
#include <vector>

#include "base/clock.h"
#include "engine/model_host.h"

namespace r1v {

/// One thread's.
class Turns {
 public:
  explicit Turns(std::function<double()> clock = monotonic_s) : clock_(std::move(clock)) {}

  /// A turn for every host, except for those that have had more time than another one with work. Whether any had work.
  /// `hosts` only ever grows.
  bool round(const std::vector<ModelHost*>& hosts) {
    seats_.resize(hosts.size());
    double least_s = std::numeric_limits<double>::infinity();
    for (const Seat& seat : seats_) {
      if (seat.is_busy) least_s = std::min(least_s, seat.used_s);
    }
    bool is_any_busy = false;
    for (size_t i = 0; i < hosts.size(); ++i) {
      Seat& seat = seats_[i];
      if (!seat.is_busy || seat.used_s <= least_s) take(*hosts[i], seat, least_s);
      is_any_busy = is_any_busy || seat.is_busy;
    }
    return is_any_busy;
  }

 private:
  struct Seat {
    double used_s = 0.0;
    bool is_busy = false;
  };

  void take(ModelHost& host, Seat& seat, double least_s) {
    const bool was_busy = seat.is_busy;
    const double start_s = clock_();
    seat.is_busy = host.turn();
    if (!seat.is_busy) return;
    // Who comes back from having nothing to do has saved nothing up, and owes nothing.
    if (!was_busy && least_s < std::numeric_limits<double>::infinity()) seat.used_s = least_s;
    seat.used_s += clock_() - start_s;
  }

  const std::function<double()> clock_;
  std::vector<Seat> seats_;
};

}  // namespace r1v
