// How answers behind one beginning are cut into passes, and which blocks of keys and values each uses. Torch-free.
#pragma once

#include <cstdint>
#include <optional>
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

/// What is read of an answer itself, counted in rows of its sequence: those before `first` are the beginning's, or the
/// answer's before it.
struct ScoringAnswer {
  int64_t first = 0, end = 0;
  bool operator==(const ScoringAnswer&) const = default;
};

/// Answers that end at `ends` and begin with `common` rows that the one before begins with, too (the first: `shared`).
/// A block has one writer: an answer goes on from the last whole block that it has in common, and reads again the few
/// rows behind it.
std::vector<ScoringAnswer> scoring_answers(int64_t shared, std::span<const int64_t> ends,
                                           std::span<const int64_t> common, int64_t block_tokens);

/// Passes of at most `pass_rows` rows: the `shared` rows of the beginning alone, then the answers in order.
/// `is_together`: several answers share a pass; else a pass is a span, cut in the same way whoever else is there.
std::vector<ScoringPass> scoring_passes(int64_t shared, std::span<const ScoringAnswer> answers, int64_t pass_rows,
                                        bool is_together);

/// Blocks for scoring_passes(): an answer uses the full blocks of its beginning, or of the answer before it, and a
/// block is used again once nobody does.
class ScoringBlocks {
 public:
  ScoringBlocks(int64_t shared, std::vector<ScoringAnswer> answers, const std::vector<ScoringPass>& passes,
                int64_t block_tokens);

  /// That are ever needed at once.
  int64_t count() const { return std::ssize(users_); }
  const std::vector<int32_t>& beginning() const { return beginning_; }
  const std::vector<int32_t>& answer(int64_t number) const { return tables_[static_cast<size_t>(number)]; }
  bool has_begun(int64_t number) const { return !answer(number).empty(); }
  /// Whether the answer goes on in the last, partly filled block of the beginning: then in a copy of it, in its own
  /// block at the same place.
  bool copies_last(int64_t number) const { return shared_ % block_tokens_ != 0 && !follows(number); }
  void begin(int64_t number);
  /// Its last row has been read.
  void end(int64_t number);

 private:
  bool follows(int64_t number) const;  // the answer before it
  int64_t blocks_for(int64_t rows) const { return (rows + block_tokens_ - 1) / block_tokens_; }
  int32_t take();
  void release(int64_t number);

  int64_t shared_, block_tokens_;
  std::vector<ScoringAnswer> answers_;
  std::vector<int32_t> beginning_;
  std::vector<std::vector<int32_t>> tables_;
  std::vector<int64_t> users_;  // of every block
  std::vector<int32_t> free_;
  std::optional<int64_t> kept_;  // an answer that has ended and that the next one goes on from
};

}  // namespace r1v
