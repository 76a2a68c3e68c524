// An answer as mathematics: a value, an equation, or a list of answers.
#pragma once

#include <string_view>
#include <vector>

#include "verify/expression.h"

namespace r1v {

struct Answer {
  enum class Form { value, equation, list };
  Form form = Form::value;
  Expression value;           // of an equation: its last side
  Expression left;            // of an equation: its first side
  std::vector<Answer> items;  // of a list
  char open = 0, close = 0;   // brackets around a list; 0 when bare, '{' for a set

  /// "x = 4", "f(x) = 4": the left side only names the value.
  bool is_assignment() const;
  /// Neither list nor equation, and without variables.
  bool is_constant() const { return form == Form::value && value.symbols.empty(); }
};

/// Reads LaTeX or plain text. throws Undecidable: words, relations other than =, unsupported commands.
Answer parse_answer(std::string_view text);

}  // namespace r1v
