// Regular expressions of JSON Schema (ECMA-262, with the u flag): text to a tree.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "constrain/budget.h"
#include "constrain/code_points.h"

namespace r1v {

struct PatternNode {
  enum class Kind : uint8_t { characters, sequence, choice, repeat, begin, end } kind = Kind::sequence;
  CodePoints characters;
  std::vector<int> children;  // indices into Pattern::nodes
  int64_t least = 0;          // repeat
  int64_t most = 0;           // repeat; kNoLimit
};

struct Pattern {
  static constexpr int64_t kNoLimit = -1;
  std::vector<PatternNode> nodes;
  int root = 0;
};

/// Literals, classes, groups, alternatives, quantifiers, ^ and $.
/// throws InputError with the place in the pattern: not valid, groups nested too deep, or what no automaton can do
/// (look-around, back-references, \b, \p).
Pattern parse_pattern(std::string_view pattern, Budget& budget);

}  // namespace r1v
