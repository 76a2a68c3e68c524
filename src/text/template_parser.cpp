// Statements of the template language.
#include "text/template_parser.h"

#include <algorithm>

#include "base/error.h"

namespace r1v::jinja {
namespace {

constexpr int kMaxNestedBlocks = 400;

std::unique_ptr<Statement> statement(StatementKind kind, int line) {
  auto made = std::make_unique<Statement>();
  made->kind = kind;
  made->line = line;
  return made;
}

// Sets a variable for the life of a block.
template <typename T>
struct Restore {
  explicit Restore(T& variable, T value) : place(variable), old(variable) { place = value; }
  ~Restore() { place = old; }
  T& place;
  T old;
};

}  // namespace

Parser::Nesting::Nesting(Parser& owner) : parser(owner) {
  if (++parser.nesting_ > kMaxNestedBlocks) {
    --parser.nesting_;
    parser.fail(cat("nested deeper than ", kMaxNestedBlocks, " levels"));
  }
}

Parser::Parser(std::string_view source) : tokens_(tokenize(source)) {
  template_.known = {symbol_of("loop"), symbol_of("caller"), symbol_of("varargs"), symbol_of("kwargs")};
}

Template Parser::parse() {
  template_.body = parse_block({});
  if (!unknown_.empty()) throw unknown_.front();
  return std::move(template_);
}

int Parser::symbol_of(const std::string& name) {
  const auto found = std::ranges::find(template_.symbols, name);
  if (found != template_.symbols.end()) return static_cast<int>(found - template_.symbols.begin());
  template_.symbols.push_back(name);
  template_.undefined_messages.push_back(cat("\"", printable(name), "\" is undefined"));
  return static_cast<int>(template_.symbols.size() - 1);
}

void Parser::fail(const std::string& message) const { throw SyntaxError{current().line, message}; }

std::string Parser::describe_current() const {
  const Token& token = current();
  switch (token.type) {
    case TokenType::end:
      return "the end of the template";
    case TokenType::block_end:
      return "\"%}\"";
    case TokenType::variable_end:
      return "\"}}\"";
    default:
      return cat("\"", printable(token.text), "\"");
  }
}

bool Parser::take_name(std::string_view name) {
  const bool matches = current().is_name(name);
  if (matches) take();
  return matches;
}

bool Parser::take_symbol(std::string_view symbol) {
  const bool matches = current().is_symbol(symbol);
  if (matches) take();
  return matches;
}

void Parser::expect_symbol(std::string_view symbol) {
  if (!take_symbol(symbol)) fail(cat("found ", describe_current(), ", expected \"", symbol, "\""));
}

void Parser::expect_name(std::string_view name) {
  if (!take_name(name)) fail(cat("found ", describe_current(), ", expected \"", name, "\""));
}

const Token& Parser::expect(TokenType type, const char* what) {
  if (current().type != type) fail(cat("found ", describe_current(), ", expected ", what));
  return take();
}

// Until a tag with one of the words of `ends` (which stays the current token) or the end of the template.
Block Parser::parse_block(Words ends) {
  const Nesting nesting(*this);
  Block block;
  while (current().type != TokenType::end) {
    const Token& token = take();
    if (token.type == TokenType::data) {
      block.push_back(statement(StatementKind::text, token.line));
      block.back()->text = token.text;
    } else if (token.type == TokenType::variable_begin) {
      block.push_back(statement(StatementKind::output, token.line));
      block.back()->expressions.push_back(parse_tuple(true));
      expect(TokenType::variable_end, "\"}}\"");
    } else {
      if (std::ranges::any_of(ends, [&](std::string_view word) { return current().is_name(word); })) return block;
      parse_statement(block);
      expect(TokenType::block_end, "\"%}\"");
    }
  }
  if (ends.size() > 0) fail(cat("the template ends before {% ", *std::rbegin(ends), " %}"));
  return block;
}

void Parser::parse_statement(Block& block) {
  const Token& tag = expect(TokenType::name, "the name of a tag");
  struct Entry {
    std::string_view name;
    std::unique_ptr<Statement> (Parser::*parse)();
  };
  static constexpr Entry kTags[] = {{"if", &Parser::parse_if},
                                    {"for", &Parser::parse_for},
                                    {"set", &Parser::parse_set},
                                    {"macro", &Parser::parse_macro},
                                    {"with", &Parser::parse_with},
                                    {"call", &Parser::parse_call_block},
                                    {"filter", &Parser::parse_filter_block},
                                    {"print", &Parser::parse_print},
                                    {"generation", &Parser::parse_generation}};
  if (tag.text == "break") return block.push_back(parse_jump(StatementKind::break_loop));
  if (tag.text == "continue") return block.push_back(parse_jump(StatementKind::continue_loop));
  for (const Entry& entry : kTags) {
    if (entry.name == tag.text) return block.push_back((this->*entry.parse)());
  }
  throw SyntaxError{tag.line, cat("the tag {% ", printable(tag.text), " %} is not known here")};
}

// The "%}" of an opening tag, the block, and up to the word that ended it.
Block Parser::parse_body(Words ends) {
  take_symbol(":");
  expect(TokenType::block_end, "\"%}\"");
  return parse_block(ends);
}

// A block whose names do not leave it.
Block Parser::parse_own_names(Words ends, bool inside_loop) {
  const Restore<bool> guard(is_guarded_, false);
  const Restore<int> loops(loops_, inside_loop ? loops_ : 0);
  return parse_body(ends);
}

std::unique_ptr<Statement> Parser::parse_if() {
  auto node = statement(StatementKind::if_chain, current().line);
  node->expressions.push_back(parse_tuple(false));
  const Restore<bool> guard(is_guarded_, true);
  node->blocks.push_back(parse_body({"elif", "else", "endif"}));
  while (take_name("elif")) {
    node->expressions.push_back(parse_tuple(false));
    node->blocks.push_back(parse_body({"elif", "else", "endif"}));
  }
  if (take_name("else")) node->blocks.push_back(parse_body({"endif"}));
  expect_name("endif");
  return node;
}

std::unique_ptr<Statement> Parser::parse_for() {
  auto node = statement(StatementKind::for_loop, current().line);
  node->targets.push_back(parse_target(true, false, "in"));
  expect_name("in");
  node->expressions.push_back(parse_tuple(false, "recursive"));
  if (take_name("if")) node->expressions.push_back(parse_expression());
  if (take_name("recursive")) fail("recursive loops are not supported");
  {
    const Restore<int> loops(loops_, loops_ + 1);
    node->blocks.push_back(parse_own_names({"else", "endfor"}, true));
  }
  if (take_name("else")) node->blocks.push_back(parse_own_names({"endfor"}, true));
  expect_name("endfor");
  return node;
}

std::unique_ptr<Statement> Parser::parse_set() {
  auto node = statement(StatementKind::set, current().line);
  node->targets.push_back(parse_target(true, true));
  if (take_symbol("=")) {
    node->expressions.push_back(parse_tuple(true));
    return node;
  }
  node->kind = StatementKind::set_block;
  if (ExpressionPtr filters = parse_filters(nullptr, false)) node->expressions.push_back(std::move(filters));
  node->blocks.push_back(parse_own_names({"endset"}, true));
  expect_name("endset");
  return node;
}

void Parser::parse_signature(MacroDefinition& macro) {
  expect_symbol("(");
  while (!current().is_symbol(")")) {
    if (!macro.parameters.empty()) expect_symbol(",");
    const std::string name = expect(TokenType::name, "the name of a parameter").text;
    macro.parameters.push_back(symbol_of(name));
    macro.parameter_names.push_back(name);
    if (take_symbol("=")) {
      macro.defaults.push_back(parse_expression());
    } else if (!macro.defaults.empty()) {
      fail("a parameter without a default follows one with a default");
    }
  }
  expect_symbol(")");
}

void Parser::parse_macro_body(MacroDefinition& macro, std::string_view end) {
  macros_.push_back(&macro);
  macro.body = parse_own_names({end}, false);
  macros_.pop_back();
  expect_name(end);
}

std::unique_ptr<Statement> Parser::parse_macro() {
  auto node = statement(StatementKind::macro, current().line);
  node->macro = std::make_unique<MacroDefinition>();
  node->macro->name = expect(TokenType::name, "the name of a macro").text;
  node->symbol = symbol_of(node->macro->name);
  parse_signature(*node->macro);
  parse_macro_body(*node->macro, "endmacro");
  return node;
}

std::unique_ptr<Statement> Parser::parse_call_block() {
  auto node = statement(StatementKind::call_block, current().line);
  node->macro = std::make_unique<MacroDefinition>();
  node->macro->name = "caller";
  if (current().is_symbol("(")) parse_signature(*node->macro);
  node->expressions.push_back(parse_expression());
  if (node->expressions[0]->kind != ExpressionKind::call) fail("{% call %} needs the call of a macro");
  parse_macro_body(*node->macro, "endcall");
  return node;
}

std::unique_ptr<Statement> Parser::parse_filter_block() {
  auto node = statement(StatementKind::filter_block, current().line);
  node->expressions.push_back(parse_filters(nullptr, true));
  node->blocks.push_back(parse_own_names({"endfilter"}, true));
  expect_name("endfilter");
  return node;
}

std::unique_ptr<Statement> Parser::parse_with() {
  auto node = statement(StatementKind::with, current().line);
  while (current().type != TokenType::block_end) {
    if (!node->targets.empty()) expect_symbol(",");
    node->targets.push_back(parse_target(true, false));
    expect_symbol("=");
    node->expressions.push_back(parse_expression());
  }
  node->blocks.push_back(parse_own_names({"endwith"}, true));
  expect_name("endwith");
  return node;
}

std::unique_ptr<Statement> Parser::parse_print() {
  auto node = statement(StatementKind::output, current().line);
  while (current().type != TokenType::block_end) {
    if (!node->expressions.empty()) expect_symbol(",");
    node->expressions.push_back(parse_expression());
  }
  return node;
}

// {% generation %} marks the assistant's text for training masks; the text itself is printed as it is.
std::unique_ptr<Statement> Parser::parse_generation() {
  auto node = statement(StatementKind::scope, current().line);
  node->blocks.push_back(parse_own_names({"endgeneration"}, false));
  expect_name("endgeneration");
  return node;
}

std::unique_ptr<Statement> Parser::parse_jump(StatementKind kind) {
  if (loops_ == 0) fail("{% break %} and {% continue %} need a loop around them");
  return statement(kind, current().line);
}

Target Parser::parse_single_target(bool with_namespace) {
  static constexpr std::string_view kConstants[] = {"true", "false", "none", "True", "False", "None"};
  const Token& token = expect(TokenType::name, "a name to assign to");
  if (std::ranges::find(kConstants, token.text) != std::end(kConstants)) {
    fail(cat("cannot assign to \"", token.text, "\""));
  }
  Target target;
  target.line = token.line;
  target.symbol = symbol_of(token.text);
  if (with_namespace && take_symbol(".")) target.attribute = expect(TokenType::name, "the name of an attribute").text;
  return target;
}

Target Parser::parse_target(bool with_tuple, bool with_namespace, std::string_view end_word) {
  const Nesting nesting(*this);
  Target tuple;
  tuple.line = current().line;
  bool is_tuple = false;
  while (true) {
    if (!tuple.parts.empty()) expect_symbol(",");
    if (is_tuple_end(end_word) || (is_tuple && current().is_symbol("="))) break;
    if (take_symbol("(")) {
      tuple.parts.push_back(parse_target(true, with_namespace));
      expect_symbol(")");
    } else {
      tuple.parts.push_back(parse_single_target(with_namespace));
    }
    if (!with_tuple || !current().is_symbol(",")) break;
    is_tuple = true;
  }
  if (tuple.parts.empty()) fail(cat("found ", describe_current(), ", expected a name to assign to"));
  if (!is_tuple) return std::move(tuple.parts[0]);
  return tuple;
}

Template parse_template(std::string_view source) { return Parser(source).parse(); }

}  // namespace r1v::jinja
