// Walks a parsed template and prints it, within limits.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/template_arguments.h"
#include "text/template_ast.h"
#include "text/template_value.h"

namespace r1v::jinja {

struct Limits {
  size_t steps = 10'000'000;            // nodes visited, and bytes handled in 64s
  size_t heap_bytes = size_t{1} << 29;  // of all values made
  size_t output_bytes = size_t{1} << 26;
  int depth = 800;  // nested evaluations: expressions, blocks, macros
};

/// Names of one block; lookups go on in the parent.
struct Scope {
  const Scope* parent = nullptr;
  std::vector<std::pair<int, Value>> variables;
  const Value* find(int symbol) const;
  void set(int symbol, const Value& value);
};

struct Macro {
  const MacroDefinition* definition;
  const Scope* closure;
};

struct LoopState {
  std::vector<Value> values;
  size_t index = 0;
  std::vector<Value> last_changed;
  bool has_changed = false;  // changed() was called before
};

/// One rendering of one template. Throws InputError that names the source and the line.
class Interpreter {
 public:
  Interpreter(const Template& parsed, const std::string& where, const Limits& limits);
  std::string run(const Json& variables);

  // For filters, tests and methods.
  Heap& heap() { return heap_; }
  /// Counts work against the limit of steps.
  void charge(size_t steps);
  Value apply_filter(const std::string& name, const Value& input, const CallValues& arguments);
  bool apply_test(const std::string& name, const Value& input, const CallValues& arguments);
  /// The date that strftime_now prints: the variable "now", or null.
  const Value* now() const { return now_; }

 private:
  enum class Flow { next, break_loop, continue_loop };
  struct Nesting;

  // Statements: template_interpreter.cpp.
  Flow execute(const Block& block, Scope& scope);
  Flow execute(const Statement& statement, Scope& scope);
  Flow execute_if(const Statement& statement, Scope& scope);
  Flow execute_for(const Statement& statement, Scope& scope);
  Flow execute_captured(const Statement& statement, Scope& scope);
  std::vector<Value> loop_values(const Statement& statement, Scope& scope);
  void execute_call_block(const Statement& statement, Scope& scope);
  void assign(const Target& target, const Value& value, Scope& scope);
  Scope& new_scope(const Scope& parent);
  Value new_macro(const MacroDefinition& definition, const Scope& closure);
  void print(std::string_view text);
  template <typename Action>
  std::string capture(Action action);

  // Expressions: template_evaluate.cpp.
  Value evaluate(const Expression& node, const Scope& scope);
  Value evaluate_node(const Expression& node, const Scope& scope);
  Value evaluate_operator(const Expression& node, const Scope& scope);
  Value evaluate_name(const Expression& node, const Scope& scope) const;
  Value evaluate_dict(const Expression& node, const Scope& scope);
  Value evaluate_compare(const Expression& node, const Scope& scope);
  Value evaluate_concat(const Expression& node, const Scope& scope);
  Value evaluate_subscript(const Expression& node, const Scope& scope);
  Value evaluate_filter(const Expression& node, const Value& input, const Scope& scope);
  Value filter_text(const Expression& chain, const Value& input, const Scope& scope);
  bool evaluate_test(const Expression& node, const Scope& scope);
  Value evaluate_call(const Expression& node, const Scope& scope, const Value* caller);
  std::vector<Value> evaluate_all(const std::vector<ExpressionPtr>& nodes, const Scope& scope);
  CallValues evaluate_arguments(const Arguments& arguments, const Scope& scope);
  Value call(const Value& callee, const CallValues& arguments);
  Value call_macro(const Macro& macro, const CallValues& arguments);
  void bind_parameters(const Macro& macro, const CallValues& arguments, Scope& scope);

  const Template& template_;
  const std::string& where_;
  const Limits limits_;
  Heap heap_;
  std::deque<Scope> scopes_;
  std::deque<Macro> macros_;
  std::deque<LoopState> loops_;
  std::string* output_ = nullptr;
  size_t printed_bytes_ = 0;
  size_t steps_ = 0;
  int depth_ = 0;
  const Value* now_ = nullptr;
  Value now_value_;
};

}  // namespace r1v::jinja
