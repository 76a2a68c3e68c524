// Expressions of a rendering.
#include <algorithm>

#include "base/error.h"
#include "text/template_access.h"
#include "text/template_filters.h"
#include "text/template_functions.h"
#include "text/template_interpreter.h"
#include "text/template_methods.h"
#include "text/template_operators.h"
#include "text/template_print.h"
#include "text/template_tests.h"

namespace r1v::jinja {

// Every node counts as a step and as one level of depth; errors get the line of the innermost node.
Value Interpreter::evaluate(const Expression& node, const Scope& scope) {
  struct Level {
    explicit Level(int& counter) : depth(counter) { ++depth; }
    ~Level() { --depth; }
    int& depth;
  };
  const Level level(depth_);
  try {
    charge(1);
    if (depth_ > limits_.depth) throw RenderError("macros, blocks and expressions are nested too deeply");
    return evaluate_node(node, scope);
  } catch (const RenderError& error) {
    throw InputError(cat(where_, ": line ", node.line, ": ", error.what()));
  }
}

Value Interpreter::evaluate_node(const Expression& node, const Scope& scope) {
  switch (node.kind) {
    case ExpressionKind::none:
      return Value::none();
    case ExpressionKind::boolean:
      return Value::of(node.integer != 0);
    case ExpressionKind::integer:
      return Value::of(node.integer);
    case ExpressionKind::real:
      return Value::of(node.real);
    case ExpressionKind::string:
      return Value::of(&node.text);
    case ExpressionKind::name:
      return evaluate_name(node, scope);
    case ExpressionKind::list:
      return heap_.list(evaluate_all(node.children, scope));
    case ExpressionKind::tuple:
      return heap_.tuple(evaluate_all(node.children, scope));
    case ExpressionKind::dict:
      return evaluate_dict(node, scope);
    case ExpressionKind::slice:
      throw RenderError("a slice cannot stand in a list of indexes");
    case ExpressionKind::attribute:
      return get_attribute(evaluate(*node.children[0], scope), node.text, heap_);
    case ExpressionKind::subscript:
      return evaluate_subscript(node, scope);
    case ExpressionKind::call:
      return evaluate_call(node, scope, nullptr);
    case ExpressionKind::filter:
      return evaluate_filter(node, evaluate(*node.children[0], scope), scope);
    case ExpressionKind::test:
      return Value::of(evaluate_test(node, scope));
    case ExpressionKind::compare:
      return evaluate_compare(node, scope);
    case ExpressionKind::concat:
      return evaluate_concat(node, scope);
    default:
      return evaluate_operator(node, scope);
  }
}

// Signs, logic, arithmetic and the inline if.
Value Interpreter::evaluate_operator(const Expression& node, const Scope& scope) {
  const auto child = [&](size_t index) { return evaluate(*node.children[index], scope); };
  switch (node.kind) {
    case ExpressionKind::negative:
      return negate(child(0));
    case ExpressionKind::positive:
      return negate(negate(child(0)));
    case ExpressionKind::logical_not:
      return Value::of(!truthy(child(0)));
    case ExpressionKind::logical_and: {
      const Value left = child(0);
      return truthy(left) ? child(1) : left;
    }
    case ExpressionKind::logical_or: {
      const Value left = child(0);
      return truthy(left) ? left : child(1);
    }
    case ExpressionKind::binary: {
      const Value left = child(0);
      return binary(node.operators[0], left, child(1), heap_);
    }
    default:
      R1V_CHECK(node.kind == ExpressionKind::conditional, "unknown kind of expression");
      if (truthy(child(1))) return child(0);
      return node.children.size() > 2 ? child(2) : heap_.undefined("an inline if without else was false");
  }
}

Value Interpreter::evaluate_name(const Expression& node, const Scope& scope) const {
  if (const Value* found = scope.find(node.symbol)) return *found;
  Value value;
  value.text = &template_.undefined_messages[static_cast<size_t>(node.symbol)];
  return value;
}

std::vector<Value> Interpreter::evaluate_all(const std::vector<ExpressionPtr>& nodes, const Scope& scope) {
  std::vector<Value> values;
  values.reserve(nodes.size());
  for (const ExpressionPtr& node : nodes) values.push_back(evaluate(*node, scope));
  return values;
}

Value Interpreter::evaluate_dict(const Expression& node, const Scope& scope) {
  Dict dict;
  for (size_t i = 0; i + 1 < node.children.size(); i += 2) {
    const Value key = evaluate(*node.children[i], scope);
    dict.put(key, evaluate(*node.children[i + 1], scope));
  }
  return heap_.dict(std::move(dict.entries));
}

Value Interpreter::evaluate_compare(const Expression& node, const Scope& scope) {
  Value left = evaluate(*node.children[0], scope);
  for (size_t i = 0; i < node.operators.size(); ++i) {
    const Value right = evaluate(*node.children[i + 1], scope);
    if (left.is(Type::string) && right.is(Type::string)) charge((left.text->size() + right.text->size()) / 64);
    if (!compare_with(node.operators[i], left, right)) return Value::of(false);
    left = right;
  }
  return Value::of(true);
}

Value Interpreter::evaluate_concat(const Expression& node, const Scope& scope) {
  std::string text;
  for (const ExpressionPtr& part : node.children) text += to_text(evaluate(*part, scope));
  return heap_.string(std::move(text));
}

Value Interpreter::evaluate_subscript(const Expression& node, const Scope& scope) {
  const Value object = evaluate(*node.children[0], scope);
  const Expression& index = *node.children[1];
  if (object.is(Type::string)) charge(object.text->size() / 64);  // characters are counted from the front
  if (index.kind != ExpressionKind::slice) return get_item(object, evaluate(index, scope), heap_);
  const auto part = [&](size_t i) {
    return index.children[i] == nullptr ? Value::none() : evaluate(*index.children[i], scope);
  };
  const Value start = part(0), stop = part(1);
  return get_slice(object, start, stop, part(2), heap_);
}

Value Interpreter::evaluate_filter(const Expression& node, const Value& input, const Scope& scope) {
  if (node.filter == nullptr) throw RenderError(cat("there is no filter \"", printable(node.text), "\""));
  const CallValues arguments = evaluate_arguments(node.arguments, scope);
  if (input.is(Type::string)) charge(input.text->size() / 64);
  return node.filter->apply(*this, input, arguments);
}

// The filters of {% filter %} and {% set %} blocks: a chain whose innermost input is the block's text.
Value Interpreter::filter_text(const Expression& chain, const Value& input, const Scope& scope) {
  const Expression* inner = chain.children[0].get();
  return evaluate_filter(chain, inner == nullptr ? input : filter_text(*inner, input, scope), scope);
}

bool Interpreter::evaluate_test(const Expression& node, const Scope& scope) {
  if (node.test == nullptr) throw RenderError(cat("there is no test \"", printable(node.text), "\""));
  const Value value = evaluate(*node.children[0], scope);
  return node.test->apply(*this, value, evaluate_arguments(node.arguments, scope));
}

Value Interpreter::apply_filter(const std::string& name, const Value& input, const CallValues& arguments) {
  const Filter* filter = find_filter(name);
  if (filter == nullptr) throw RenderError(cat("there is no filter \"", printable(name), "\""));
  charge(1);
  return filter->apply(*this, input, arguments);
}

bool Interpreter::apply_test(const std::string& name, const Value& input, const CallValues& arguments) {
  const Test* test = find_test(name);
  if (test == nullptr) throw RenderError(cat("there is no test \"", printable(name), "\""));
  charge(1);
  return test->apply(*this, input, arguments);
}

CallValues Interpreter::evaluate_arguments(const Arguments& arguments, const Scope& scope) {
  CallValues values;
  values.positional = evaluate_all(arguments.positional, scope);
  for (const auto& [name, node] : arguments.named) values.named.emplace_back(name, evaluate(*node, scope));
  if (arguments.rest != nullptr) {
    for (const Value& value : iterate(evaluate(*arguments.rest, scope), heap_)) values.positional.push_back(value);
  }
  if (arguments.named_rest != nullptr) {
    const Value rest = evaluate(*arguments.named_rest, scope);
    if (!rest.is(Type::dict)) throw RenderError(cat("\"**\" needs a dict, found ", type_name(rest)));
    for (const auto& [key, value] : rest.dict->entries) {
      if (!key.is(Type::string)) throw RenderError("the keys behind \"**\" must be strings");
      values.named.emplace_back(*key.text, value);
    }
  }
  return values;
}

Value Interpreter::evaluate_call(const Expression& node, const Scope& scope, const Value* caller) {
  const Value callee = evaluate(*node.children[0], scope);
  CallValues arguments = evaluate_arguments(node.arguments, scope);
  if (caller != nullptr) arguments.named.emplace_back("caller", *caller);
  return call(callee, arguments);
}

Value Interpreter::call(const Value& callee, const CallValues& arguments) {
  switch (callee.type) {
    case Type::macro:
      return call_macro(*callee.macro, arguments);
    case Type::function:
      return call_function(callee.function, arguments, *this);
    case Type::method:
      return call_method(*callee.method, arguments, *this);
    default:
      refuse_undefined(callee);
      throw RenderError(cat(type_name(callee), " cannot be called"));
  }
}

}  // namespace r1v::jinja
