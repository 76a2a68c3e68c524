// Finite automata over characters: what a string of the answer may say, before it is written as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "constrain/budget.h"
#include "constrain/pattern.h"

namespace r1v {

/// Deterministic; state 0 is the start, and every state can still reach an accepting one (but for the start of an
/// empty language). A value.
struct TextAutomaton {
  static constexpr int32_t kDead = -1;

  std::vector<char32_t> starts{0};  // class k is [starts[k], starts[k + 1]), the last one ends at U+10FFFF
  std::vector<int32_t> next;        // [state * num_classes() + class]
  std::vector<uint8_t> accepts;     // of a state

  size_t num_classes() const { return starts.size(); }
  size_t num_states() const { return accepts.size(); }
  int32_t step(int32_t state, size_t text_class) const {
    return next[static_cast<size_t>(state) * num_classes() + text_class];
  }
  bool is_empty() const;
  /// `text` is valid UTF-8.
  bool matches(std::string_view text) const;
  /// Whatever was written, infinitely many texts still begin with it.
  bool never_runs_out() const;
};

TextAutomaton any_text();
/// Texts in which the pattern is found somewhere, as JSON Schema has it.
TextAutomaton text_with_pattern(const Pattern& pattern, Budget& budget);
/// Exactly these.
TextAutomaton text_among(const std::vector<std::string>& texts, Budget& budget);
TextAutomaton both(const TextAutomaton& one, const TextAutomaton& other, Budget& budget);
/// What is in `one` and not in `other`.
TextAutomaton without(const TextAutomaton& one, const TextAutomaton& other, Budget& budget);
/// Those of at least so many characters.
TextAutomaton at_least(int64_t least, const TextAutomaton& text, Budget& budget);

/// Drops states from which no accepting one can be reached; renumbers the rest.
TextAutomaton trimmed(const TextAutomaton& text);

}  // namespace r1v
