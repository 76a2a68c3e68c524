// Numbers with thousands marks, names, commands, marks.
#include "verify/lexer.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "base/error.h"
#include "verify/clean.h"
#include "verify/number.h"

namespace r1v {
namespace {

constexpr size_t kMaxBytes = 4096;

// Known with and without a backslash.
constexpr auto kCommands = std::to_array<std::string_view>(
    {"frac",   "sqrt",   "pi",   "binom",  "sin",    "cos",     "tan",     "cot",     "sec", "csc", "arcsin",
     "arccos", "arctan", "sinh", "cosh",   "tanh",   "arcsinh", "arccosh", "arctanh", "ln",  "log", "lg",
     "exp",    "pm",     "mp",   "lfloor", "rfloor", "lceil",   "rceil",   "infty",   "gcd", "lcm"});
// Known only with a backslash: without it they are words or units.
constexpr auto kSlashed = std::to_array<std::string_view>(
    {"mathbb", "max", "min", "sum", "prod", "det", "overline", "mod", "bmod", "emptyset", "varnothing"});
// Commands that are one mark.
constexpr auto kMarks = std::to_array<std::pair<std::string_view, std::string_view>>({{"le", "<="},
                                                                                      {"ge", ">="},
                                                                                      {"ne", "!="},
                                                                                      {"lt", "<"},
                                                                                      {"gt", ">"},
                                                                                      {"in", "in"},
                                                                                      {"cup", "cup"},
                                                                                      {"cap", "cap"},
                                                                                      {"setminus", "minus"},
                                                                                      {"backslash", "minus"},
                                                                                      {"degree", "deg"},
                                                                                      {"langle", "("},
                                                                                      {"rangle", ")"}});
constexpr std::array<std::string_view, 31> kGreek = {
    "alpha", "beta",   "gamma", "delta", "epsilon", "varepsilon", "zeta",   "eta",   "theta",   "vartheta", "iota",
    "kappa", "lambda", "mu",    "nu",    "xi",      "rho",        "sigma",  "tau",   "upsilon", "phi",      "varphi",
    "chi",   "psi",    "omega", "Delta", "Gamma",   "Theta",      "Lambda", "Sigma", "Omega"};
// Two letters that are English rather than a product.
constexpr std::array<std::string_view, 24> kShortWords = {"is", "so", "it", "we", "of", "to", "in", "at",
                                                          "as", "an", "by", "be", "do", "if", "no", "on",
                                                          "he", "my", "up", "us", "me", "am", "go", "hi"};

template <typename List>  // arrays of different lengths
bool contains(const List& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == ' ') {
        spaced_ = true;
        ++at_;
      } else if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
        number();
      } else if (is_letter(c)) {
        word();
      } else if (c == '\\') {
        command();
      } else if (is_pair("<=") || is_pair(">=") || (spaced_ && is_pair("!="))) {  // "3!=6" is a factorial
        push(Token::Kind::mark, std::string(text_.substr(at_, 2)));
        at_ += 2;
      } else if (std::string_view("+-*/^()[]{}|!,;=:%<>_&").find(c) != std::string_view::npos) {
        push(Token::Kind::mark, std::string(1, c));
        ++at_;
      } else {
        throw Undecidable{cat("\"", printable(text_.substr(at_, 4)), "\" is not part of an expression"), true};
      }
    }
    return std::move(tokens_);
  }

 private:
  bool is_pair(std::string_view pair) const { return text_.substr(at_, 2) == pair; }
  char peek(size_t ahead) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void push(Token::Kind kind, std::string text) {
    tokens_.push_back({kind, std::move(text), spaced_});
    spaced_ = false;
  }

  size_t digits_from(size_t begin) const {
    size_t end = begin;
    while (end < text_.size() && is_digit(text_[end])) ++end;
    return end - begin;
  }

  // Groups of exactly three digits behind at most three, all with the same mark.
  void thousands(size_t& end, std::string& digits) const {
    if (digits.size() > 3 || end >= text_.size() || (text_[end] != ',' && text_[end] != ' ')) return;
    const char mark = text_[end];
    size_t at = end;
    std::string grouped = digits;
    while (at < text_.size() && text_[at] == mark && digits_from(at + 1) == 3) {
      grouped.append(text_.substr(at + 1, 3));
      at += 4;
    }
    if (at < text_.size() && text_[at] == mark && digits_from(at + 1) > 0) return;  // a list after all
    if (at == end) return;
    end = at;
    digits = grouped;
  }

  void number() {
    size_t end = at_ + digits_from(at_);
    std::string digits(text_.substr(at_, end - at_));
    thousands(end, digits);
    if (end < text_.size() && text_[end] == '.' && (end + 1 >= text_.size() || text_[end + 1] != '.')) {
      const size_t count = digits_from(end + 1);
      digits += '.';
      digits.append(text_.substr(end + 1, count));
      end += count + 1;
    }
    if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
      const bool has_sign = end + 1 < text_.size() && (text_[end + 1] == '+' || text_[end + 1] == '-');
      const size_t count = digits_from(end + 1 + has_sign);
      const bool is_followed =
          end + 1 + has_sign + count < text_.size() && is_letter(text_[end + 1 + has_sign + count]);
      if (count > 0 && !is_followed) {
        digits += 'e';
        if (has_sign && text_[end + 1] == '-') digits += '-';
        digits.append(text_.substr(end + 1 + has_sign, count));
        end += 1 + has_sign + count;
      }
    }
    at_ = end;
    push(Token::Kind::number, std::move(digits));
  }

  void word() {
    size_t end = at_;
    while (end < text_.size() && is_letter(text_[end])) ++end;
    const std::string_view run = text_.substr(at_, end - at_);
    const std::string name = lower(run);
    at_ = end;
    if (name == "and" || name == "or") return push(Token::Kind::mark, name);
    if (name == "percent" || name == "percentage" || name == "pct") return push(Token::Kind::mark, "%");
    if (name == "degrees" || name == "degree" || name == "deg") return push(Token::Kind::mark, "deg");
    if (name == "infinity" || name == "inf") return push(Token::Kind::command, "infty");
    if (contains(kCommands, name) && name.size() > 1) return push(Token::Kind::command, name);
    const bool is_roman = run.size() == 2 && run.find_first_not_of("IVX") == std::string_view::npos;  // no product
    if (run.size() > 2 || is_roman || contains(kShortWords, name)) {
      throw Undecidable{cat("the word \"", printable(run, 20), "\" is not part of an expression"), true};
    }
    for (const char c : run) push(Token::Kind::symbol, std::string(1, c));
  }

  void command() {
    if (peek(1) == '{' || peek(1) == '}') {
      push(Token::Kind::mark, std::string(text_.substr(at_, 2)));
      at_ += 2;
      return;
    }
    size_t end = at_ + 1;
    while (end < text_.size() && is_letter(text_[end])) ++end;
    const std::string name(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end;
    if (name == "begin" || name == "end") return environment(name);
    for (const auto& [command, mark] : kMarks) {
      if (name == command) return push(Token::Kind::mark, std::string(mark));
    }
    if (contains(kCommands, name) || contains(kSlashed, name)) return push(Token::Kind::command, name);
    if (contains(kGreek, name)) return push(Token::Kind::symbol, name);
    throw Undecidable{cat("\\", printable(name, 20), " is not supported")};
  }

  // "\begin{pmatrix}" becomes a command and its kind of matrix; the columns of an array are not needed.
  void environment(const std::string& name) {
    const std::string kind = braced();
    if (kind == "array" && name == "begin") braced();
    if (kind != "array" && !kind.ends_with("matrix")) throw Undecidable{cat("\\begin{", kind, "} is not supported")};
    push(Token::Kind::command, name);
    push(Token::Kind::command, kind);
  }

  std::string braced() {
    while (peek(0) == ' ') ++at_;
    const size_t behind = peek(0) == '{' ? closing_brace(text_, at_) : std::string_view::npos;
    if (behind == std::string_view::npos) throw Undecidable{"braces are missing"};
    const std::string inside(trim_answer(text_.substr(at_ + 1, behind - at_ - 2)));
    at_ = behind;
    return printable(inside, 20);
  }

  std::string_view text_;
  size_t at_ = 0;
  bool spaced_ = false;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> lex(std::string_view text) {
  if (text.size() > kMaxBytes) throw Undecidable{cat("an answer of ", text.size(), " bytes is too long")};
  return Lexer(text).run();
}

bool is_decimal(const Token& token) {
  return token.kind == Token::Kind::number && token.text.find_first_of(".e") != std::string::npos;
}

}  // namespace r1v
