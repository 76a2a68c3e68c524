// All tokens as one tree of bytes, laid out for walking from front to back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "constrain/grammar.h"

namespace r1v {

/// Nodes in depth-first order: the children of a node follow it, `end` is the first node behind all of them.
class TokenTrie {
 public:
  struct Node {
    uint32_t end = 0;
    int32_t token = -1;  // -1 = no token ends here
    uint16_t depth = 0;  // bytes from the root
    uint8_t byte = 0;
  };

  /// Added tokens (control tokens among them) are left out; of tokens with the same bytes the first id is kept.
  explicit TokenTrie(const Tokenizer& tokenizer);

  /// nodes()[0] is the root.
  const std::vector<Node>& nodes() const { return nodes_; }
  /// The node that `bytes` lead to from `node`; -1 when no token goes that way.
  int64_t find(size_t node, std::string_view bytes) const;
  std::string_view bytes(int64_t id) const;
  bool has(int64_t id) const { return id >= 0 && id < num_ids() && spans_[static_cast<size_t>(id)].length > 0; }
  int64_t num_ids() const { return static_cast<int64_t>(spans_.size()); }
  size_t num_words() const { return (spans_.size() + 63) / 64; }
  int64_t longest() const { return longest_; }        // bytes of a token
  int64_t most_opens() const { return most_opens_; }  // brackets that one token may open

 private:
  struct Span {
    uint32_t begin = 0;
    uint32_t length = 0;
  };
  void build(const std::vector<int32_t>& sorted);

  std::string arena_;
  std::vector<Span> spans_;  // of an id; empty where it is not in the tree
  std::vector<Node> nodes_;
  int64_t longest_ = 0;
  int64_t most_opens_ = 0;
};

}  // namespace r1v
