// Expressions of the template language, from the loosest binding to the tightest.
#include <algorithm>

#include "base/error.h"
#include "text/template_parser.h"

namespace r1v::jinja {
namespace {

constexpr int kMaxDepth = 200;

}  // namespace

ExpressionPtr Parser::make(ExpressionKind kind, int line) const {
  auto node = std::make_unique<Expression>();
  node->kind = kind;
  node->line = line;
  return node;
}

ExpressionPtr Parser::make(ExpressionKind kind, int line, ExpressionPtr first, ExpressionPtr second) const {
  ExpressionPtr node = make(kind, line);
  add_child(*node, std::move(first));
  if (second != nullptr) add_child(*node, std::move(second));
  return node;
}

void Parser::deepen(Expression& parent, const ExpressionPtr& child) const {
  if (child != nullptr) parent.depth = std::max(parent.depth, child->depth + 1);
  if (parent.depth > kMaxDepth) fail(cat("an expression is nested deeper than ", kMaxDepth, " levels"));
}

void Parser::add_child(Expression& parent, ExpressionPtr child) const {
  deepen(parent, child);
  parent.children.push_back(std::move(child));
}

void Parser::set_arguments(Expression& call, Arguments arguments) const {
  for (const ExpressionPtr& argument : arguments.positional) deepen(call, argument);
  for (const auto& argument : arguments.named) deepen(call, argument.second);
  deepen(call, arguments.rest);
  deepen(call, arguments.named_rest);
  call.arguments = std::move(arguments);
}

bool Parser::is_tuple_end(std::string_view end_word) const {
  return current().type == TokenType::variable_end || current().type == TokenType::block_end ||
         current().is_symbol(")") || (!end_word.empty() && current().is_name(end_word));
}

ExpressionPtr Parser::parse_tuple(bool with_condition, std::string_view end_word, bool in_parentheses) {
  const Nesting nesting(*this);
  ExpressionPtr tuple = make(ExpressionKind::tuple, current().line);
  bool is_tuple = false;
  while (true) {
    if (!tuple->children.empty()) expect_symbol(",");
    if (is_tuple_end(end_word)) break;
    add_child(*tuple, parse_expression(with_condition));
    if (!current().is_symbol(",")) break;
    is_tuple = true;
  }
  if (is_tuple) return tuple;
  if (!tuple->children.empty()) return std::move(tuple->children[0]);
  if (!in_parentheses) fail(cat("found ", describe_current(), ", expected an expression"));
  return tuple;
}

ExpressionPtr Parser::parse_expression(bool with_condition) {
  const Nesting nesting(*this);
  return with_condition ? parse_conditional() : parse_or();
}

ExpressionPtr Parser::parse_conditional() {
  const Nesting nesting(*this);
  const int line = current().line;
  const size_t unknown_before = unknown_.size();
  ExpressionPtr node = parse_or();
  while (take_name("if")) {
    unknown_.resize(unknown_before);  // in a branch they only fail when they are reached
    ExpressionPtr condition = parse_or();
    const size_t unknown_in_condition = unknown_.size();
    node = make(ExpressionKind::conditional, line, std::move(node), std::move(condition));
    if (take_name("else")) add_child(*node, parse_conditional());
    unknown_.resize(unknown_in_condition);
  }
  return node;
}

ExpressionPtr Parser::parse_or() {
  ExpressionPtr node = parse_and();
  while (current().is_name("or")) {
    const int line = take().line;
    node = make(ExpressionKind::logical_or, line, std::move(node), parse_and());
  }
  return node;
}

ExpressionPtr Parser::parse_and() {
  ExpressionPtr node = parse_not();
  while (current().is_name("and")) {
    const int line = take().line;
    node = make(ExpressionKind::logical_and, line, std::move(node), parse_not());
  }
  return node;
}

ExpressionPtr Parser::parse_not() {
  if (!current().is_name("not")) return parse_compare();
  const Nesting nesting(*this);
  const int line = take().line;
  return make(ExpressionKind::logical_not, line, parse_not());
}

bool Parser::match_comparison(Operator& found) {
  static constexpr std::pair<std::string_view, Operator> kSymbols[] = {
      {"==", Operator::equal},      {"!=", Operator::not_equal}, {"<", Operator::less},
      {"<=", Operator::less_equal}, {">", Operator::greater},    {">=", Operator::greater_equal}};
  for (const auto& [symbol, operation] : kSymbols) {
    if (take_symbol(symbol)) {
      found = operation;
      return true;
    }
  }
  found = Operator::in;
  if (take_name("in")) return true;
  if (!current().is_name("not") || !ahead().is_name("in")) return false;
  take();
  take();
  found = Operator::not_in;
  return true;
}

ExpressionPtr Parser::parse_compare() {
  const int line = current().line;
  ExpressionPtr first = parse_sum();
  Operator operation{};
  if (!match_comparison(operation)) return first;
  ExpressionPtr node = make(ExpressionKind::compare, line, std::move(first));
  do {
    node->operators.push_back(operation);
    add_child(*node, parse_sum());
  } while (match_comparison(operation));
  return node;
}

ExpressionPtr Parser::parse_sum() {
  ExpressionPtr node = parse_concat();
  while (current().is_symbol("+") || current().is_symbol("-")) {
    const Token& sign = take();
    const Operator operation = sign.text == "+" ? Operator::add : Operator::subtract;
    node = make(ExpressionKind::binary, sign.line, std::move(node), parse_concat());
    node->operators.push_back(operation);
  }
  return node;
}

ExpressionPtr Parser::parse_concat() {
  const int line = current().line;
  ExpressionPtr first = parse_product();
  if (!current().is_symbol("~")) return first;
  ExpressionPtr node = make(ExpressionKind::concat, line, std::move(first));
  while (take_symbol("~")) add_child(*node, parse_product());
  return node;
}

ExpressionPtr Parser::parse_product() {
  static constexpr std::pair<std::string_view, Operator> kSymbols[] = {
      {"*", Operator::multiply}, {"/", Operator::divide}, {"//", Operator::floor_divide}, {"%", Operator::modulo}};
  ExpressionPtr node = parse_power();
  while (true) {
    const auto matches = [&](const auto& entry) { return current().is_symbol(entry.first); };
    const auto found = std::ranges::find_if(kSymbols, matches);
    if (found == std::end(kSymbols)) return node;
    const int line = take().line;
    node = make(ExpressionKind::binary, line, std::move(node), parse_power());
    node->operators.push_back(found->second);
  }
}

ExpressionPtr Parser::parse_power() {
  ExpressionPtr node = parse_unary();
  while (current().is_symbol("**")) {
    const int line = take().line;
    node = make(ExpressionKind::binary, line, std::move(node), parse_unary());
    node->operators.push_back(Operator::power);
  }
  return node;
}

ExpressionPtr Parser::parse_unary(bool with_filter) {
  const Nesting nesting(*this);
  ExpressionPtr node;
  const int line = current().line;
  if (take_symbol("-")) {
    node = make(ExpressionKind::negative, line, parse_unary(false));
  } else if (take_symbol("+")) {
    node = make(ExpressionKind::positive, line, parse_unary(false));
  } else {
    node = parse_primary();
  }
  node = parse_postfix(std::move(node));
  return with_filter ? parse_filters_and_tests(std::move(node)) : std::move(node);
}

ExpressionPtr Parser::parse_name() {
  const Token& token = take();
  const std::string& name = token.text;
  if (name == "true" || name == "True" || name == "false" || name == "False") {
    ExpressionPtr node = make(ExpressionKind::boolean, token.line);
    node->integer = name == "true" || name == "True" ? 1 : 0;
    return node;
  }
  if (name == "none" || name == "None") return make(ExpressionKind::none, token.line);
  ExpressionPtr node = make(ExpressionKind::name, token.line);
  node->text = name;
  node->symbol = symbol_of(name);
  for (MacroDefinition* macro : macros_) {
    macro->uses_caller = macro->uses_caller || node->symbol == template_.known.caller;
    macro->uses_varargs = macro->uses_varargs || node->symbol == template_.known.varargs;
    macro->uses_kwargs = macro->uses_kwargs || node->symbol == template_.known.kwargs;
  }
  return node;
}

ExpressionPtr Parser::parse_primary() {
  const int line = current().line;
  switch (current().type) {
    case TokenType::name:
      return parse_name();
    case TokenType::string: {
      ExpressionPtr node = make(ExpressionKind::string, line);
      while (current().type == TokenType::string) node->text += take().text;  // 'a' 'b' is 'ab'
      return node;
    }
    case TokenType::integer: {
      ExpressionPtr node = make(ExpressionKind::integer, line);
      node->integer = take().integer;
      return node;
    }
    case TokenType::real: {
      ExpressionPtr node = make(ExpressionKind::real, line);
      node->real = take().real;
      return node;
    }
    default:
      break;
  }
  if (take_symbol("(")) {
    ExpressionPtr node = parse_tuple(true, {}, true);
    expect_symbol(")");
    return node;
  }
  if (current().is_symbol("[")) return parse_list();
  if (current().is_symbol("{")) return parse_dict();
  fail(cat("found ", describe_current(), ", expected an expression"));
}

ExpressionPtr Parser::parse_list() {
  ExpressionPtr node = make(ExpressionKind::list, take().line);
  while (!current().is_symbol("]")) {
    if (!node->children.empty()) expect_symbol(",");
    if (current().is_symbol("]")) break;
    add_child(*node, parse_expression());
  }
  expect_symbol("]");
  return node;
}

ExpressionPtr Parser::parse_dict() {
  ExpressionPtr node = make(ExpressionKind::dict, take().line);
  while (!current().is_symbol("}")) {
    if (!node->children.empty()) expect_symbol(",");
    if (current().is_symbol("}")) break;
    add_child(*node, parse_expression());
    expect_symbol(":");
    add_child(*node, parse_expression());
  }
  expect_symbol("}");
  return node;
}

}  // namespace r1v::jinja
