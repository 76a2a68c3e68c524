// A loop over the nodes: operands come before their operations.
#include "verify/expression.h"

namespace r1v {
namespace {

// Operations on values that are there already; symbols and constants are the caller's.
Number apply(const Expression::Node& node, const std::vector<Number>& done, const Arithmetic& arithmetic) {
  const auto operand = [&](size_t i) -> const Number& { return done[static_cast<size_t>(node.operands.at(i))]; };
  switch (node.operation) {
    case Operation::add:
      return arithmetic.add(operand(0), operand(1));
    case Operation::subtract:
      return arithmetic.subtract(operand(0), operand(1));
    case Operation::multiply:
      return arithmetic.multiply(operand(0), operand(1));
    case Operation::divide:
      return arithmetic.divide(operand(0), operand(1));
    case Operation::negate:
      return arithmetic.negate(operand(0));
    case Operation::power:
      return arithmetic.power(operand(0), operand(1));
    case Operation::root:
      return arithmetic.root(operand(0), operand(1));
    case Operation::factorial:
      return arithmetic.factorial(operand(0));
    case Operation::absolute:
      return arithmetic.absolute(operand(0));
    case Operation::floor:
      return arithmetic.floor(operand(0));
    case Operation::ceiling:
      return arithmetic.ceiling(operand(0));
    case Operation::binomial:
      return arithmetic.binomial(operand(0), operand(1));
    case Operation::logarithm:
      return arithmetic.log(operand(0), operand(1));
    case Operation::function:
      return arithmetic.apply(node.text, operand(0));
    default:
      throw Undecidable{"an operation is not supported"};
  }
}

}  // namespace

Number evaluate(const Expression& expression, const Arithmetic& arithmetic, const std::map<std::string, Number>& values,
                EvaluateOptions options) {
  std::vector<Number> done;
  done.reserve(expression.nodes.size());
  for (const Expression::Node& node : expression.nodes) {
    if (node.operation == Operation::number) {
      done.push_back(Number::parse(node.text));
    } else if (node.operation == Operation::symbol) {
      done.push_back(values.at(node.text));
    } else if (node.operation == Operation::pi) {
      done.push_back(arithmetic.pi());
    } else if (node.operation == Operation::e) {
      done.push_back(arithmetic.e());
    } else if (node.operation == Operation::percent) {
      const Number& whole = done[static_cast<size_t>(node.operands.at(0))];
      done.push_back(options.percent_is_hundredth ? arithmetic.divide(whole, Number(100)) : whole);
    } else {
      done.push_back(apply(node, done, arithmetic));
    }
  }
  return done.back();
}

}  // namespace r1v
