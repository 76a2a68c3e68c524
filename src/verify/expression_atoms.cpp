// Numbers, symbols, groups, functions and the LaTeX commands that stand for a value.
#include <algorithm>
#include <array>

#include "base/error.h"
#include "verify/clean.h"
#include "verify/expression_parser.h"

namespace r1v {
namespace {

using Kind = Token::Kind;

constexpr size_t kMaxDeterminant = 4;
constexpr std::array<std::string_view, 17> kFunctions = {"sin",    "cos",     "tan",     "cot",     "sec",  "csc",
                                                         "arcsin", "arccos",  "arctan",  "sinh",    "cosh", "tanh",
                                                         "ln",     "arcsinh", "arccosh", "arctanh", "exp"};

}  // namespace

bool is_function(const Token& token) {
  return token.kind == Kind::command &&
         (token.text == "log" || token.text == "lg" ||
          std::find(kFunctions.begin(), kFunctions.end(), token.text) != kFunctions.end());
}

bool is_whole(const Token& token) { return token.kind == Kind::number && !is_decimal(token); }

int ExpressionParser::number(const Token& token) {
  result_.has_number = true;
  result_.has_decimal = result_.has_decimal || is_decimal(token);
  return add(Operation::number, {}, token.text);
}

int ExpressionParser::atom() {
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

int ExpressionParser::closed(std::string_view close) {
  const int bars = std::exchange(open_bars_, 0);
  const int inner = sum();
  open_bars_ = bars;
  expect(close);
  return inner;
}

// "0.1\overline{6}": exact, unlike other decimals.
std::optional<int> ExpressionParser::repeating(const Token& token) {
  const bool has_point = token.text.find('.') != std::string::npos && token.text.find('e') == std::string::npos;
  if (!has_point || !sees_command("overline")) return std::nullopt;
  ++at_;
  const bool is_braced = take("{");
  if (next() == nullptr || !is_whole(*next())) fail();
  const std::string block = tokens_[at_++].text;
  if (is_braced) expect("}");
  result_.has_number = true;
  return add(Operation::repeating, {}, token.text + "(" + block);
}

// "1\frac{3}{4}" and "1 3/4" are sums.
int ExpressionParser::number_or_mixed() {
  const Token token = tokens_[at_++];
  if (const auto periodic = repeating(token)) return *periodic;
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
  if (!sees_command("frac") || !is_plain_fraction()) return whole;
  return add(Operation::add, {whole, command()});
}

// "\frac" with two whole numbers stands here.
bool ExpressionParser::is_plain_fraction() const {
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
bool ExpressionParser::take_subscript() {
  if (!take("_")) return false;
  if (take("{")) {
    while (next() != nullptr && !sees("}")) ++at_;
    expect("}");
  } else {
    ++at_;
  }
  return true;
}

int ExpressionParser::symbol() {
  std::string name = lower(tokens_[at_++].text);
  const bool is_constant = !sees("_") && !plain_.contains(name);
  if (name == "e" && is_constant) return add(Operation::e, {});
  if (name == "i" && is_constant) {
    result_.has_imaginary = true;
    return add(Operation::imaginary, {});
  }
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

int ExpressionParser::command() {
  const Level level(depth_);
  if (is_function(*next())) return function();
  const std::string name = tokens_[at_++].text;
  if (name == "pi") {
    result_.has_pi = true;
    return add(Operation::pi, {});
  }
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
  if (name == "overline") return argument(false);  // a segment "\\overline{AB}"
  if (name == "lfloor" || name == "lceil") {
    const int inner = sum();
    if (!take_command(name == "lfloor" ? "rfloor" : "rceil")) fail();
    return add(name == "lfloor" ? Operation::floor : Operation::ceiling, {inner});
  }
  if (name == "gcd" || name == "lcm" || name == "max" || name == "min") return gather(name);
  if (name == "sum" || name == "prod") return fold(name == "sum" ? Operation::sum : Operation::product);
  if (name == "det" || name == "begin") return determinant();
  throw Undecidable{cat("\\", name, " is not supported here")};
}

// A group or the one thing that follows; TeX takes a single digit where no braces stand ("\frac12").
int ExpressionParser::argument(bool single_digit) {
  if (take("{")) return closed("}");
  if (single_digit && next() != nullptr && is_whole(*next()) && next()->text.size() > 1) {
    Token& token = tokens_[at_];
    const int digit = number(Token{Kind::number, token.text.substr(0, 1)});
    token.text.erase(0, 1);
    return digit;
  }
  return atom();
}

int ExpressionParser::function() {
  std::string name = tokens_[at_++].text;
  std::optional<int> base, times;
  if (name == "log" || name == "lg") base = take("_") ? argument(true) : number("10");
  if (take("^")) times = exponent_of_function(name);
  const Token* token = next();
  const bool is_group = token != nullptr && (token->is("(") || token->is("{") || token->is("["));
  ++open_functions_;
  int value = is_group ? atom() : function_argument();
  --open_functions_;
  value = base ? add(Operation::logarithm, {value, *base}) : add(Operation::function, {value}, name);
  return times ? add(Operation::power, {value, *times}) : value;
}

// "\sin^2" is a power, "\sin^{-1}" the inverse function.
std::optional<int> ExpressionParser::exponent_of_function(std::string& name) {
  const size_t sign = sees("{") ? 1 : 0;
  const bool is_inverse = sees("-", sign) && at_ + sign + 1 < tokens_.size() && tokens_[at_ + sign + 1].text == "1" &&
                          (sign == 0 || sees("}", 3));
  if (!is_inverse) return argument(true);
  at_ += sign == 0 ? 2 : 4;
  name = "arc" + name;
  return std::nullopt;
}

// "\sin 2x": factors up to the next operator or function.
int ExpressionParser::function_argument() {
  const Level level(depth_);
  if (take("-")) return add(Operation::negate, {function_argument()});
  int value = power();
  while (starts_factor() && !is_function(*next())) value = add(Operation::multiply, {value, power()});
  return value;
}

// "\gcd(12, 18)", "\max\{1, 2\}".
int ExpressionParser::gather(const std::string& name) {
  const bool is_round = take("(");
  if (!is_round) expect("\\{");
  std::vector<int> operands;
  do {
    operands.push_back(sum());
  } while (take(","));
  expect(is_round ? ")" : "\\}");
  return add(Operation::gather, std::move(operands), name);
}

// "\sum_{k=1}^{4} k^2": the name is bound in the body, which is an expression of its own.
int ExpressionParser::fold(Operation operation) {
  expect("_");
  expect("{");
  if (next() == nullptr || next()->kind != Kind::symbol) fail();
  const std::string name = lower(tokens_[at_++].text);
  expect("=");
  const int from = closed("}");
  expect("^");
  const int to = argument(true);
  Expression outer = std::exchange(result_, Expression{});
  const auto plain = plain_;
  plain_.insert(name);
  product();
  plain_ = plain;
  Expression body = std::exchange(result_, std::move(outer));
  body.symbols.erase(name);
  result_.symbols.insert(body.symbols.begin(), body.symbols.end());
  result_.has_decimal |= body.has_decimal;
  result_.has_percent |= body.has_percent;
  result_.has_pi |= body.has_pi;
  result_.has_imaginary |= body.has_imaginary;
  result_.has_number = true;
  const int node = add(operation, {from, to}, name);
  result_.nodes.back().body.push_back(std::move(body));
  return node;
}

// "\begin{vmatrix}1&2\\3&4\end{vmatrix}" and "\det" of another matrix.
int ExpressionParser::determinant() {
  const bool is_named = tokens_[at_ - 1].text == "det";
  if (is_named && !take_command("begin")) fail();
  if (next() == nullptr) fail();
  if (!is_named && next()->text != "vmatrix") throw Undecidable{"a matrix inside an expression"};
  ++at_;  // the kind of matrix
  std::vector<std::vector<int>> rows(1);
  while (!take_command("end")) {
    rows.back().push_back(sum());
    if (rows.size() > kMaxDeterminant || rows.back().size() > kMaxDeterminant) {
      throw Undecidable{"a determinant is too large to evaluate"};
    }
    if (take(";")) {
      if (!sees_command("end")) rows.emplace_back();
    } else if (!take("&") && !sees_command("end")) {
      fail();
    }
  }
  ++at_;
  std::vector<size_t> columns;
  for (size_t i = 0; i < rows.size(); ++i) columns.push_back(i);
  for (const auto& row : rows) {
    if (row.size() != rows.size()) throw Undecidable{"a determinant of a matrix that is not square"};
  }
  return minor_of(rows, 0, columns);
}

// Laplace's expansion along the first row that is left.
int ExpressionParser::minor_of(const std::vector<std::vector<int>>& rows, size_t row,
                               const std::vector<size_t>& columns) {
  if (columns.size() == 1) return rows[row][columns.front()];
  std::optional<int> total;
  for (size_t i = 0; i < columns.size(); ++i) {
    std::vector<size_t> others = columns;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    const int term = add(Operation::multiply, {rows[row][columns[i]], minor_of(rows, row + 1, others)});
    total = !total ? term : add(i % 2 == 0 ? Operation::add : Operation::subtract, {*total, term});
  }
  return *total;
}

}  // namespace r1v
