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
  repeating,  // "0.1(6)": digits before and inside the brackets
  symbol,
  pi,
  e,
  imaginary,  // i and I
  add,
  subtract,
  multiply,
  divide,
  modulo,
  negate,
  power,
  root,  // of the first, of the degree of the second
  factorial,
  percent,
  degree,  // of an angle outside of functions; inside they turn into radians at once
  absolute,
  floor,
  ceiling,
  binomial,
  logarithm,  // of the first to the base of the second
  function,   // sin, ln, ... of the first
  gather,     // gcd, lcm, max, min of all
  sum,        // of the body for `text` from the first to the second
  product,
};

/// Nodes in an order in which every operand stands before its operation; the last one is the whole.
struct Expression {
  struct Node {
    Operation operation;
    std::string text;              // digits, or the name of a symbol or function
    std::vector<int> operands;     // indices of earlier nodes
    std::vector<Expression> body;  // of sum and product: one
  };
  std::vector<Node> nodes;
  std::set<std::string> symbols;
  bool has_decimal = false;  // a number with a decimal point: compared after rounding
  bool has_percent = false;
  bool has_degree = false;
  bool has_pi = false;
  bool has_imaginary = false;
  bool has_number = false;
};

/// All tokens must be used. plain: names that are variables here, though they are constants elsewhere ("i", "e").
/// throws Undecidable: not an expression, or nested deeper than 100 levels.
Expression parse_expression(std::span<const Token> tokens, const std::set<std::string>& plain = {});

struct EvaluateOptions {
  bool percent_is_hundredth = true;  // false: 25% counts as 25
  bool degree_is_radian = false;     // true: 180 degrees count as pi, not as 180
};
Number evaluate(const Expression& expression, const Arithmetic& arithmetic, const std::map<std::string, Number>& values,
                EvaluateOptions options = {});

}  // namespace r1v
