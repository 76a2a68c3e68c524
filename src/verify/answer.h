// An answer as mathematics: a value, an equation, an inequality, a set, a matrix, or a list of answers.
#pragma once

#include <string_view>
#include <vector>

#include "verify/expression.h"

namespace r1v {

struct Answer {
  enum class Form {
    value,
    infinity,
    equation,
    relation,  // one inequality or a chain of them
    list,      // also tuples, intervals and sets in braces
    matrix,
    set,  // a set by name, or a union, intersection or difference
  };
  enum class Comparison { less, less_or_equal, unequal };
  struct Link {
    Expression left, right;
    Comparison comparison;
  };

  Form form = Form::value;
  Expression value;             // of an equation: its last side
  Expression left;              // of an equation: its first side
  int sign = 1;                 // of infinity
  std::vector<Link> links;      // of a relation: all hold; > is turned around
  std::vector<Answer> items;    // of a list; of a matrix, row by row; the two operands of a set
  char open = 0, close = 0;     // brackets around a list; 0 when bare, '{' for a set
  bool is_alternative = false;  // a list joined by "or"
  bool is_conjunction = false;  // a list joined by "and"
  size_t num_columns = 0;       // of a matrix
  std::string name;             // of a set: R, Z, empty, ..., or cup, cap, minus

  /// "x = 4", "f(x) = 4": the left side only names the value.
  bool is_assignment() const;
  /// Neither list nor equation, and without variables.
  bool is_constant() const { return form == Form::value && value.symbols.empty(); }
};

/// Reads LaTeX or plain text. throws Undecidable: words, integrals and limits, unsupported commands.
Answer parse_answer(std::string_view text);

}  // namespace r1v
