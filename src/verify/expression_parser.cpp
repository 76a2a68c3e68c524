// Sums, products, powers and what stands behind a value.
#include "verify/expression_parser.h"

#include "base/error.h"

namespace r1v {
namespace {

using Kind = Token::Kind;

constexpr int kMaxDepth = 100;

}  // namespace

ExpressionParser::Level::Level(int& depth) : depth_(depth) {
  if (++depth_ > kMaxDepth) throw Undecidable{"the expression is nested too deeply"};
}

Expression ExpressionParser::run() {
  if (tokens_.empty()) throw Undecidable{"the answer is empty"};
  sum();
  if (at_ < tokens_.size()) fail();
  return std::move(result_);
}

void ExpressionParser::fail() const {
  if (at_ >= tokens_.size()) throw Undecidable{"the expression ends too early"};
  throw Undecidable{cat("\"", printable(tokens_[at_].text, 20), "\" is not expected in an expression")};
}

int ExpressionParser::sum() {
  const Level level(depth_);
  int left = product();
  while (sees("+") || sees("-")) {
    const bool is_plus = take("+");
    if (!is_plus) take("-");
    left = add(is_plus ? Operation::add : Operation::subtract, {left, product()});
  }
  return left;
}

bool ExpressionParser::starts_factor() const {
  const Token* token = next();
  if (token == nullptr) return false;
  if (token->kind == Kind::number) return at_ > 0 && tokens_[at_ - 1].kind != Kind::number;
  if (token->kind == Kind::symbol) return true;
  if (token->kind == Kind::command) {
    for (const std::string_view closing : {"rfloor", "rceil", "mod", "bmod", "end"}) {
      if (token->text == closing) return false;
    }
    return true;
  }
  return token->is("(") || token->is("[") || token->is("{") || (token->is("|") && open_bars_ == 0);
}

int ExpressionParser::product() {
  int left = unary();
  while (true) {
    if (take("*")) {
      left = add(Operation::multiply, {left, unary()});
    } else if (take("/") || take(":")) {
      left = add(Operation::divide, {left, unary()});
    } else if (take_command("mod") || take_command("bmod")) {
      left = add(Operation::modulo, {left, unary()});
    } else if (starts_factor()) {
      left = add(Operation::multiply, {left, power()});
    } else {
      return left;
    }
  }
}

int ExpressionParser::unary() {
  const Level level(depth_);
  if (take("-")) return add(Operation::negate, {unary()});
  if (take("+")) return unary();
  return power();
}

int ExpressionParser::power() {
  const int base = postfix(atom());
  if (!take("^")) return base;
  return postfix(add(Operation::power, {base, exponent()}));
}

int ExpressionParser::exponent() {
  const Level level(depth_);
  if (take("-")) return add(Operation::negate, {exponent()});
  return power();
}

int ExpressionParser::postfix(int value) {
  while (true) {
    if (take("!")) {
      value = add(Operation::factorial, {value});
    } else if (take("%")) {
      result_.has_percent = true;
      value = add(Operation::percent, {value});
    } else if (take("deg")) {
      value = in_radians(value);
    } else {
      return value;
    }
  }
}

int ExpressionParser::in_radians(int degrees) {
  if (open_functions_ == 0) {
    result_.has_degree = true;
    return add(Operation::degree, {degrees});
  }
  const int half_turns = add(Operation::divide, {degrees, number("180")});
  return add(Operation::multiply, {half_turns, add(Operation::pi, {})});
}

Expression parse_expression(std::span<const Token> tokens, const std::set<std::string>& plain) {
  return ExpressionParser(tokens, plain).run();
}

}  // namespace r1v
