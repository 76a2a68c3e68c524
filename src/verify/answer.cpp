// Splits at commas outside of brackets, then at equals signs; "\pm" makes two answers of one.
#include "verify/answer.h"

#include <algorithm>

#include "base/error.h"
#include "verify/clean.h"

namespace r1v {
namespace {

using Tokens = std::span<const Token>;

constexpr size_t kMaxItems = 64;
constexpr int kMaxDepth = 8;

int step_of(const Token& token) {
  if (token.kind != Token::Kind::mark) return 0;
  for (const std::string_view open : {"(", "[", "{", "\\{"}) {
    if (token.text == open) return 1;
  }
  for (const std::string_view close : {")", "]", "}", "\\}"}) {
    if (token.text == close) return -1;
  }
  return 0;
}

// Parts between marks that stand outside of brackets; throws when brackets do not pair up.
template <typename IsMark>  // a lambda
std::vector<Tokens> split(Tokens tokens, IsMark is_mark) {
  std::vector<Tokens> parts;
  size_t begin = 0;
  int depth = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    depth += step_of(tokens[i]);
    if (depth < 0) throw Undecidable{"the brackets do not match"};
    if (depth == 0 && is_mark(tokens[i])) {
      parts.push_back(tokens.subspan(begin, i - begin));
      begin = i + 1;
    }
  }
  if (depth != 0) throw Undecidable{"the brackets do not match"};
  parts.push_back(tokens.subspan(begin));
  return parts;
}

bool is_comma(const Token& token) { return token.is(",") || token.is(";"); }

// The bracket that closes the first token is the last token.
bool is_wrapped(Tokens tokens) {
  if (tokens.size() < 2 || step_of(tokens.front()) != 1) return false;
  int depth = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    depth += step_of(tokens[i]);
    if (depth == 0) return i + 1 == tokens.size();
  }
  return false;
}

Answer parse_list(Tokens tokens, int depth);

Answer parse_equation(Tokens tokens) {
  std::vector<Tokens> sides = split(tokens, [](const Token& token) { return token.is("="); });
  std::erase_if(sides, [](Tokens side) { return side.empty(); });  // "= 4", "\approx 3.5"
  if (sides.empty()) throw Undecidable{"the answer is empty"};
  Answer answer;
  answer.value = parse_expression(sides.back());
  if (sides.size() > 1) {
    answer.form = Answer::Form::equation;
    answer.left = parse_expression(sides.front());
  }
  return answer;
}

// One item of a list; "a \pm b" are two.
void parse_item(Tokens tokens, int depth, std::vector<Answer>& items) {
  const auto sign = std::find_if(tokens.begin(), tokens.end(), [](const Token& token) {
    return token.kind == Token::Kind::command && (token.text == "pm" || token.text == "mp");
  });
  if (sign != tokens.end()) {
    for (const char* replacement : {"+", "-"}) {
      std::vector<Token> copy(tokens.begin(), tokens.end());
      copy[static_cast<size_t>(sign - tokens.begin())] = {Token::Kind::mark, replacement, false};
      parse_item(copy, depth + 1, items);
    }
  } else if (is_wrapped(tokens)) {
    items.push_back(parse_list(tokens, depth + 1));
  } else {
    items.push_back(parse_equation(tokens));
  }
  if (items.size() > kMaxItems || depth > kMaxDepth) throw Undecidable{"the list is too long or nested too deeply"};
}

Answer parse_list(Tokens tokens, int depth) {
  if (depth > kMaxDepth) throw Undecidable{"the list is nested too deeply"};
  Answer answer;
  answer.form = Answer::Form::list;
  if (is_wrapped(tokens)) {
    const Tokens inner = tokens.subspan(1, tokens.size() - 2);
    const bool is_set = tokens.front().is("\\{");
    if (split(inner, is_comma).size() == 1 && !is_set) {
      // Plain brackets around one thing mean nothing, wherever they close.
      return is_wrapped(inner) ? parse_list(inner, depth + 1) : parse_equation(tokens);
    }
    answer.open = is_set || tokens.front().is("{") ? '{' : tokens.front().text[0];
    answer.close = is_set || tokens.back().is("}") ? '}' : tokens.back().text[0];
    tokens = inner;
  }
  for (const Tokens part : split(tokens, is_comma)) {
    if (!part.empty()) parse_item(part, depth, answer.items);  // ", and"
  }
  if (answer.items.empty()) throw Undecidable{"the answer is empty"};
  if (answer.items.size() == 1) return std::move(answer.items.front());
  return answer;
}

}  // namespace

bool Answer::is_assignment() const {
  if (form != Form::equation || left.has_number || left.symbols.empty()) return false;
  return std::none_of(left.symbols.begin(), left.symbols.end(), [&](const std::string& name) {
    return left.symbols.size() == 1 && value.symbols.contains(name);
  });
}

Answer parse_answer(std::string_view text) {
  const std::vector<Token> tokens = lex(clean_math(text));
  if (tokens.empty()) throw Undecidable{"the answer is empty"};
  return parse_list(tokens, 0);
}

}  // namespace r1v
