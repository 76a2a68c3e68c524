// A compiled schema: positions between the bytes of a document, and what may come next at each.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "constrain/lexeme.h"

namespace r1v {

/// One automaton among all lexemes; its states are numbered [start, start + size).
struct LexemeInfo {
  int32_t start = 0;
  int32_t size = 0;
  bool is_key = false;
  bool is_free_key = false;
  int32_t settled_shift = 0;  // of a free key: from the states it has in its first token to those it has later
  bool is_counted = false;    // characters are counted while it runs
  int64_t least = 0;          // characters; more than 0 only of any_string_lexeme
  int64_t most = INT32_MAX / 2;
  int64_t most_needed = 0;  // the largest number in State::needed
};

/// Objects and arrays are containers, entered by one byte and left by another; a container knows nothing of where it
/// stands, so a document is a stack of them.
struct Network {
  struct Edge {
    enum class Kind : uint8_t {
      skip,    // nothing is written
      byte,    // this byte
      lexeme,  // the lexeme that starts in state `what`
      open,    // container `what`
      close,   // this byte, out of container `what`
      end      // of the document
    } kind = Kind::skip;
    uint8_t byte = 0;
    int32_t what = 0;
    int32_t to = 0;
  };
  struct Container {
    int32_t start = 0;
    uint8_t open = '{';
    bool is_object() const { return open == '{'; }
  };
  static constexpr int32_t kNever = INT32_MAX;

  std::vector<std::vector<Edge>> positions;
  std::vector<int32_t> heights;       // how many more levels of containers a position needs to come to its end; kNever
  std::vector<Container> containers;  // 0 is the document, which has no bytes of its own
  std::vector<ByteAutomaton::State> lexeme_states;
  std::vector<int32_t> lexeme_of_state;
  std::vector<LexemeInfo> lexemes;

  int32_t add_position(Budget& budget);
  void add_edge(int32_t from, Edge edge) { positions[static_cast<size_t>(from)].push_back(edge); }
  int32_t add_container(uint8_t open, Budget& budget);
  /// The start state.
  int32_t add_lexeme(const ByteAutomaton& automaton, LexemeInfo info = {});
  /// A key that no other key of its object may repeat: one token may not hold all of it, see Machine::settled.
  int32_t add_free_key(const ByteAutomaton& automaton);
  const LexemeInfo& lexeme_at(int32_t state) const {
    return lexemes[static_cast<size_t>(lexeme_of_state[static_cast<size_t>(state)])];
  }

  /// Finds heights up to `max_height` and drops every edge that cannot come to an end within it.
  void prune(int32_t max_height);
};

}  // namespace r1v
