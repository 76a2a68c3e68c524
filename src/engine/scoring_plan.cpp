// The plan is known before the first pass, and with it how much memory the passes need.
#include "engine/scoring_plan.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"

namespace r1v {

std::vector<ScoringPass> scoring_passes(int64_t shared, std::span<const int64_t> answer_rows, int64_t pass_rows,
                                        bool is_together) {
  R1V_CHECK(pass_rows >= 1, pass_rows);
  std::vector<ScoringPass> passes;
  int64_t room = 0;  // in the last of them
  const auto add = [&](int64_t answer, int64_t first, int64_t end) {
    while (first < end) {
      if (room == 0) {
        passes.emplace_back();
        room = pass_rows;
      }
      const int64_t count = std::min(room, end - first);
      passes.back().push_back({.answer = answer, .past = first, .count = count});
      first += count;
      room -= count;
    }
    if (!is_together || answer == ScoringSpan::kBeginning) room = 0;
  };
  add(ScoringSpan::kBeginning, 0, shared);
  for (size_t i = 0; i < answer_rows.size(); ++i) add(static_cast<int64_t>(i), shared, shared + answer_rows[i]);
  return passes;
}

ScoringBlocks::ScoringBlocks(int64_t shared, std::span<const int64_t> answer_rows,
                             const std::vector<ScoringPass>& passes, int64_t block_tokens)
    : shared_(shared),
      block_tokens_(block_tokens),
      answer_rows_(answer_rows.begin(), answer_rows.end()),
      beginning_(static_cast<size_t>(blocks_for(shared))),
      answers_(answer_rows.size()) {
  std::iota(beginning_.begin(), beginning_.end(), 0);
  int64_t most = 0;  // of the answers of a pass: those that go on in the next one are in both
  for (const ScoringPass& pass : passes) {
    int64_t blocks = 0;
    for (const ScoringSpan& span : pass) {
      if (span.answer != ScoringSpan::kBeginning) blocks += own_blocks(span.answer);
    }
    most = std::max(most, blocks);
  }
  count_ = std::ssize(beginning_) + most;
  for (int64_t block = count_ - 1; block >= std::ssize(beginning_); --block) {
    free_.push_back(static_cast<int32_t>(block));
  }
}

int64_t ScoringBlocks::own_blocks(int64_t number) const {
  return blocks_for(shared_ + answer_rows_[static_cast<size_t>(number)]) - static_cast<int64_t>(full_blocks());
}

void ScoringBlocks::begin(int64_t number) {
  std::vector<int32_t>& table = answers_[static_cast<size_t>(number)];
  table.assign(beginning_.begin(), beginning_.begin() + static_cast<int64_t>(full_blocks()));
  for (int64_t i = own_blocks(number); i > 0; --i) {
    R1V_CHECK(!free_.empty(), "no block for answer ", number);
    table.push_back(free_.back());
    free_.pop_back();
  }
}

void ScoringBlocks::end(int64_t number) {
  std::vector<int32_t>& table = answers_[static_cast<size_t>(number)];
  free_.insert(free_.end(), table.begin() + static_cast<int64_t>(full_blocks()), table.end());
  table.clear();
}

}  // namespace r1v
