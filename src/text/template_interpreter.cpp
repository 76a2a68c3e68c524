// Statements, names and limits of a rendering.
#include "text/template_interpreter.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "text/template_print.h"

namespace r1v::jinja {
namespace {

constexpr size_t kScopeBytes = 128;  // rough cost of the names of one block

void unpack_check(size_t found, size_t wanted) {
  if (found != wanted) throw RenderError(cat("cannot unpack ", found, " values into ", wanted, " names"));
}

}  // namespace

struct Interpreter::Nesting {
  explicit Nesting(Interpreter& owner) : interpreter(owner) {
    if (++interpreter.depth_ > interpreter.limits_.depth) {
      --interpreter.depth_;
      throw RenderError("macros, blocks and expressions are nested too deeply");
    }
  }
  ~Nesting() { --interpreter.depth_; }
  Interpreter& interpreter;
};

const Value* Scope::find(int symbol) const {
  for (const Scope* scope = this; scope != nullptr; scope = scope->parent) {
    for (const auto& [name, value] : scope->variables) {
      if (name == symbol) return &value;
    }
  }
  return nullptr;
}

void Scope::set(int symbol, const Value& value) {
  for (auto& [name, old] : variables) {
    if (name == symbol) {
      old = value;
      return;
    }
  }
  variables.emplace_back(symbol, value);
}

Interpreter::Interpreter(const Template& parsed, const std::string& where, const Limits& limits)
    : template_(parsed), where_(where), limits_(limits), heap_(limits.heap_bytes) {}

std::string Interpreter::run(const Json& variables) {
  static constexpr std::pair<std::string_view, Function> kFunctions[] = {{"range", Function::range},
                                                                         {"dict", Function::dict},
                                                                         {"namespace", Function::name_space},
                                                                         {"raise_exception", Function::raise_exception},
                                                                         {"strftime_now", Function::strftime_now}};
  Scope root;
  std::string output;
  output_ = &output;
  try {
    for (size_t i = 0; i < template_.symbols.size(); ++i) {
      const std::string& name = template_.symbols[i];
      const auto function = std::ranges::find(kFunctions, name, [](const auto& entry) { return entry.first; });
      const auto given = variables.find(name);
      if (given != variables.end()) {
        root.set(static_cast<int>(i), heap_.from_json(*given));
      } else if (function != std::end(kFunctions)) {
        root.set(static_cast<int>(i), Value::of(function->second));
      }
    }
    if (const auto now = variables.find("now"); now != variables.end()) {
      now_value_ = heap_.from_json(*now);
      now_ = &now_value_;
    }
    execute(template_.body, root);
  } catch (const RenderError& error) {
    throw InputError(cat(where_, ": ", error.what()));
  }
  return output;
}

void Interpreter::charge(size_t steps) {
  steps_ += steps;
  if (steps_ > limits_.steps) throw RenderError(cat("rendering needs more than ", limits_.steps, " steps"));
}

Scope& Interpreter::new_scope(const Scope& parent) {
  heap_.charge(kScopeBytes);
  Scope& scope = scopes_.emplace_back();
  scope.parent = &parent;
  return scope;
}

Value Interpreter::new_macro(const MacroDefinition& definition, const Scope& closure) {
  heap_.charge(kScopeBytes);
  return Value::of(&macros_.emplace_back(Macro{&definition, &closure}));
}

void Interpreter::print(std::string_view text) {
  printed_bytes_ += text.size();
  if (printed_bytes_ > limits_.output_bytes) {
    throw RenderError(cat("the output is larger than ", limits_.output_bytes >> 20, " MiB"));
  }
  output_->append(text);
}

template <typename Action>
std::string Interpreter::capture(Action action) {
  std::string text;
  std::string* const outer = std::exchange(output_, &text);
  action();
  output_ = outer;
  return text;
}

Interpreter::Flow Interpreter::execute(const Block& block, Scope& scope) {
  const Nesting nesting(*this);
  for (const auto& statement : block) {
    Flow flow = Flow::next;
    try {
      charge(1);
      flow = execute(*statement, scope);
    } catch (const RenderError& error) {
      throw InputError(cat(where_, ": line ", statement->line, ": ", error.what()));
    }
    if (flow != Flow::next) return flow;
  }
  return Flow::next;
}

Interpreter::Flow Interpreter::execute(const Statement& statement, Scope& scope) {
  switch (statement.kind) {
    case StatementKind::text:
      print(statement.text);
      return Flow::next;
    case StatementKind::output:
      for (const ExpressionPtr& expression : statement.expressions) print(to_text(evaluate(*expression, scope)));
      return Flow::next;
    case StatementKind::if_chain:
      return execute_if(statement, scope);
    case StatementKind::for_loop:
      return execute_for(statement, scope);
    case StatementKind::set:
      assign(statement.targets[0], evaluate(*statement.expressions[0], scope), scope);
      return Flow::next;
    case StatementKind::macro:
      scope.set(statement.symbol, new_macro(*statement.macro, scope));
      return Flow::next;
    case StatementKind::call_block:
      execute_call_block(statement, scope);
      return Flow::next;
    case StatementKind::with: {
      Scope& inner = new_scope(scope);
      for (size_t i = 0; i < statement.targets.size(); ++i) {
        assign(statement.targets[i], evaluate(*statement.expressions[i], scope), inner);
      }
      return execute(statement.blocks[0], inner);
    }
    case StatementKind::scope:
      return execute(statement.blocks[0], new_scope(scope));
    case StatementKind::break_loop:
      return Flow::break_loop;
    case StatementKind::continue_loop:
      return Flow::continue_loop;
    default:
      return execute_captured(statement, scope);
  }
}

Interpreter::Flow Interpreter::execute_if(const Statement& statement, Scope& scope) {
  for (size_t i = 0; i < statement.blocks.size(); ++i) {
    const bool is_else = i == statement.expressions.size();
    if (is_else || truthy(evaluate(*statement.expressions[i], scope))) return execute(statement.blocks[i], scope);
  }
  return Flow::next;
}

// The values that a loop runs over, after its inline `if`.
std::vector<Value> Interpreter::loop_values(const Statement& statement, Scope& scope) {
  std::vector<Value> values = iterate(evaluate(*statement.expressions[0], scope), heap_);
  if (statement.expressions.size() == 1) return values;
  std::vector<Value> kept;
  for (const Value& value : values) {
    Scope& inner = new_scope(scope);
    assign(statement.targets[0], value, inner);
    if (truthy(evaluate(*statement.expressions[1], inner))) kept.push_back(value);
  }
  return kept;
}

Interpreter::Flow Interpreter::execute_for(const Statement& statement, Scope& scope) {
  LoopState& loop = loops_.emplace_back();
  loop.values = loop_values(statement, scope);
  bool has_finished_round = false;
  for (loop.index = 0; loop.index < loop.values.size(); ++loop.index) {
    Scope& inner = new_scope(scope);
    inner.set(template_.known.loop, Value::of(&loop));
    assign(statement.targets[0], loop.values[loop.index], inner);
    const Flow flow = execute(statement.blocks[0], inner);
    if (flow == Flow::break_loop) break;
    has_finished_round = has_finished_round || flow == Flow::next;
  }
  // As in Jinja, a loop that broke off or went on early in every round counts as one without rounds.
  const bool runs_else = !has_finished_round && statement.blocks.size() > 1;
  return runs_else ? execute(statement.blocks[1], new_scope(scope)) : Flow::next;
}

// {% set x %}...{% endset %} and {% filter f %}...{% endfilter %}.
Interpreter::Flow Interpreter::execute_captured(const Statement& statement, Scope& scope) {
  Flow flow = Flow::next;
  Value text = heap_.string(capture([&] { flow = execute(statement.blocks[0], new_scope(scope)); }));
  if (flow != Flow::next) return flow;
  if (!statement.expressions.empty()) text = filter_text(*statement.expressions[0], text, scope);
  if (statement.kind == StatementKind::set_block) {
    assign(statement.targets[0], text, scope);
  } else {
    print(to_text(text));
  }
  return Flow::next;
}

void Interpreter::execute_call_block(const Statement& statement, Scope& scope) {
  const Value caller = new_macro(*statement.macro, scope);
  print(to_text(evaluate_call(*statement.expressions[0], scope, &caller)));
}

void Interpreter::assign(const Target& target, const Value& value, Scope& scope) {
  if (!target.parts.empty()) {
    const std::vector<Value> values = iterate(value, heap_);
    unpack_check(values.size(), target.parts.size());
    for (size_t i = 0; i < values.size(); ++i) assign(target.parts[i], values[i], scope);
    return;
  }
  if (target.attribute.empty()) {
    scope.set(target.symbol, value);
    return;
  }
  const std::string& name = template_.symbols[static_cast<size_t>(target.symbol)];
  const Value* space = scope.find(target.symbol);
  if (space == nullptr || !space->is(Type::name_space)) {
    throw RenderError(cat("cannot set \"", name, ".", target.attribute, "\": \"", name, "\" is not a namespace"));
  }
  if (target.attribute.starts_with('_')) throw RenderError("an attribute of a namespace may not start with \"_\"");
  heap_.charge(target.attribute.size() + sizeof(Value));
  space->name_space->set(target.attribute, value);
}

void Interpreter::bind_parameters(const Macro& macro, const CallValues& arguments, Scope& scope) {
  const MacroDefinition& definition = *macro.definition;
  const size_t count = definition.parameters.size();
  if (arguments.positional.size() > count && !definition.uses_varargs) {
    throw RenderError(cat("macro \"", definition.name, "\" takes at most ", count, " arguments"));
  }
  std::vector<std::pair<std::string, Value>> named = arguments.named;
  const auto take = [&](std::string_view name) -> std::optional<Value> {
    const auto found = std::ranges::find(named, name, [](const auto& entry) { return entry.first; });
    if (found == named.end()) return std::nullopt;
    const Value value = found->second;
    named.erase(found);
    return value;
  };
  const size_t first_default = count - definition.defaults.size();
  for (size_t i = 0; i < count; ++i) {
    std::optional<Value> value;
    const bool is_positional = i < arguments.positional.size();
    value = is_positional ? arguments.positional[i] : take(definition.parameter_names[i]);
    if (!value && i >= first_default) value = evaluate(*definition.defaults[i - first_default], scope);
    if (!value) {
      value = heap_.undefined(cat("parameter \"", definition.parameter_names[i], "\" was not provided"));
    }
    scope.set(definition.parameters[i], *value);
  }
  const auto& parameters = definition.parameters;
  const bool names_caller = std::ranges::find(parameters, template_.known.caller) != parameters.end();
  if (definition.uses_caller && !names_caller) {
    const auto caller = take("caller");
    scope.set(template_.known.caller, caller ? *caller : heap_.undefined("no caller is defined"));
  }
  if (definition.uses_kwargs) {
    std::vector<std::pair<Value, Value>> entries;
    for (const auto& [name, value] : named) entries.emplace_back(heap_.string(name), value);
    scope.set(template_.known.kwargs, heap_.dict(std::move(entries)));
  } else if (!named.empty()) {
    throw RenderError(cat("macro \"", definition.name, "\" takes no argument \"", named[0].first, "\""));
  }
  if (definition.uses_varargs) {
    const size_t used = std::min(count, arguments.positional.size());
    scope.set(template_.known.varargs, heap_.tuple({arguments.positional.begin() + static_cast<std::ptrdiff_t>(used),
                                                    arguments.positional.end()}));
  }
}

Value Interpreter::call_macro(const Macro& macro, const CallValues& arguments) {
  Scope& scope = new_scope(*macro.closure);
  bind_parameters(macro, arguments, scope);
  return heap_.string(capture([&] { execute(macro.definition->body, scope); }));
}

}  // namespace r1v::jinja
