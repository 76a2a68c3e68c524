// Tells when a sequence has begun to repeat itself: the same block of tokens again and again.
#pragma once

#include <cstdint>
#include <vector>

namespace r1v {

/// A block of up to kMaxPeriod tokens that fills the end of the sequence kMinRepeats times or more, and kMinTokens or
/// more: a lone token or a short row of a table may repeat a while without being called a loop.
class LoopDetector {
 public:
  static constexpr size_t kMaxPeriod = 256;
  static constexpr size_t kMinRepeats = 8;
  static constexpr size_t kMinTokens = 128;

  /// Whether the sequence, with this id at its end, is in a loop. Constant time: one comparison a period.
  bool push(int64_t id);

 private:
  std::vector<int64_t> ids_;
  // [p - 1]: for how many tokens at the end each equals the one p before it.
  std::vector<uint32_t> matches_ = std::vector<uint32_t>(kMaxPeriod, 0);
};

}  // namespace r1v
