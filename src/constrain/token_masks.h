// Which tokens may come next in a state: found by walking the tree of tokens, and kept.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "constrain/machine.h"
#include "constrain/token_trie.h"

namespace r1v {

/// Not for several threads at once.
class TokenMasks {
 public:
  /// A way through the tree that closes the container in which it began: how it goes on depends on what is outside.
  struct Exit {
    int32_t node = 0;  // of the closing byte; tokens below it are still open
    int32_t closed = 0;
    int32_t room = 0;  // outside
  };
  struct Mask {
    std::vector<uint64_t> words;
    std::vector<Exit> exits;
  };
  struct Piece {
    std::vector<int32_t> tokens;
    std::vector<Exit> exits;
  };

  TokenMasks(Machine& machine, const TokenTrie& trie) : machine_(machine), trie_(trie) {}
  /// Tokens that stay inside the container, or end with the byte that closes it. Valid as long as this.
  const Mask& mask(int32_t state);
  /// Tokens below `node`, of which the bytes so far have led to `state`.
  const Piece& piece(int32_t node, int32_t state);
  size_t num_bytes() const { return num_bytes_; }

 private:
  struct Level {
    int32_t state = 0;
    int32_t outside = -1;  // index into opened_; -1 = where the walk began
  };
  template <typename Take>
  void walk(int32_t node, int32_t state, std::vector<Exit>& exits, Take take);

  Machine& machine_;
  const TokenTrie& trie_;
  std::unordered_map<int32_t, Mask> masks_;
  std::unordered_map<uint64_t, Piece> pieces_;
  std::vector<Level> levels_;  // of a depth
  std::vector<Level> opened_;  // containers that the walk has opened
  size_t num_bytes_ = 0;
};

}  // namespace r1v
