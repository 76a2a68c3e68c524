// Which blocks of the key/value memory belong to whom: reference counts and one
// table of blocks a sequence. Torch-free.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace r1v {

/// What a block holds is to be copied before anything is written.
struct BlockCopy {
  int32_t from = 0;
  int32_t to = 0;
  bool operator==(const BlockCopy&) const = default;
};

/// A fixed number of blocks of `block_tokens` tokens. A block is free, used by
/// the tables of one or more sequences, or *kept* for its content though nobody
/// uses it (idle). Idle blocks are taken back when no free one is left or
/// `max_idle` of them are there, the longest idle first: so memory that was never
/// touched stays so while old contents can make room. Releasing a sequence makes its last block idle first, so
/// that a block goes before those it follows on.
class KvBlocks {
 public:
  KvBlocks(int64_t blocks, int64_t block_tokens, int64_t max_idle = INT64_MAX);

  int64_t num_blocks() const { return static_cast<int64_t>(blocks_.size()); }
  int64_t block_tokens() const { return block_tokens_; }
  /// Blocks that a sequence can still get.
  int64_t num_available() const { return static_cast<int64_t>(free_.size() + idle_.size()); }
  int64_t num_idle() const { return static_cast<int64_t>(idle_.size()); }
  int64_t blocks_for(int64_t tokens) const { return (tokens + block_tokens_ - 1) / block_tokens_; }

  /// A new sequence that starts with these blocks, all full.
  void begin(int64_t sequence, std::span<const int32_t> full_blocks = {});
  /// Blocks that reserve would take.
  int64_t blocks_to_reserve(int64_t sequence, int64_t count) const;
  /// Makes room for `count` tokens behind the stored ones; a partly filled last
  /// block that others see is copied. Asked again before anything is stored, it
  /// widens the room. Returns the copies to make first, or nothing where blocks
  /// do not suffice: then nothing has changed.
  std::optional<std::vector<BlockCopy>> reserve(int64_t sequence, int64_t count);
  /// `count` reserved tokens are stored now.
  void store(int64_t sequence, int64_t count);
  /// Only the first `tokens` stored tokens stay.
  void truncate(int64_t sequence, int64_t tokens);
  /// `to`, which is new, shares all that is stored of `from`.
  void fork(int64_t from, int64_t to);
  void release(int64_t sequence);

  bool contains(int64_t sequence) const { return sequences_.contains(sequence); }
  int64_t stored(int64_t sequence) const { return sequences_.at(sequence).stored; }
  std::span<const int32_t> table(int64_t sequence) const { return sequences_.at(sequence).table; }

  /// The block's content shall be found again: nobody writes it any more, and
  /// it stays when nobody uses it.
  void keep(int32_t block);
  /// The sequence uses `block`, kept and of equal content, in the place of its
  /// own.
  void replace(int64_t sequence, size_t index, int32_t block);
  /// Kept blocks that were taken back since the last call: their content is
  /// gone.
  std::vector<int32_t> take_forgotten();

  /// What a check wants to see.
  struct Snapshot {
    struct Table {
      int64_t sequence = 0;
      int64_t stored = 0;
      std::vector<int32_t> blocks;
    };
    int64_t block_tokens = 0;
    std::vector<int64_t> uses;  // by block
    std::vector<bool> is_kept;  // by block
    std::vector<int32_t> free;
    std::vector<int32_t> idle;  // the next to go first
    std::vector<Table> tables;
  };
  Snapshot snapshot() const;

 private:
  struct Block {
    int32_t uses = 0;
    bool is_kept = false;
    uint64_t idle_since = 0;  // key in idle_ while kept and unused
  };
  struct Sequence {
    std::vector<int32_t> table;
    int64_t stored = 0;
    int64_t reserved = 0;  // at least stored; what lies between is this sequence's alone
  };
  Block& at(int32_t block) { return blocks_[static_cast<size_t>(block)]; }
  const Block& at(int32_t block) const { return blocks_[static_cast<size_t>(block)]; }
  void use(int32_t block);
  void unuse(int32_t block);
  int32_t take();
  /// Whether the block that the next token goes into may not be written by this
  /// sequence.
  bool must_copy(const Sequence& sequence) const;

  int64_t block_tokens_;
  int64_t max_idle_;
  std::vector<Block> blocks_;
  std::vector<int32_t> free_;         // a stack
  std::map<uint64_t, int32_t> idle_;  // by the time they became idle
  uint64_t clock_ = 0;
  std::vector<int32_t> forgotten_;
  std::unordered_map<int64_t, Sequence> sequences_;
};

}  // namespace r1v
