// Lexemes: the parts of JSON without nesting (strings, keys, numbers, literals, white space) as automata over bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "constrain/budget.h"
#include "constrain/text_automaton.h"

namespace r1v {

/// Deterministic; state 0 is the start.
struct ByteAutomaton {
  struct Edge {
    uint8_t first = 0;
    uint8_t last = 0;  // included
    int32_t to = 0;
  };
  struct State {
    std::vector<Edge> edges;
    bool accepts = false;
    bool ends_character = false;  // of a string: here one more character is complete, or none has begun
    int32_t needed = 0;           // of a string: so many characters are needed at least until it may be closed
  };
  std::vector<State> states;

  int32_t add_state(Budget& budget, bool accepts = false);
  void add_edge(int32_t from, uint8_t first, uint8_t last, int32_t to);
  /// Fills State::needed.
  void count_needed();
};

/// The texts as JSON strings in their shortest form: escaped is only what must be.
ByteAutomaton string_lexeme(const TextAutomaton& text, Budget& budget);
/// Any JSON string with all its escapes.
ByteAutomaton any_string_lexeme(Budget& budget);
/// Exactly these byte sequences.
ByteAutomaton literal_lexeme(const std::vector<std::string>& texts, Budget& budget);
/// White space where JSON allows it: nothing, one space, or a new line and its indentation.
ByteAutomaton line_space_lexeme(Budget& budget);
ByteAutomaton one_space_lexeme(Budget& budget);

}  // namespace r1v
