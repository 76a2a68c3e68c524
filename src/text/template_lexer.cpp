// Template text to tokens; the rules are those of jinja2 3.1 (lexer.py) with trim_blocks and lstrip_blocks.
#include "text/template_lexer.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "text/template_literal.h"
#include "text/template_string.h"
#include "text/unicode.h"

namespace r1v::jinja {
namespace {

// One kind of line end, and without the last one: Jinja drops a single line end at the end of a template.
std::string normalized(std::string_view source) {
  std::string out;
  out.reserve(source.size());
  for (size_t i = 0; i < source.size(); ++i) {
    if (source[i] == '\r') {
      out += '\n';
      if (i + 1 < source.size() && source[i + 1] == '\n') ++i;
    } else {
      out += source[i];
    }
  }
  if (out.ends_with('\n')) out.pop_back();
  return out;
}

bool is_name_start(char32_t code) {
  return code == '_' || (code < 0x110000 && char_table().char_class(code) == CharClass::letter);
}

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(normalized(source)) {}

  std::vector<Token> run() {
    while (at_ < source_.size()) text_until_tag();
    push(TokenType::end, "");
    return std::move(tokens_);
  }

 private:
  [[noreturn]] void fail(const std::string& message) const { throw SyntaxError{line_, message}; }

  void push(TokenType type, std::string text) {
    Token token;
    token.type = type;
    token.line = line_;
    token.text = std::move(text);
    tokens_.push_back(std::move(token));
  }

  // Moves to `position` and counts the lines on the way.
  void advance_to(size_t position) {
    line_ += static_cast<int>(std::count(source_.begin() + static_cast<std::ptrdiff_t>(at_),
                                         source_.begin() + static_cast<std::ptrdiff_t>(position), '\n'));
    at_ = position;
  }

  bool looking_at(std::string_view text) const { return std::string_view(source_).substr(at_).starts_with(text); }

  void skip_space() {
    const std::string_view rest = std::string_view(source_).substr(at_);
    advance_to(at_ + (rest.size() - strip(rest, Side::left).size()));
  }

  // "{%-", "{%+" or "{%": the sign behind an opening at `position`.
  char sign_at(size_t position) const {
    const char sign = position < source_.size() ? source_[position] : '\0';
    return sign == '-' || sign == '+' ? sign : '\0';
  }

  // Pushes the text before a tag, cut as the tag's sign asks.
  void push_data(std::string_view text, char sign, bool is_variable) {
    std::string_view kept = text;
    if (sign == '-') {
      kept = strip(text, Side::right);
    } else if (sign != '+' && !is_variable) {
      const size_t line_start = text.rfind('\n') + 1;  // npos + 1 is 0
      if ((line_start > 0 || line_starting_) && strip(text.substr(line_start), Side::both).empty()) {
        kept = text.substr(0, line_start);
      }
    }
    if (!kept.empty()) push(TokenType::data, std::string(kept));
  }

  void text_until_tag() {
    size_t open = at_;
    for (open = source_.find('{', open); open != std::string::npos; open = source_.find('{', open + 1)) {
      const char next = open + 1 < source_.size() ? source_[open + 1] : '\0';
      if (next == '%' || next == '{' || next == '#') break;
    }
    const std::string_view text = std::string_view(source_).substr(at_, open == std::string::npos ? open : open - at_);
    if (open == std::string::npos) {
      push(TokenType::data, std::string(text));
      advance_to(source_.size());
      return;
    }
    const char kind = source_[open + 1];
    const char sign = sign_at(open + 2);
    push_data(text, sign, kind == '{');
    advance_to(open + (sign == '\0' ? 2 : 3));
    if (kind == '#') {
      comment();
    } else if (kind == '%' && raw_begin()) {
      raw();
    } else {
      tag(kind == '{');
    }
  }

  // Steps over the end of a tag: "-%}" takes the white space behind it, "%}" one line end, "+%}" nothing.
  bool tag_end(std::string_view close, bool is_variable) {
    const std::string minus = cat("-", close), plus = cat("+", close);
    const size_t start = at_;
    if (looking_at(minus)) {
      advance_to(at_ + minus.size());
      skip_space();
    } else if (!is_variable && looking_at(plus)) {
      advance_to(at_ + plus.size());
    } else if (looking_at(close)) {
      advance_to(at_ + close.size());
      if (!is_variable && looking_at("\n")) advance_to(at_ + 1);
    } else {
      return false;
    }
    line_starting_ = at_ > start && source_[at_ - 1] == '\n';
    return true;
  }

  void comment() {
    const size_t close = source_.find("#}", at_);
    if (close == std::string::npos) fail("a comment is not closed: \"#}\" is missing");
    const bool has_sign = close > at_ && (source_[close - 1] == '-' || source_[close - 1] == '+');
    advance_to(has_sign ? close - 1 : close);
    tag_end("#}", false);
  }

  // At "raw %}" behind "{%": steps over it.
  bool raw_begin() {
    const size_t start = at_;
    const int line = line_;
    skip_space();
    if (looking_at("raw")) {
      advance_to(at_ + 3);
      skip_space();
      const bool strips = looking_at("-%}");
      if (strips || looking_at("%}")) {
        advance_to(at_ + (strips ? 3 : 2));
        if (strips) skip_space();
        line_starting_ = source_[at_ - 1] == '\n';
        return true;
      }
    }
    at_ = start;
    line_ = line;
    return false;
  }

  void raw() {
    const size_t start = at_;
    for (size_t open = source_.find("{%", at_); open != std::string::npos; open = source_.find("{%", open + 1)) {
      const char sign = sign_at(open + 2);
      const int line = line_;
      advance_to(open + (sign == '\0' ? 2 : 3));
      skip_space();
      if (looking_at("endraw")) {
        advance_to(at_ + 6);
        skip_space();
        if (looking_at("%}") || looking_at("-%}") || looking_at("+%}")) {
          push_data(std::string_view(source_).substr(start, open - start), sign, false);
          tag_end("%}", false);
          return;
        }
      }
      at_ = start;
      line_ = line;
    }
    fail("{% raw %} is not closed: {% endraw %} is missing");
  }

  void tag(bool is_variable) {
    push(is_variable ? TokenType::variable_begin : TokenType::block_begin, "");
    std::string brackets;  // closing ones that are expected
    while (true) {
      if (brackets.empty()) {
        const int line = line_;
        if (tag_end(is_variable ? "}}" : "%}", is_variable)) {
          push(is_variable ? TokenType::variable_end : TokenType::block_end, "");
          tokens_.back().line = line;
          return;
        }
      }
      if (at_ >= source_.size()) fail(is_variable ? "\"}}\" is missing" : "\"%}\" is missing");
      const size_t before = at_;
      skip_space();
      if (at_ == before) token(brackets);
    }
  }

  void token(std::string& brackets) {
    const char first = source_[at_];
    if ((first >= '0' && first <= '9')) return number();
    if (first == '\'' || first == '"') return string();
    const Utf8Step step = utf8_step(source_.data() + at_, source_.data() + source_.size());
    if (step.status == Utf8Step::Status::valid && is_name_start(step.code)) return name();
    symbol(brackets);
  }

  void name() {
    size_t end = at_;
    while (end < source_.size()) {
      const Utf8Step step = utf8_step(source_.data() + end, source_.data() + source_.size());
      if (step.status != Utf8Step::Status::valid) break;
      const bool is_digit = step.code >= '0' && step.code <= '9';
      if (!is_digit && step.code != '_' && !is_word_character(step.code)) break;
      end += step.length;
    }
    push(TokenType::name, source_.substr(at_, end - at_));
    at_ = end;
  }

  void number() {
    const bool after_dot = at_ > 0 && source_[at_ - 1] == '.';  // a.0.1 holds no 0.1
    const NumberLiteral literal = read_number(std::string_view(source_).substr(at_), after_dot);
    if (literal.too_large) fail("a number does not fit 64 bits");
    push(literal.is_real ? TokenType::real : TokenType::integer, source_.substr(at_, literal.length));
    tokens_.back().integer = literal.integer;
    tokens_.back().real = literal.real;
    at_ += literal.length;
  }

  void string() {
    const char quote = source_[at_];
    size_t end = at_ + 1;
    while (end < source_.size() && source_[end] != quote) end += source_[end] == '\\' ? 2 : 1;
    if (end >= source_.size()) fail(cat("a string is not closed: ", quote, " is missing"));
    std::string error;
    std::string text = unescape(std::string_view(source_).substr(at_ + 1, end - at_ - 1), error);
    if (!error.empty()) fail(error);
    push(TokenType::string, std::move(text));
    advance_to(end + 1);
  }

  void symbol(std::string& brackets) {
    static constexpr std::array<std::string_view, 26> kSymbols = {"//", "**", "==", "!=", ">=", "<=", "+", "-", "/",
                                                                  "*",  "%",  "~",  "[",  "]",  "(",  ")", "{", "}",
                                                                  ">",  "<",  "=",  ".",  ":",  "|",  ",", ";"};
    const auto found = std::ranges::find_if(kSymbols, [&](auto text) { return looking_at(text); });
    if (found == kSymbols.end()) {
      fail(cat("unexpected character \"", printable(std::string_view(source_).substr(at_, 4)), "\""));
    }
    const char c = found->front();
    if (c == '(' || c == '[' || c == '{') brackets += c == '(' ? ')' : c == '[' ? ']' : '}';
    if (c == ')' || c == ']' || c == '}') {
      if (brackets.empty()) fail(cat("unexpected \"", c, "\""));
      if (brackets.back() != c) fail(cat("unexpected \"", c, "\", expected \"", brackets.back(), "\""));
      brackets.pop_back();
    }
    push(TokenType::symbol, std::string(*found));
    at_ += found->size();
  }

  std::string source_;
  size_t at_ = 0;
  int line_ = 1;
  bool line_starting_ = true;  // the text starts a line: white space in front of a block tag is dropped
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view source) { return Lexer(source).run(); }

}  // namespace r1v::jinja
