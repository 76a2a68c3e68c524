// Finds blocks of stored tokens by what they hold: the beginnings that requests
// have in common. Torch-free.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/token_key.h"

namespace r1v {

/// A full block is known by the block it follows on (none: the sequence's
/// beginning) and the keys of its tokens, compared one by one: equal blocks
/// hold what is equal back to the first token. Who keeps the blocks themselves
/// sees to it that a block is forgotten after all that follow on it.
class PrefixCache {
 public:
  explicit PrefixCache(int64_t block_tokens) : block_tokens_(block_tokens) {}

  size_t num_blocks() const { return nodes_.size(); }
  bool contains(int32_t block) const { return nodes_.contains(block); }
  /// The block it follows on. The block is in the cache.
  std::optional<int32_t> parent(int32_t block) const { return nodes_.at(block).parent; }

  /// The block that holds these block_tokens tokens behind `parent`.
  std::optional<int32_t> find(std::optional<int32_t> parent, std::span<const TokenKey> keys) const;
  /// The longest chain of blocks that holds the beginning of `keys`, at most
  /// `limit` of them.
  std::vector<int32_t> longest(std::span<const TokenKey> keys, int64_t limit) const;
  /// `block` holds these tokens from now on; nothing equal is there yet.
  void insert(std::optional<int32_t> parent, std::span<const TokenKey> keys, int32_t block);
  void forget(int32_t block);

 private:
  struct Node {
    std::optional<int32_t> parent;
    uint64_t hash = 0;
    std::vector<TokenKey> keys;
  };
  int64_t block_tokens_;
  std::unordered_map<int32_t, Node> nodes_;  // by block
  std::unordered_multimap<uint64_t, int32_t> by_hash_;
};

}  // namespace r1v
