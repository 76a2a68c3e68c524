// The plan is known before the first pass, and with it how much memory the passes need.
#include "engine/scoring_plan.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace r1v {

std::vector<ScoringAnswer> scoring_answers(int64_t shared, std::span<const int64_t> ends,
                                           std::span<const int64_t> common, int64_t block_tokens) {
  std::vector<ScoringAnswer> answers;
  for (size_t i = 0; i < ends.size(); ++i) {
    const int64_t whole_blocks = i == 0 ? 0 : std::min(common[i], ends[i] - 1) / block_tokens;  // one row is its own
    answers.push_back({.first = std::max(shared, whole_blocks * block_tokens), .end = ends[i]});
  }
  return answers;
}

std::vector<ScoringPass> scoring_passes(int64_t shared, std::span<const ScoringAnswer> answers, int64_t pass_rows,
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
  for (size_t i = 0; i < answers.size(); ++i) add(static_cast<int64_t>(i), answers[i].first, answers[i].end);
  return passes;
}

ScoringBlocks::ScoringBlocks(int64_t shared, std::vector<ScoringAnswer> answers, const std::vector<ScoringPass>& passes,
                             int64_t block_tokens)
    : shared_(shared), block_tokens_(block_tokens), answers_(std::move(answers)), tables_(answers_.size()) {
  for (int64_t i = blocks_for(shared); i > 0; --i) beginning_.push_back(take());  // for good
  // The passes once without a network: `take` makes as many blocks as they need.
  for (const ScoringPass& pass : passes) {
    for (const ScoringSpan& span : pass) {
      if (span.answer != ScoringSpan::kBeginning && !has_begun(span.answer)) begin(span.answer);
    }
    for (const ScoringSpan& span : pass) {
      if (span.answer == ScoringSpan::kBeginning) continue;
      if (span.past + span.count == answers_[static_cast<size_t>(span.answer)].end) end(span.answer);
    }
  }
  R1V_CHECK(std::ssize(free_) + std::ssize(beginning_) == count(), "blocks are still in use");
}

bool ScoringBlocks::follows(int64_t number) const {
  return number < std::ssize(answers_) && answers_[static_cast<size_t>(number)].first > shared_;
}

int32_t ScoringBlocks::take() {
  if (free_.empty()) {
    free_.push_back(static_cast<int32_t>(users_.size()));
    users_.push_back(0);
  }
  const int32_t block = free_.back();
  free_.pop_back();
  users_[static_cast<size_t>(block)] = 1;
  return block;
}

void ScoringBlocks::begin(int64_t number) {
  const ScoringAnswer& answer = answers_[static_cast<size_t>(number)];
  const std::vector<int32_t>& from = follows(number) ? tables_[static_cast<size_t>(number - 1)] : beginning_;
  R1V_CHECK(std::ssize(from) >= answer.first / block_tokens_, "answer ", number, " goes on from blocks that are gone");
  std::vector<int32_t>& table = tables_[static_cast<size_t>(number)];
  table.assign(from.begin(), from.begin() + answer.first / block_tokens_);
  for (const int32_t block : table) ++users_[static_cast<size_t>(block)];
  while (std::ssize(table) < blocks_for(answer.end)) table.push_back(take());
  if (kept_) release(*std::exchange(kept_, std::nullopt));
}

void ScoringBlocks::end(int64_t number) {
  if (follows(number + 1) && !has_begun(number + 1)) {
    kept_ = number;
  } else {
    release(number);
  }
}

void ScoringBlocks::release(int64_t number) {
  std::vector<int32_t>& table = tables_[static_cast<size_t>(number)];
  for (const int32_t block : table) {
    if (--users_[static_cast<size_t>(block)] == 0) free_.push_back(block);
  }
  table.clear();
}

}  // namespace r1v
