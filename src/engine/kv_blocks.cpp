// Free blocks on a stack, idle ones in order of time, everything else counted.
#include "engine/kv_blocks.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace r1v {

KvBlocks::KvBlocks(int64_t blocks, int64_t block_tokens, int64_t max_idle)
    : block_tokens_(block_tokens), max_idle_(max_idle), blocks_(static_cast<size_t>(blocks)) {
  R1V_CHECK(blocks >= 1 && blocks <= INT32_MAX && block_tokens >= 1, blocks, " blocks of ", block_tokens);
  for (int64_t block = blocks; block-- > 0;) free_.push_back(static_cast<int32_t>(block));  // low numbers go first
}

void KvBlocks::use(int32_t block) {
  Block& used = at(block);
  if (used.uses++ == 0 && used.is_kept) idle_.erase(used.idle_since);
}

void KvBlocks::unuse(int32_t block) {
  Block& used = at(block);
  R1V_CHECK(used.uses > 0, "block ", block, " is not in use");
  if (--used.uses > 0) return;
  if (used.is_kept) {
    used.idle_since = clock_++;
    idle_.emplace(used.idle_since, block);
  } else {
    free_.push_back(block);
  }
}

int32_t KvBlocks::take() {
  int32_t block = 0;
  const bool is_cache_full = !idle_.empty() && num_idle() >= max_idle_;
  if (!free_.empty() && !is_cache_full) {
    block = free_.back();
    free_.pop_back();
  } else {
    block = idle_.begin()->second;
    idle_.erase(idle_.begin());
    at(block).is_kept = false;
    forgotten_.push_back(block);
  }
  at(block).uses = 1;
  return block;
}

void KvBlocks::begin(int64_t sequence, std::span<const int32_t> full_blocks) {
  R1V_CHECK(!contains(sequence), "sequence ", sequence, " is there already");
  for (const int32_t block : full_blocks) use(block);
  const int64_t stored = static_cast<int64_t>(full_blocks.size()) * block_tokens_;
  sequences_[sequence] = {.table = {full_blocks.begin(), full_blocks.end()}, .stored = stored, .reserved = stored};
}

bool KvBlocks::must_copy(const Sequence& sequence) const {
  const size_t index = static_cast<size_t>(sequence.stored / block_tokens_);
  if (sequence.reserved > sequence.stored || index >= sequence.table.size()) return false;
  const Block& block = at(sequence.table[index]);
  return block.uses > 1 || block.is_kept;
}

int64_t KvBlocks::blocks_to_reserve(int64_t sequence, int64_t count) const {
  const Sequence& held = sequences_.at(sequence);
  if (count == 0) return 0;
  const int64_t more = blocks_for(held.stored + count) - static_cast<int64_t>(held.table.size());
  return std::max<int64_t>(more, 0) + (must_copy(held) ? 1 : 0);
}

std::optional<std::vector<BlockCopy>> KvBlocks::reserve(int64_t sequence, int64_t count) {
  if (blocks_to_reserve(sequence, count) > num_available()) return std::nullopt;
  std::vector<BlockCopy> copies;
  if (count == 0) return copies;
  Sequence& held = sequences_.at(sequence);
  if (must_copy(held)) {
    int32_t& shared = held.table[static_cast<size_t>(held.stored / block_tokens_)];
    const int32_t own = take();
    copies.push_back({.from = shared, .to = own});
    unuse(shared);
    shared = own;
  }
  const size_t needed = static_cast<size_t>(blocks_for(held.stored + count));
  while (held.table.size() < needed) held.table.push_back(take());
  held.reserved = std::max(held.reserved, held.stored + count);
  return copies;
}

void KvBlocks::store(int64_t sequence, int64_t count) {
  Sequence& held = sequences_.at(sequence);
  held.stored += count;
  R1V_CHECK(held.stored <= held.reserved, "sequence ", sequence, " stores ", held.stored, " tokens in room for ",
            held.reserved);
}

void KvBlocks::truncate(int64_t sequence, int64_t tokens) {
  Sequence& held = sequences_.at(sequence);
  R1V_CHECK(tokens >= 0 && tokens <= held.stored, "sequence ", sequence, " stores ", held.stored, ", not ", tokens);
  held.stored = held.reserved = tokens;
  const size_t needed = static_cast<size_t>(blocks_for(tokens));
  while (held.table.size() > needed) {
    unuse(held.table.back());
    held.table.pop_back();
  }
}

void KvBlocks::fork(int64_t from, int64_t to) {
  R1V_CHECK(!contains(to), "sequence ", to, " is there already");
  const Sequence& source = sequences_.at(from);
  R1V_CHECK(source.reserved == source.stored, "sequence ", from, " is about to store more");
  Sequence copy{.stored = source.stored, .reserved = source.stored};
  copy.table.assign(source.table.begin(), source.table.begin() + blocks_for(source.stored));
  for (const int32_t block : copy.table) use(block);
  sequences_.emplace(to, std::move(copy));
}

void KvBlocks::release(int64_t sequence) {
  const auto found = sequences_.find(sequence);
  R1V_CHECK(found != sequences_.end(), "sequence ", sequence, " is not there");
  const std::vector<int32_t>& table = found->second.table;
  for (auto block = table.rbegin(); block != table.rend(); ++block) unuse(*block);
  sequences_.erase(found);
}

void KvBlocks::keep(int32_t block) {
  R1V_CHECK(at(block).uses > 0 && !at(block).is_kept, "block ", block, " cannot be kept");
  at(block).is_kept = true;
}

void KvBlocks::replace(int64_t sequence, size_t index, int32_t block) {
  R1V_CHECK(at(block).is_kept, "block ", block, " is not kept");
  int32_t& own = sequences_.at(sequence).table.at(index);
  use(block);
  unuse(own);
  own = block;
}

std::vector<int32_t> KvBlocks::take_forgotten() { return std::exchange(forgotten_, {}); }

KvBlocks::Snapshot KvBlocks::snapshot() const {
  Snapshot all{.block_tokens = block_tokens_, .free = free_};
  for (const Block& block : blocks_) {
    all.uses.push_back(block.uses);
    all.is_kept.push_back(block.is_kept);
  }
  for (const auto& [since, block] : idle_) all.idle.push_back(block);
  for (const auto& [sequence, held] : sequences_) {
    all.tables.push_back({.sequence = sequence, .stored = held.stored, .blocks = held.table});
  }
  return all;
}

}  // namespace r1v
