// How answers behind one beginning are cut into passes, and which blocks of keys and values each uses. Torch-free.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace r1v {

/// Rows of one sequence in a pass: those of the shared beginning, or of the answer behind it, counted from the first.
struct ScoringSpan {
  static constexpr int64_t kBeginning = -1;
  int64_t answer = kBeginning;  // its number
  int64_t past = 0;             // rows of the sequence that were read before
  int64_t count = 0;
  bool operator==(const ScoringSpan&) const = default;
};

using ScoringPass = std::vector<ScoringSpan>;

/// Passes of at most `pass_rows` rows: the beginning's alone, then the answers in order, behind the `shared` rows that
/// count as read. `is_together`: several answers share a pass; else a pass is a span, cut in the same way whoever else
/// is there.
std::vector<ScoringPass> scoring_passes(int64_t shared, std::span<const int64_t> answer_rows, int64_t pass_rows,
                                        bool is_together);

/// Blocks for scoring_passes(): the answers share the full blocks of their beginning, and an answer's own are used
/// again once it has been read.
class ScoringBlocks {
 public:
  ScoringBlocks(int64_t shared, std::span<const int64_t> answer_rows, const std::vector<ScoringPass>& passes,
                int64_t block_tokens);

  /// That are ever needed at once.
  int64_t count() const { return count_; }
  const std::vector<int32_t>& beginning() const { return beginning_; }
  const std::vector<int32_t>& answer(int64_t number) const { return answers_[static_cast<size_t>(number)]; }
  bool has_begun(int64_t number) const { return !answer(number).empty(); }
  /// Whether the last block of the beginning is partly filled: then every answer goes on in a copy of it, in its own
  /// block at the same place.
  bool copies_last() const { return shared_ % block_tokens_ != 0; }
  void begin(int64_t number);
  void end(int64_t number);

 private:
  int64_t blocks_for(int64_t rows) const { return (rows + block_tokens_ - 1) / block_tokens_; }
  size_t full_blocks() const { return static_cast<size_t>(shared_ / block_tokens_); }  // of the beginning
  int64_t own_blocks(int64_t number) const;

  int64_t shared_, block_tokens_;
  std::vector<int64_t> answer_rows_;
  int64_t count_ = 0;
  std::vector<int32_t> beginning_;
  std::vector<std::vector<int32_t>> answers_;
  std::vector<int32_t> free_;
};

}  // namespace r1v
