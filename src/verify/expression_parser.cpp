// Recursive descent over the tokens.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/error.h"
#include "verify/clean.h"
#include "verify/expression.h"

namespace r1v {
namespace {

using Kind = Token::Kind;

constexpr int kMaxDepth = 100;
constexpr std::array<std::string_view, 14> kFunctions = {"sin",    "cos",    "tan",  "cot",  "sec",  "csc", "arcsin",
                                                         "arccos", "arctan", "sinh", "cosh", "tanh", "ln",  "exp"};

bool is_function(const Token& token) {
  return token.kind == Kind::command &&
         (token.text == "log" || std::find(kFunctions.begin(), kFunctions.end(), token.text) != kFunctions.end());
}

bool is_whole(const Token& token) { return token.kind == Kind::number && !is_decimal(token); }

class Parser {
 public:
  explicit Parser(std::span<const Token> tokens) : tokens_(tokens.begin(), tokens.end()) {}

  Expression run() {
    if (tokens_.empty()) throw Undecidable{"the answer is empty"};
    sum();
    if (at_ < tokens_.size()) fail();
    return std::move(result_);
  }

 private:
  [[noreturn]] void fail() const {
    if (at_ >= tokens_.size()) throw Undecidable{"the expression ends too early"};
    throw Undecidable{cat("\"", printable(tokens_[at_].text, 20), "\" is not expected in an expression")};
  }
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
  bool take_command(std::string_view name) {
    if (next() == nullptr || next()->kind != Kind::command || next()->text != name) return false;
    ++at_;
    return true;
  }

  int add(Operation operation, std::vector<int> operands, std::string text = "") {
    result_.nodes.push_back({operation, std::move(text), std::move(operands)});
    return static_cast<int>(result_.nodes.size()) - 1;
  }
  int number(const Token& token) {
    result_.has_number = true;
    result_.has_decimal = result_.has_decimal || is_decimal(token);
    return add(Operation::number, {}, token.text);
  }
  int number(std::string digits) { return add(Operation::number, {}, std::move(digits)); }

  // Counts levels: recursion is bounded whatever the input.
  struct Level {
    explicit Level(int& depth) : depth_(depth) {
      if (++depth_ > kMaxDepth) throw Undecidable{"the expression is nested too deeply"};
    }
    ~Level() { --depth_; }
    int& depth_;
  };

  int sum() {
    const Level level(depth_);
    int left = product();
    while (sees("+") || sees("-")) {
      const bool is_plus = take("+");
      if (!is_plus) take("-");
      left = add(is_plus ? Operation::add : Operation::subtract, {left, product()});
    }
    return left;
  }

  bool starts_factor() const {
    const Token* token = next();
    if (token == nullptr) return false;
    if (token->kind == Kind::number) return at_ > 0 && tokens_[at_ - 1].kind != Kind::number;
    if (token->kind == Kind::symbol) return true;
    if (token->kind == Kind::command) return token->text != "rfloor" && token->text != "rceil";
    return token->is("(") || token->is("[") || token->is("{") || (token->is("|") && open_bars_ == 0);
  }

  int product() {
    int left = unary();
    while (true) {
      if (take("*")) {
        left = add(Operation::multiply, {left, unary()});
      } else if (take("/") || take(":")) {
        left = add(Operation::divide, {left, unary()});
      } else if (starts_factor()) {
        left = add(Operation::multiply, {left, power()});
      } else {
        return left;
      }
    }
  }

  int unary() {
    const Level level(depth_);
    if (take("-")) return add(Operation::negate, {unary()});
    if (take("+")) return unary();
    return power();
  }

  int power() {
    int base = atom();
    base = postfix(base);
    if (!take("^")) return base;
    return postfix(add(Operation::power, {base, exponent()}));
  }

  int exponent() {
    const Level level(depth_);
    if (take("-")) return add(Operation::negate, {exponent()});
    return power();
  }

  int postfix(int value) {
    while (true) {
      if (take("!")) {
        value = add(Operation::factorial, {value});
      } else if (take("%")) {
        result_.has_percent = true;
        value = add(Operation::percent, {value});
      } else {
        return value;
      }
    }
  }

  int atom() {
    const Token* token = next();
    if (token == nullptr) fail();
    if (token->kind == Kind::number) return number_or_mixed();
    if (token->kind == Kind::symbol) return symbol();
    if (token->kind == Kind::command) return command();
    for (const auto& [open, close] : {std::pair{"(", ")"}, std::pair{"[", "]"}, std::pair{"{", "}"}}) {
      if (take(open)) return closed(close);
    }
    if (take("|")) {
      ++open_bars_;
      const int inner = sum();
      --open_bars_;
      expect("|");
      return add(Operation::absolute, {inner});
    }
    fail();
  }

  int closed(std::string_view close) {
    const int bars = std::exchange(open_bars_, 0);
    const int inner = sum();
    open_bars_ = bars;
    expect(close);
    return inner;
  }

  // "1\frac{3}{4}" and "1 3/4" are sums.
  int number_or_mixed() {
    const Token token = tokens_[at_++];
    const int whole = number(token);
    if (take_subscript() || !is_whole(token) || next() == nullptr) return whole;
    const bool is_plain =
        is_whole(*next()) && next()->spaced && sees("/", 1) && at_ + 2 < tokens_.size() && is_whole(tokens_[at_ + 2]);
    if (is_plain) {
      const int top = number(tokens_[at_]);
      const int bottom = number(tokens_[at_ + 2]);
      at_ += 3;
      return add(Operation::add, {whole, add(Operation::divide, {top, bottom})});
    }
    if (next()->kind != Kind::command || next()->text != "frac" || !is_plain_fraction()) return whole;
    return add(Operation::add, {whole, command()});
  }

  // "\frac" with two whole numbers stands here.
  bool is_plain_fraction() const {
    size_t i = at_ + 1;
    for (int part = 0; part < 2; ++part) {
      const bool braced = i < tokens_.size() && tokens_[i].is("{");
      if (braced) ++i;
      if (i >= tokens_.size() || !is_whole(tokens_[i])) return false;
      if (!braced && tokens_[i].text.size() == 2 && part == 0) return true;  // "\frac34"
      ++i;
      if (braced && (i >= tokens_.size() || !tokens_[i++].is("}"))) return false;
    }
    return true;
  }

  // A subscript on a number says its base or nothing; it is read and ignored.
  bool take_subscript() {
    if (!take("_")) return false;
    if (take("{")) {
      while (next() != nullptr && !sees("}")) ++at_;
      expect("}");
    } else {
      ++at_;
    }
    return true;
  }

  int symbol() {
    std::string name = lower(tokens_[at_++].text);
    if (name == "e" && !sees("_")) return add(Operation::e, {});
    if (take("_")) {
      name += '_';
      const bool braced = take("{");
      while (next() != nullptr && !sees("}") && (next()->kind == Kind::symbol || next()->kind == Kind::number)) {
        name += lower(tokens_[at_++].text);
        if (!braced) break;
      }
      if (braced) expect("}");
    }
    result_.symbols.insert(name);
    return add(Operation::symbol, {}, name);
  }

  int command() {
    const Level level(depth_);
    if (is_function(*next())) return function();
    const std::string name = tokens_[at_++].text;
    if (name == "pi") return add(Operation::pi, {});
    if (name == "frac" || name == "binom") {
      const int top = argument(true), bottom = argument(true);
      return add(name == "frac" ? Operation::divide : Operation::binomial, {top, bottom});
    }
    if (name == "sqrt") {
      std::optional<int> degree;
      if (take("[")) degree = closed("]");
      if (!degree) degree = number("2");
      const int value = argument(false);
      return add(Operation::root, {value, *degree});
    }
    if (name == "lfloor" || name == "lceil") {
      const int inner = sum();
      if (!take_command(name == "lfloor" ? "rfloor" : "rceil")) fail();
      return add(name == "lfloor" ? Operation::floor : Operation::ceiling, {inner});
    }
    throw Undecidable{cat("\\", name, " is not supported here")};
  }

  // A group or the one thing that follows; TeX takes a single digit where no braces stand ("\frac12").
  int argument(bool single_digit) {
    if (take("{")) return closed("}");
    if (single_digit && next() != nullptr && is_whole(*next()) && next()->text.size() > 1) {
      Token& token = tokens_[at_];
      const int digit = number(Token{Kind::number, token.text.substr(0, 1)});
      token.text.erase(0, 1);
      return digit;
    }
    return atom();
  }

  int function() {
    std::string name = tokens_[at_++].text;
    std::optional<int> base, times;
    if (name == "log") base = take("_") ? argument(true) : number("10");
    if (take("^")) times = exponent_of_function(name);
    const Token* token = next();
    const bool is_group = token != nullptr && (token->is("(") || token->is("{") || token->is("["));
    int value = is_group ? atom() : function_argument();
    value = base ? add(Operation::logarithm, {value, *base}) : add(Operation::function, {value}, name);
    return times ? add(Operation::power, {value, *times}) : value;
  }

  // "\sin^2" is a power, "\sin^{-1}" the inverse function.
  std::optional<int> exponent_of_function(std::string& name) {
    const size_t sign = sees("{") ? 1 : 0;
    const bool is_inverse = sees("-", sign) && at_ + sign + 1 < tokens_.size() && tokens_[at_ + sign + 1].text == "1" &&
                            (sign == 0 || sees("}", 3));
    if (!is_inverse) return argument(true);
    at_ += sign == 0 ? 2 : 4;
    name = "arc" + name;
    return std::nullopt;
  }

  // "\sin 2x": factors up to the next operator or function.
  int function_argument() {
    const Level level(depth_);
    if (take("-")) return add(Operation::negate, {function_argument()});
    int value = power();
    while (starts_factor() && !is_function(*next())) value = add(Operation::multiply, {value, power()});
    return value;
  }

  std::vector<Token> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
  int open_bars_ = 0;
  Expression result_;
};

}  // namespace

Expression parse_expression(std::span<const Token> tokens) { return Parser(tokens).run(); }

}  // namespace r1v
