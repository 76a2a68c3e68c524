// The parts of compiling: values, objects, arrays, each in its own file.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "constrain/compile_schema.h"
#include "constrain/schema_rules.h"

namespace r1v {

/// All ways in which a value may begin: lexemes and containers.
struct ValueForm {
  std::vector<int32_t> lexemes;  // start states
  std::vector<int32_t> containers;
  bool is_empty() const { return lexemes.empty() && containers.empty(); }
};

/// Containers are numbered when they are first met and filled in later, one by one, so that recursion in a schema is
/// none here.
class ValueCompiler {
 public:
  ValueCompiler(SchemaRules& rules, Budget& budget, Spacing spacing);
  /// The value of `all`, and everything that can be inside it.
  Network run(const Conjunction& all);

 private:
  using Kind = Network::Edge::Kind;
  struct Work {
    int32_t container = 0;
    Conjunction flat;
    const Json* literal = nullptr;  // then exactly this object or list
  };

  // value_compiler.cpp
  const ValueForm& form(const Conjunction& all);
  ValueForm form_of_literal(const Json& literal);
  void add_alternative(const Conjunction& flat, ValueForm& out);
  void add_literals(const std::vector<const Json*>& literals, ValueForm& out);
  void add_string(const StringRule& rule, ValueForm& out);
  void add_number(const NumberRule& rule, ValueForm& out);
  int32_t container(uint8_t open, const std::string& name, Work work);
  int32_t lexeme(const std::string& name, const ByteAutomaton& automaton, LexemeInfo info = {});
  void add_value(int32_t from, const ValueForm& form, int32_t to);
  void add_space(int32_t from, int32_t to);
  void add_byte(int32_t from, char byte, int32_t to);
  void close(int32_t from, char byte, int32_t container);
  int32_t position() { return network_.add_position(budget_); }

  // object_compiler.cpp
  struct Property {
    std::string name;
    ValueForm form;
    bool is_required = false;
  };
  struct FreeKeys {
    int32_t lexeme = 0;
    ValueForm form;
  };
  void fill_object(int32_t container, const Conjunction& flat);
  void fill_literal_object(int32_t container, const Json& literal);
  void fill_properties(int32_t container, const std::vector<Property>& properties, const std::vector<FreeKeys>& free);
  void add_member(int32_t from, int32_t key, const ValueForm& form, int32_t to);
  std::vector<FreeKeys> free_keys(const Conjunction& flat, const std::vector<std::string>& names);
  std::optional<int32_t> free_key_lexeme(const std::vector<std::string>& names,
                                         const std::vector<std::string>& patterns, size_t pattern);

  // array_compiler.cpp
  void fill_array(int32_t container, const Conjunction& flat);
  void fill_literal_array(int32_t container, const Json& literal);
  void fill_items(int32_t container, const std::vector<ValueForm>& items, int64_t least, const ValueForm* more);
  int32_t add_item_end(int32_t after, int32_t before_end, bool may_end);

  SchemaRules& rules_;
  Budget& budget_;
  Network network_;
  std::map<Conjunction, ValueForm> forms_;
  std::map<std::string, int32_t> lexemes_;     // start state, by what it says
  std::map<std::string, int32_t> containers_;  // by what is in it
  std::deque<Work> open_;
  int32_t line_space_ = -1;  // lexemes; -1 = nothing may be there
  int32_t one_space_ = -1;
};

}  // namespace r1v
