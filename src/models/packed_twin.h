// A packed network with the numbers of one that learns: what samples while another trains.
#pragma once

#include <memory>

#include "models/r1v.h"

namespace r1v {

/// Holds the numbers of `learning` as panels, low-rank additions merged. A float32 network on the CPU then multiplies
/// with the same panels in its own forward passes (R1vModel::follow): sampler and trainer agree to the bit. In bfloat16
/// each keeps its own arithmetic.
///
/// Parameters of `learning` must keep their places (slots) while it lives. Inference only on `network()`.
class PackedTwin final {
 public:
  /// Whether this processor and the network's shapes allow it: CPU, loops, heads of whole vectors, stacked matrices of
  /// whole panels.
  static bool fits(R1vModel& learning);

  explicit PackedTwin(R1vModel& learning);
  ~PackedTwin();
  PackedTwin(const PackedTwin&) = delete;
  PackedTwin& operator=(const PackedTwin&) = delete;

  const R1vModel& network() const { return *twin_; }
  /// After the parameters that want gradients have moved. What an engine remembers of the old ones is void.
  void refresh();

 private:
  struct Source;

  R1vModel& learning_;
  std::shared_ptr<Source> source_;
  std::unique_ptr<R1vModel> twin_;
};

}  // namespace r1v
