// A parsed template: expressions and statements as plain trees.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace r1v::jinja {

struct Filter;  // template_filters.h
struct Test;    // template_tests.h
struct Expression;
struct Statement;
using ExpressionPtr = std::unique_ptr<Expression>;
using Block = std::vector<std::unique_ptr<Statement>>;

enum class ExpressionKind : uint8_t {
  none,
  boolean,  // integer 0 or 1
  integer,
  real,
  string,     // text
  name,       // symbol, text
  list,       // children
  tuple,      // children
  dict,       // children: key, value, key, value, ...
  slice,      // children: start, stop, step, each possibly null
  attribute,  // children[0].text
  subscript,  // children[0][children[1]]
  call,       // children[0](arguments)
  filter,     // children[0]|text(arguments); children[0] is null in {% filter %} and {% set %}...{% endset %}
  test,       // children[0] is text(arguments)
  negative,   // -children[0]
  positive,   // +children[0]
  logical_not,
  logical_and,
  logical_or,
  compare,     // children[0] operators[0] children[1] operators[1] ...
  concat,      // children joined by ~
  binary,      // children[0] operators[0] children[1]
  conditional  // children[0] if children[1] else children[2] (possibly null)
};

enum class Operator : uint8_t {
  add,
  subtract,
  multiply,
  divide,
  floor_divide,
  modulo,
  power,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  in,
  not_in
};

struct Arguments {
  std::vector<ExpressionPtr> positional;
  std::vector<std::pair<std::string, ExpressionPtr>> named;
  ExpressionPtr rest;        // *rest
  ExpressionPtr named_rest;  // **named_rest
};

struct Expression {
  ExpressionKind kind;
  int line = 1;
  int depth = 1;  // of the tree below, bounded so that no evaluation or destruction runs out of stack
  int symbol = -1;
  int64_t integer = 0;
  double real = 0.0;
  std::string text;
  std::vector<ExpressionPtr> children;
  std::vector<Operator> operators;
  Arguments arguments;
  const Filter* filter = nullptr;  // null: unknown, an error when it is reached
  const Test* test = nullptr;
};

/// What a `set`, a `for` or a `with` assigns to: a name, an attribute of a namespace, or a tuple of targets.
struct Target {
  int line = 1;
  int symbol = -1;
  std::string attribute;
  std::vector<Target> parts;
};

/// {% macro name(parameters) %}, and the body of a {% call %} block.
struct MacroDefinition {
  std::string name;
  std::vector<int> parameters;  // symbols
  std::vector<std::string> parameter_names;
  std::vector<ExpressionPtr> defaults;  // of the last parameters
  Block body;
  bool uses_caller = false;
  bool uses_varargs = false;
  bool uses_kwargs = false;
};

enum class StatementKind : uint8_t {
  text,          // text
  output,        // expressions
  if_chain,      // expressions[i] guards blocks[i]; one block more: else
  for_loop,      // target in expressions[0] (if expressions[1]); blocks[0], blocks[1]: else
  set,           // target = expressions[0]
  set_block,     // target = blocks[0], through the filters of expressions[0]
  macro,         // macro, bound to symbol
  call_block,    // macro is the caller; expressions[0] is the call
  filter_block,  // blocks[0] through expressions[0]
  with,          // targets[i] = expressions[i] around blocks[0]
  scope,         // blocks[0] with names of its own (generation)
  break_loop,
  continue_loop
};

struct Statement {
  StatementKind kind;
  int line = 1;
  int symbol = -1;
  std::string text;
  std::vector<ExpressionPtr> expressions;
  std::vector<Block> blocks;
  std::vector<Target> targets;
  std::unique_ptr<MacroDefinition> macro;
};

/// Names that the interpreter itself binds or looks up.
struct KnownSymbols {
  int loop = -1;
  int caller = -1;
  int varargs = -1;
  int kwargs = -1;
};

struct Template {
  Block body;
  std::vector<std::string> symbols;             // names of variables by their number
  std::vector<std::string> undefined_messages;  // what using each of them says when it is not defined
  KnownSymbols known;
};

/// Throws SyntaxError.
Template parse_template(std::string_view source);

}  // namespace r1v::jinja
