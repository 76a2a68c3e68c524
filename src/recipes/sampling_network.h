// The network that samples while another learns: its packed twin where that can be, else the learning one itself.
#pragma once

#include <optional>

#include "kernels/paged_kv.h"
#include "models/packed_twin.h"
#include "train/logprob.h"

namespace r1v {

/// Made behind make_trainable, when the parameters have their places. In float32 on the CPU an engine over `network()`
/// and forward passes of the learning network give the same bits.
class SamplingNetwork final {
 public:
  explicit SamplingNetwork(R1vModel& learning) : learning_(learning) {
    if (PackedTwin::fits(learning)) twin_.emplace(learning);
  }

  const R1vModel& network() const { return twin_ ? twin_->network() : learning_; }
  /// For EngineOptions: what keeps every bit of keys and values.
  std::optional<KvFormat> kv_format() const { return twin_ ? std::optional(KvFormat::float32) : std::nullopt; }
  /// After every optimizer step. No Engine may live across it: what it has read before is void.
  void refresh() {
    if (twin_) twin_->refresh();
  }
  /// The head as token_logprobs wants it.
  VocabularyHead head() const { return {.weight_VD = learning_.head_weight_VD(), .packed = learning_.followed_head()}; }

 private:
  R1vModel& learning_;
  std::optional<PackedTwin> twin_;
};

}  // namespace r1v
