// Tokens to trees: what the two halves of the parser (statements, expressions) share.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "text/template_ast.h"
#include "text/template_lexer.h"

namespace r1v::jinja {

/// Recursive descent over the grammar of jinja2 3.1 (parser.py). Depth is bounded.
class Parser {
 public:
  explicit Parser(std::string_view source);
  Template parse();

 private:
  using Words = std::initializer_list<std::string_view>;

  // Statements: template_parser.cpp.
  Block parse_block(Words ends);
  void parse_statement(Block& block);
  std::unique_ptr<Statement> parse_for();
  std::unique_ptr<Statement> parse_if();
  std::unique_ptr<Statement> parse_set();
  std::unique_ptr<Statement> parse_macro();
  std::unique_ptr<Statement> parse_call_block();
  std::unique_ptr<Statement> parse_filter_block();
  std::unique_ptr<Statement> parse_with();
  std::unique_ptr<Statement> parse_print();
  std::unique_ptr<Statement> parse_generation();
  std::unique_ptr<Statement> parse_jump(StatementKind kind);
  Block parse_body(Words ends);
  Block parse_own_names(Words ends, bool inside_loop);
  void parse_signature(MacroDefinition& macro);
  void parse_macro_body(MacroDefinition& macro, std::string_view end);
  Target parse_target(bool with_tuple, bool with_namespace, std::string_view end_word = {});
  Target parse_single_target(bool with_namespace);

  // Expressions: template_parser_expression.cpp.
  ExpressionPtr parse_tuple(bool with_condition, std::string_view end_word = {}, bool in_parentheses = false);
  ExpressionPtr parse_expression(bool with_condition = true);
  ExpressionPtr parse_conditional();
  ExpressionPtr parse_or();
  ExpressionPtr parse_and();
  ExpressionPtr parse_not();
  ExpressionPtr parse_compare();
  ExpressionPtr parse_sum();
  ExpressionPtr parse_concat();
  ExpressionPtr parse_product();
  ExpressionPtr parse_power();
  ExpressionPtr parse_unary(bool with_filter = true);
  ExpressionPtr parse_primary();
  ExpressionPtr parse_name();
  ExpressionPtr parse_list();
  ExpressionPtr parse_dict();
  ExpressionPtr parse_postfix(ExpressionPtr node);
  ExpressionPtr parse_filters_and_tests(ExpressionPtr node);
  ExpressionPtr parse_subscript(ExpressionPtr node);
  ExpressionPtr parse_subscript_item();
  ExpressionPtr parse_call(ExpressionPtr node);
  ExpressionPtr parse_filters(ExpressionPtr node, bool starts_inline);
  ExpressionPtr parse_test(ExpressionPtr node);
  std::string parse_dotted_name();
  void note_unknown(const char* what, const Expression& node);
  Arguments parse_arguments();
  bool is_tuple_end(std::string_view end_word) const;
  bool match_comparison(Operator& found);

  // Tokens.
  const Token& current() const { return tokens_[at_]; }
  const Token& ahead() const { return tokens_[at_ + 1 < tokens_.size() ? at_ + 1 : at_]; }
  const Token& take() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  bool take_name(std::string_view name);
  bool take_symbol(std::string_view symbol);
  void expect_symbol(std::string_view symbol);
  void expect_name(std::string_view name);
  const Token& expect(TokenType type, const char* what);
  [[noreturn]] void fail(const std::string& message) const;
  std::string describe_current() const;

  ExpressionPtr make(ExpressionKind kind, int line) const;
  ExpressionPtr make(ExpressionKind kind, int line, ExpressionPtr first, ExpressionPtr second = nullptr) const;
  void add_child(Expression& parent, ExpressionPtr child) const;
  void set_arguments(Expression& call, Arguments arguments) const;
  void deepen(Expression& parent, const ExpressionPtr& child) const;
  int symbol_of(const std::string& name);
  /// Bounds the recursion of the parser itself.
  struct Nesting;

  std::vector<Token> tokens_;
  size_t at_ = 0;
  int nesting_ = 0;
  int loops_ = 0;            // around the present place, within the same macro
  bool is_guarded_ = false;  // inside an if: unknown filters are errors only when they are reached, as in Jinja
  std::vector<SyntaxError> unknown_;  // filters and tests that do not exist, outside of any condition
  std::vector<MacroDefinition*> macros_;
  Template template_;
};

struct Parser::Nesting {
  explicit Nesting(Parser& owner);
  ~Nesting() { --parser.nesting_; }
  Parser& parser;
};

}  // namespace r1v::jinja
