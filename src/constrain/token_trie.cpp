// Sorts tokens by their bytes and turns neighbours into paths.
#include "constrain/token_trie.h"

#include <algorithm>
#include <set>

#include "base/error.h"

namespace r1v {
namespace {

// The first eight bytes as a number that sorts like them.
uint64_t head_of(std::string_view bytes) {
  uint64_t head = 0;
  for (size_t i = 0; i < 8; ++i) head = head << 8 | (i < bytes.size() ? static_cast<uint8_t>(bytes[i]) : 0);
  return head;
}

}  // namespace

TokenTrie::TokenTrie(const Tokenizer& tokenizer) {
  std::set<int64_t> left_out;
  for (const AddedToken& token : tokenizer.added_tokens()) left_out.insert(token.id);
  spans_.resize(static_cast<size_t>(tokenizer.size()));
  std::vector<std::pair<uint64_t, int32_t>> order;
  for (int64_t id = 0; id < tokenizer.size(); ++id) {
    if (tokenizer.is_special(id) || left_out.contains(id)) continue;
    const std::string_view bytes = tokenizer.token_bytes(id);
    if (bytes.empty() || bytes.size() > UINT16_MAX) continue;
    spans_[static_cast<size_t>(id)] = {static_cast<uint32_t>(arena_.size()), static_cast<uint32_t>(bytes.size())};
    arena_ += bytes;
    order.emplace_back(head_of(bytes), static_cast<int32_t>(id));
    longest_ = std::max(longest_, static_cast<int64_t>(bytes.size()));
    const auto is_open = [](char byte) { return byte == '{' || byte == '['; };
    most_opens_ = std::max<int64_t>(most_opens_, std::count_if(bytes.begin(), bytes.end(), is_open));
  }
  std::sort(order.begin(), order.end(), [&](const auto& one, const auto& other) {
    if (one.first != other.first) return one.first < other.first;
    const std::string_view left = bytes(one.second), right = bytes(other.second);
    return left != right ? left < right : one.second < other.second;
  });
  std::vector<int32_t> sorted;
  for (const auto& [head, id] : order) sorted.push_back(id);
  build(sorted);
}

void TokenTrie::build(const std::vector<int32_t>& sorted) {
  std::vector<uint32_t> path{0};  // nodes from the root to the last one
  nodes_.reserve(sorted.size() * 2);
  nodes_.emplace_back();
  std::string_view last;
  const auto leave = [&](size_t depth) {
    for (; path.size() > depth + 1; path.pop_back()) nodes_[path.back()].end = static_cast<uint32_t>(nodes_.size());
  };
  for (const int32_t id : sorted) {
    const std::string_view token = bytes(id);
    const auto differs = std::mismatch(last.begin(), last.end(), token.begin(), token.end());
    const auto shared = static_cast<size_t>(differs.first - last.begin());
    leave(shared);
    for (size_t i = shared; i < token.size(); ++i) {
      path.push_back(static_cast<uint32_t>(nodes_.size()));
      nodes_.push_back({.depth = static_cast<uint16_t>(i + 1), .byte = static_cast<uint8_t>(token[i])});
    }
    Node& node = nodes_[path.back()];
    if (node.token < 0) node.token = id;
    last = token;
  }
  leave(0);
  nodes_[0].end = static_cast<uint32_t>(nodes_.size());
}

int64_t TokenTrie::find(size_t node, std::string_view bytes) const {
  for (const char byte : bytes) {
    size_t child = node + 1;
    while (child < nodes_[node].end && nodes_[child].byte != static_cast<uint8_t>(byte)) child = nodes_[child].end;
    if (child >= nodes_[node].end) return -1;
    node = child;
  }
  return static_cast<int64_t>(node);
}

std::string_view TokenTrie::bytes(int64_t id) const {
  const Span& span = spans_[static_cast<size_t>(id)];
  return std::string_view(arena_).substr(span.begin, span.length);
}

std::shared_ptr<const TokenTrie> make_token_trie(const Tokenizer& tokenizer) {
  return std::make_shared<const TokenTrie>(tokenizer);
}

}  // namespace r1v
