// Arithmetic expressions with variables: parsed from tokens, evaluated exactly where possible.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "verify/lexer.h"
#include "verify/number.h"

namespace r1v {

enum class Operation {
  number,
  symbol,
  pi,
  e,
  add,
  subtract,
  multiply,
  divide,
  negate,
  power,
  root,  // of the first, of the degree of the second
  factorial,
  percent,
  absolute,
  floor,
  ceiling,
  binomial,
  logarithm,  // of the first to the base of the second
  function,   // sin, ln, ... of the first
};

/// Nodes in an order in which every operand stands before its operation; the last one is the whole.
struct Expression {
  struct Node {
    Operation operation;
    std::string text;           // digits, or the name of a symbol or function
    std::vector<int> operands;  // indices of earlier nodes
  };
  std::vector<Node> nodes;
  std::set<std::string> symbols;
  bool has_decimal = false;  // a number with a decimal point: compared after rounding
  bool has_percent = false;
  bool has_number = false;
};

/// All tokens must be used. throws Undecidable: not an expression, or nested deeper than 100 levels.
Expression parse_expression(std::span<const Token> tokens);

struct EvaluateOptions {
  bool percent_is_hundredth = true;  // false: 25% counts as 25
};
Number evaluate(const Expression& expression, const Arithmetic& arithmetic, const std::map<std::string, Number>& values,
                EvaluateOptions options = {});

}  // namespace r1v
