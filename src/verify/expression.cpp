// A loop over the nodes: operands come before their operations.
#include "verify/expression.h"

namespace r1v {
namespace {

using Values = std::map<std::string, Number>;
using Node = Expression::Node;

constexpr int64_t kMaxTerms = 10000;

// Operations on values that are there already.
Number apply(const Node& node, std::span<const Number> operands, const Arithmetic& arithmetic) {
  const auto operand = [&](size_t i) -> const Number& { return operands[i]; };
  switch (node.operation) {
    case Operation::add:
      return arithmetic.add(operand(0), operand(1));
    case Operation::subtract:
      return arithmetic.subtract(operand(0), operand(1));
    case Operation::multiply:
      return arithmetic.multiply(operand(0), operand(1));
    case Operation::divide:
      return arithmetic.divide(operand(0), operand(1));
    case Operation::modulo:
      return arithmetic.modulo(operand(0), operand(1));
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
    case Operation::gather:
      return arithmetic.gather(node.text, operands);
    default:
      throw Undecidable{"an operation is not supported"};
  }
}

// 0.1(6) = 0.1 + 0.6 / 9: the bracket's digits over as many nines, shifted.
Number repeating(std::string_view text, const Arithmetic& arithmetic) {
  const size_t bracket = text.find('('), point = text.find('.');
  const std::string_view block = text.substr(bracket + 1);
  const auto shift = static_cast<int64_t>(bracket - point - 1), length = static_cast<int64_t>(block.size());
  const Number ten(10);
  const Number nines = arithmetic.subtract(arithmetic.power(ten, Number(length)), Number(1));
  const Number tail = arithmetic.divide(Number::parse(block), nines);
  return arithmetic.add(Number::parse(text.substr(0, bracket)),
                        arithmetic.divide(tail, arithmetic.power(ten, Number(shift))));
}

// Sum or product of the body.
Number fold(const Node& node, const Number& from, const Number& to, const Arithmetic& arithmetic, Values values,
            EvaluateOptions options) {
  const auto first = from.to_integer(), last = to.to_integer();
  if (!first || !last) throw Undecidable{"a sum whose limits are not whole numbers"};
  if (*last - *first >= kMaxTerms || *first > *last + 1) throw Undecidable{"a sum of too many terms"};
  const bool is_sum = node.operation == Operation::sum;
  Number total(is_sum ? 0 : 1);
  for (int64_t i = *first; i <= *last; ++i) {
    values.insert_or_assign(node.text, Number(i));
    const Number term = evaluate(node.body.front(), arithmetic, values, options);
    total = is_sum ? arithmetic.add(total, term) : arithmetic.multiply(total, term);
  }
  return total;
}

Number value_of(const Node& node, std::span<const Number> operands, const Arithmetic& arithmetic, const Values& values,
                EvaluateOptions options) {
  switch (node.operation) {
    case Operation::number:
      return Number::parse(node.text);
    case Operation::repeating:
      return repeating(node.text, arithmetic);
    case Operation::symbol:
      return values.at(node.text);
    case Operation::pi:
      return arithmetic.pi();
    case Operation::e:
      return arithmetic.e();
    case Operation::imaginary:
      return arithmetic.imaginary_unit();
    case Operation::percent:
      return options.percent_is_hundredth ? arithmetic.divide(operands[0], Number(100)) : operands[0];
    case Operation::degree:
      if (!options.degree_is_radian) return operands[0];
      return arithmetic.divide(arithmetic.multiply(operands[0], arithmetic.pi()), Number(180));
    case Operation::sum:
    case Operation::product:
      return fold(node, operands[0], operands[1], arithmetic, values, options);
    default:
      return apply(node, operands, arithmetic);
  }
}

}  // namespace

Number evaluate(const Expression& expression, const Arithmetic& arithmetic, const Values& values,
                EvaluateOptions options) {
  std::vector<Number> done;
  done.reserve(expression.nodes.size());
  std::vector<Number> operands;
  for (const Node& node : expression.nodes) {
    operands.clear();
    for (const int index : node.operands) operands.push_back(done[static_cast<size_t>(index)]);
    done.push_back(value_of(node, operands, arithmetic, values, options));
  }
  return done.back();
}

}  // namespace r1v
