// The recursive descent over tokens that makes expressions; operators are in expression_parser.cpp, what stands between
// them in expression_atoms.cpp.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "verify/expression.h"

namespace r1v {

class ExpressionParser {
 public:
  ExpressionParser(std::span<const Token> tokens, const std::set<std::string>& plain)
      : tokens_(tokens.begin(), tokens.end()), plain_(plain) {}

  Expression run();

 private:
  // Counts levels: recursion is bounded whatever the input.
  struct Level {
    explicit Level(int& depth);
    ~Level() { --depth_; }
    int& depth_;
  };

  [[noreturn]] void fail() const;
  bool sees(std::string_view mark, size_t ahead = 0) const {
    return at_ + ahead < tokens_.size() && tokens_[at_ + ahead].is(mark);
  }
  bool take(std::string_view mark) {
    if (!sees(mark)) return false;
    ++at_;
    return true;
  }
  void expect(std::string_view mark) {
    if (!take(mark)) fail();
  }
  const Token* next() const { return at_ < tokens_.size() ? &tokens_[at_] : nullptr; }
  bool sees_command(std::string_view name) const {
    return next() != nullptr && next()->kind == Token::Kind::command && next()->text == name;
  }
  bool take_command(std::string_view name) {
    if (!sees_command(name)) return false;
    ++at_;
    return true;
  }
  int add(Operation operation, std::vector<int> operands, std::string text = "") {
    result_.nodes.push_back({operation, std::move(text), std::move(operands), {}});
    return static_cast<int>(result_.nodes.size()) - 1;
  }

  // Operators.
  int sum();
  bool starts_factor() const;
  int product();
  int unary();
  int power();
  int exponent();
  int postfix(int value);
  int in_radians(int degrees);

  // Atoms.
  int atom();
  int closed(std::string_view close);
  int number(const Token& token);
  int number(std::string digits) { return add(Operation::number, {}, std::move(digits)); }
  int number_or_mixed();
  std::optional<int> repeating(const Token& token);
  bool is_plain_fraction() const;
  bool take_subscript();
  int symbol();
  int command();
  int argument(bool single_digit);
  int function();
  std::optional<int> exponent_of_function(std::string& name);
  int function_argument();
  int gather(const std::string& name);
  int fold(Operation operation);
  int determinant();
  int minor_of(const std::vector<std::vector<int>>& rows, size_t row, const std::vector<size_t>& columns);

  std::vector<Token> tokens_;
  std::set<std::string> plain_;  // names that are variables here
  size_t at_ = 0;
  int depth_ = 0;
  int open_bars_ = 0;
  int open_functions_ = 0;  // inside of them degrees are angles
  Expression result_;
};

bool is_function(const Token& token);

/// A number token without point and exponent.
bool is_whole(const Token& token);

}  // namespace r1v
