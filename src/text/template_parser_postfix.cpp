// What follows a value in an expression: attributes, indexes, calls, filters and tests.
#include <utility>

#include "base/error.h"
#include "text/template_filters.h"
#include "text/template_parser.h"
#include "text/template_tests.h"

namespace r1v::jinja {

ExpressionPtr Parser::parse_postfix(ExpressionPtr node) {
  while (true) {
    if (current().is_symbol(".") || current().is_symbol("[")) {
      node = parse_subscript(std::move(node));
    } else if (current().is_symbol("(")) {
      node = parse_call(std::move(node));
    } else {
      return node;
    }
  }
}

ExpressionPtr Parser::parse_filters_and_tests(ExpressionPtr node) {
  while (true) {
    if (current().is_symbol("|")) {
      node = parse_filters(std::move(node), false);
    } else if (current().is_name("is")) {
      node = parse_test(std::move(node));
    } else if (current().is_symbol("(")) {
      node = parse_call(std::move(node));
    } else {
      return node;
    }
  }
}

ExpressionPtr Parser::parse_subscript(ExpressionPtr node) {
  const Token& token = take();
  if (token.text == ".") {
    if (current().type == TokenType::name) {
      ExpressionPtr attribute = make(ExpressionKind::attribute, token.line, std::move(node));
      attribute->text = take().text;
      return attribute;
    }
    const Token& number = expect(TokenType::integer, "a name or a number");
    ExpressionPtr index = make(ExpressionKind::integer, number.line);
    index->integer = number.integer;
    return make(ExpressionKind::subscript, token.line, std::move(node), std::move(index));
  }
  ExpressionPtr items = make(ExpressionKind::tuple, token.line);
  while (!current().is_symbol("]")) {
    if (!items->children.empty()) expect_symbol(",");
    add_child(*items, parse_subscript_item());
  }
  expect_symbol("]");
  if (items->children.size() == 1) items = std::move(items->children[0]);
  return make(ExpressionKind::subscript, token.line, std::move(node), std::move(items));
}

// An index, or a slice "start:stop:step" of which every part may be missing.
ExpressionPtr Parser::parse_subscript_item() {
  const int line = current().line;
  ExpressionPtr start;
  if (!current().is_symbol(":")) {
    start = parse_expression();
    if (!current().is_symbol(":")) return start;
  }
  expect_symbol(":");
  const auto is_part = [&] {
    return !current().is_symbol(":") && !current().is_symbol("]") && !current().is_symbol(",");
  };
  ExpressionPtr slice = make(ExpressionKind::slice, line);
  add_child(*slice, std::move(start));
  add_child(*slice, is_part() ? parse_expression() : nullptr);
  add_child(*slice, take_symbol(":") && is_part() ? parse_expression() : nullptr);
  return slice;
}

Arguments Parser::parse_arguments() {
  expect_symbol("(");
  Arguments arguments;
  bool first = true;
  const auto allow = [&](bool allowed) {
    if (!allowed) fail("the arguments of a call are in an order that is not allowed");
  };
  while (!current().is_symbol(")")) {
    if (!std::exchange(first, false)) {
      expect_symbol(",");
      if (current().is_symbol(")")) break;
    }
    if (take_symbol("*")) {
      allow(arguments.rest == nullptr && arguments.named_rest == nullptr);
      arguments.rest = parse_expression();
    } else if (take_symbol("**")) {
      allow(arguments.named_rest == nullptr);
      arguments.named_rest = parse_expression();
    } else if (current().type == TokenType::name && ahead().is_symbol("=")) {
      allow(arguments.named_rest == nullptr);
      const std::string name = take().text;
      take();
      arguments.named.emplace_back(name, parse_expression());
    } else {
      allow(arguments.rest == nullptr && arguments.named_rest == nullptr && arguments.named.empty());
      arguments.positional.push_back(parse_expression());
    }
  }
  expect_symbol(")");
  return arguments;
}

ExpressionPtr Parser::parse_call(ExpressionPtr node) {
  ExpressionPtr call = make(ExpressionKind::call, current().line, std::move(node));
  set_arguments(*call, parse_arguments());
  return call;
}

std::string Parser::parse_dotted_name() {
  std::string name = expect(TokenType::name, "a name").text;
  while (take_symbol(".")) name += "." + expect(TokenType::name, "a name").text;
  return name;
}

void Parser::note_unknown(const char* what, const Expression& node) {
  if (!is_guarded_) unknown_.push_back({node.line, cat("there is no ", what, " \"", printable(node.text), "\"")});
}

// "|name(arguments)" as often as it comes; `starts_inline`: the first one has no bar, as in {% filter name %}.
ExpressionPtr Parser::parse_filters(ExpressionPtr node, bool starts_inline) {
  while (std::exchange(starts_inline, false) || take_symbol("|")) {
    const int line = current().line;
    ExpressionPtr filter = make(ExpressionKind::filter, line, std::move(node));
    filter->text = parse_dotted_name();
    filter->filter = find_filter(filter->text);
    if (filter->filter == nullptr) note_unknown("filter", *filter);
    if (current().is_symbol("(")) set_arguments(*filter, parse_arguments());
    node = std::move(filter);
  }
  return node;
}

ExpressionPtr Parser::parse_test(ExpressionPtr node) {
  const int line = take().line;
  const bool is_negated = take_name("not");
  ExpressionPtr test = make(ExpressionKind::test, line, std::move(node));
  test->text = parse_dotted_name();
  test->test = find_test(test->text);
  if (test->test == nullptr) note_unknown("test", *test);
  const bool starts_value = current().type == TokenType::name || current().type == TokenType::string ||
                            current().type == TokenType::integer || current().type == TokenType::real ||
                            current().is_symbol("[") || current().is_symbol("{");
  const bool is_word = current().is_name("else") || current().is_name("or") || current().is_name("and");
  if (current().is_symbol("(")) {
    set_arguments(*test, parse_arguments());
  } else if (starts_value && !is_word) {
    if (current().is_name("is")) fail("tests cannot be chained with \"is\"");
    Arguments arguments;  // the one argument of "is divisibleby 3"
    arguments.positional.push_back(parse_postfix(parse_primary()));
    set_arguments(*test, std::move(arguments));
  }
  return is_negated ? make(ExpressionKind::logical_not, line, std::move(test)) : std::move(test);
}

}  // namespace r1v::jinja
