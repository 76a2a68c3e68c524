// A hash finds candidates, comparing the keys decides.
#include "engine/prefix_cache.h"

#include <algorithm>

#include "base/error.h"
#include "base/rng.h"

namespace r1v {
namespace {

uint64_t hash_of(std::optional<int32_t> parent, std::span<const TokenKey> keys) {
  uint64_t hash = parent ? static_cast<uint64_t>(*parent) + 1 : 0;
  for (const TokenKey& key : keys) hash = mix_seed(hash ^ key.picture ^ key.salt, static_cast<uint64_t>(key.value));
  return hash;
}

}  // namespace

std::optional<int32_t> PrefixCache::find(std::optional<int32_t> parent, std::span<const TokenKey> keys) const {
  const auto [first, last] = by_hash_.equal_range(hash_of(parent, keys));
  for (auto candidate = first; candidate != last; ++candidate) {
    const Node& node = nodes_.at(candidate->second);
    if (node.parent == parent && std::ranges::equal(node.keys, keys)) return candidate->second;
  }
  return std::nullopt;
}

std::vector<int32_t> PrefixCache::longest(std::span<const TokenKey> keys, int64_t limit) const {
  std::vector<int32_t> chain;
  const auto width = static_cast<size_t>(block_tokens_);
  while (static_cast<int64_t>(chain.size()) < limit && (chain.size() + 1) * width <= keys.size()) {
    const std::optional<int32_t> parent = chain.empty() ? std::nullopt : std::optional(chain.back());
    const std::optional<int32_t> next = find(parent, keys.subspan(chain.size() * width, width));
    if (!next) break;
    chain.push_back(*next);
  }
  return chain;
}

void PrefixCache::insert(std::optional<int32_t> parent, std::span<const TokenKey> keys, int32_t block) {
  R1V_CHECK(static_cast<int64_t>(keys.size()) == block_tokens_ && !contains(block), keys.size(), " keys in block ",
            block);
  R1V_CHECK(!parent || contains(*parent), "block ", block, " follows on a forgotten one");
  const uint64_t hash = hash_of(parent, keys);
  nodes_.emplace(block, Node{.parent = parent, .hash = hash, .keys = {keys.begin(), keys.end()}});
  by_hash_.emplace(hash, block);
}

void PrefixCache::forget(int32_t block) {
  const auto node = nodes_.find(block);
  R1V_CHECK(node != nodes_.end(), "block ", block, " is not in the cache");
  const auto [first, last] = by_hash_.equal_range(node->second.hash);
  by_hash_.erase(std::find_if(first, last, [&](const auto& entry) { return entry.second == block; }));
  nodes_.erase(node);
}

}  // namespace r1v
