// Splits at commas outside of brackets, then at equals signs; "\pm" makes two answers of one.
#include "verify/answer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/error.h"
#include "verify/clean.h"

namespace r1v {
namespace {

using Tokens = std::span<const Token>;

constexpr size_t kMaxItems = 64;
constexpr int kMaxDepth = 8;

int step_of(const Token& token) {
  if (token.kind == Token::Kind::command) return token.text == "begin" ? 1 : token.text == "end" ? -1 : 0;
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

bool is_comma(const Token& token) { return token.is(",") || token.is(";") || token.is("and") || token.is("or"); }

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

bool is_name(const Token& token) { return token.kind == Token::Kind::symbol; }

// "x", "(x, y)", "f(x)", "A": names and marks that carry no value.
bool is_only_names(Tokens tokens) {
  return std::ranges::all_of(tokens, [](const Token& token) {
    return is_name(token) || token.is("(") || token.is(")") || token.is(",") || token.is("_") || token.is("{") ||
           token.is("}");
  });
}

bool is_relation(const Token& token) {
  for (const std::string_view mark : {"=", "<", ">", "<=", ">=", "!=", "in"}) {
    if (token.is(mark)) return true;
  }
  return false;
}

// A lone i or e on the left of = is a variable: "i = 2".
Expression parse_left(Tokens tokens) {
  const bool is_lone = tokens.size() == 1 && is_name(tokens.front());
  return is_lone ? parse_expression(tokens, {lower(tokens.front().text)}) : parse_expression(tokens);
}

Answer parse_side(Tokens tokens, int depth);

Answer parse_equation(std::vector<Tokens> sides, int depth) {
  std::erase_if(sides, [](Tokens side) { return side.empty(); });  // "= 4", "\\approx 3.5"
  if (sides.empty()) throw Undecidable{"the answer is empty"};
  Answer answer = parse_side(sides.back(), depth);
  if (sides.size() == 1) return answer;
  if (answer.form == Answer::Form::value) {
    answer.form = Answer::Form::equation;
    answer.left = parse_left(sides.front());
  } else if (!is_only_names(sides.front())) {
    throw Undecidable{"an equation between things that are not numbers"};
  }
  return answer;  // "(x, y) = (1, 2)" is the pair
}

Answer::Link parse_link(Tokens left, const Token& mark, Tokens right) {
  const bool is_turned = mark.is(">") || mark.is(">=");
  Answer::Link link = {parse_expression(left), parse_expression(right), Answer::Comparison::less};
  if (is_turned) std::swap(link.left, link.right);
  if (mark.is("<=") || mark.is(">=")) link.comparison = Answer::Comparison::less_or_equal;
  if (mark.is("!=")) link.comparison = Answer::Comparison::unequal;
  return link;
}

// Sides with relation marks between them: equations, inequalities and their chains, membership.
Answer parse_statement(Tokens tokens, int depth) {
  const std::vector<Tokens> sides = split(tokens, is_relation);
  std::vector<const Token*> marks;  // marks[i] stands in front of sides[i + 1]
  for (size_t i = 1; i < sides.size(); ++i) marks.push_back(sides[i].data() - 1);
  const auto is_mark = [](std::string_view text) { return [text](const Token* mark) { return mark->is(text); }; };
  if (std::ranges::all_of(marks, is_mark("="))) return parse_equation(sides, depth);
  if (std::ranges::any_of(marks, is_mark("in"))) {
    if (marks.size() > 1 || !is_only_names(sides[0])) throw Undecidable{"a membership among other relations"};
    return parse_side(sides[1], depth);
  }
  if (std::ranges::any_of(marks, is_mark("="))) throw Undecidable{"a chain of = and inequalities"};
  Answer answer;
  answer.form = Answer::Form::relation;
  for (size_t i = 0; i < marks.size(); ++i) answer.links.push_back(parse_link(sides[i], *marks[i], sides[i + 1]));
  return answer;
}

// "\\cup", "\\cap", "\\setminus", and U between brackets.
bool is_set_operator(Tokens tokens, size_t i) {
  for (const std::string_view mark : {"cup", "cap", "minus"}) {
    if (tokens[i].is(mark)) return true;
  }
  return is_name(tokens[i]) && tokens[i].text == "U" && i > 0 && i + 1 < tokens.size() && step_of(tokens[i - 1]) < 0 &&
         step_of(tokens[i + 1]) > 0;
}

// The last set operator outside of brackets; none: tokens.size().
size_t find_set_operator(Tokens tokens) {
  int depth = 0;
  for (size_t i = tokens.size(); i-- > 0;) {
    depth += step_of(tokens[i]);
    if (depth == 0 && is_set_operator(tokens, i)) return i;
  }
  return tokens.size();
}

// "\\mathbb{R}", "\\emptyset".
std::string set_name(Tokens tokens) {
  if (tokens.empty() || tokens.front().kind != Token::Kind::command) return "";
  const std::string& name = tokens.front().text;
  if (tokens.size() == 1 && (name == "emptyset" || name == "varnothing")) return "empty";
  if (name != "mathbb") return "";
  std::string letter;
  for (const Token& token : tokens.subspan(1)) {
    if (is_name(token)) letter += token.text;
  }
  const bool is_known = letter.size() == 1 && std::string_view("NZQRC").find(letter) != std::string_view::npos;
  if (!is_known || tokens.size() > 4) throw Undecidable{"a set that is not known"};
  return letter;
}

Answer set_of(std::string name) {
  Answer answer;
  answer.form = Answer::Form::set;
  answer.name = std::move(name);
  return answer;
}

// "\\begin{pmatrix} ... \\end{pmatrix}" with a factor in front or none; determinants are values.
std::optional<Answer> parse_matrix(Tokens tokens, int depth) {
  const auto begin =
      std::ranges::find_if(tokens, [](const Token& token) { return token.text == "begin" && step_of(token) == 1; });
  const auto first = static_cast<size_t>(begin - tokens.begin());
  if (tokens.size() < first + 4 || step_of(tokens[tokens.size() - 2]) != -1 || tokens[first + 1].text == "vmatrix" ||
      tokens[tokens.size() - 2].text != "end")
    return std::nullopt;
  if (first > 0 && tokens[first - 1].text == "det") return std::nullopt;
  const Tokens factor = tokens.first(first);
  Answer answer;
  answer.form = Answer::Form::matrix;
  std::vector<Tokens> rows =
      split(tokens.subspan(first + 2, tokens.size() - first - 4), [](const Token& token) { return token.is(";"); });
  if (rows.back().empty()) rows.pop_back();
  for (const Tokens row : rows) {
    const std::vector<Tokens> cells = split(row, [](const Token& token) { return token.is("&"); });
    answer.num_columns = cells.size();
    if (answer.items.size() % cells.size() != 0 || answer.items.size() > kMaxItems)
      throw Undecidable{"a matrix of uneven rows or too large"};
    for (const Tokens cell : cells) {
      std::vector<Token> scaled(factor.begin(), factor.end());
      if (!factor.empty()) scaled.push_back({Token::Kind::mark, "("});
      scaled.insert(scaled.end(), cell.begin(), cell.end());
      if (!factor.empty()) scaled.push_back({Token::Kind::mark, ")"});
      answer.items.push_back(parse_side(scaled, depth + 1));
    }
  }
  if (answer.items.empty() || answer.items.size() != rows.size() * answer.num_columns)
    throw Undecidable{"a matrix of uneven rows"};
  return answer;
}

// What may stand on one side of a relation.
Answer parse_side(Tokens tokens, int depth) {
  if (depth > kMaxDepth) throw Undecidable{"the answer is nested too deeply"};
  if (const size_t at = find_set_operator(tokens); at < tokens.size()) {
    Answer answer = set_of(tokens[at].is("cap") || tokens[at].is("minus") ? tokens[at].text : "cup");
    for (const Tokens operand : {tokens.first(at), tokens.subspan(at + 1)})
      answer.items.push_back(parse_side(operand, depth + 1));
    return answer;
  }
  if (std::string name = set_name(tokens); !name.empty()) return set_of(std::move(name));
  const bool has_sign = !tokens.empty() && (tokens.front().is("+") || tokens.front().is("-"));
  if (tokens.size() == (has_sign ? 2u : 1u) && tokens.back().kind == Token::Kind::command &&
      tokens.back().text == "infty") {
    Answer answer;
    answer.form = Answer::Form::infinity;
    answer.sign = tokens.front().is("-") ? -1 : 1;
    return answer;
  }
  if (auto matrix = parse_matrix(tokens, depth)) return *std::move(matrix);
  if (is_wrapped(tokens)) return parse_list(tokens, depth + 1);
  Answer answer;
  answer.value = parse_expression(tokens);
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
  } else {
    items.push_back(parse_statement(tokens, depth));
  }
  if (items.size() > kMaxItems || depth > kMaxDepth) throw Undecidable{"the list is too long or nested too deeply"};
}

Answer parse_value(Tokens tokens) {
  Answer answer;
  answer.value = parse_expression(tokens);
  return answer;
}

// "x | x > 2" inside braces: what follows the bar.
Tokens without_set_builder(Tokens inner) {
  for (size_t i = 1; i + 1 < inner.size() && i < 8; ++i) {
    if ((inner[i].is("|") || inner[i].is(":")) && is_name(inner[0]) && (i == 1 || inner[1].is("in")))
      return inner.subspan(i + 1);
  }
  return inner;
}

Answer parse_list(Tokens tokens, int depth) {
  if (depth > kMaxDepth) throw Undecidable{"the list is nested too deeply"};
  Answer answer;
  answer.form = Answer::Form::list;
  const bool is_closed_in = is_wrapped(tokens) && tokens.front().kind == Token::Kind::mark;
  if (is_closed_in) {
    Tokens inner = tokens.subspan(1, tokens.size() - 2);
    const bool is_set = tokens.front().is("\\{");
    if (is_set) inner = without_set_builder(inner);
    if (inner.empty() && is_set) return set_of("empty");
    const bool is_statement = std::ranges::any_of(inner, is_relation) || find_set_operator(inner) < inner.size();
    if (split(inner, is_comma).size() == 1 && !is_set && !is_statement) {
      // Plain brackets around one thing mean nothing, wherever they close.
      return is_wrapped(inner) ? parse_list(inner, depth + 1) : parse_value(tokens);
    }
    answer.open = is_set || tokens.front().is("{") ? '{' : tokens.front().text[0];
    answer.close = is_set || tokens.back().is("}") ? '}' : tokens.back().text[0];
    tokens = inner;
  }
  for (const Tokens part : split(tokens, is_comma)) {
    if (!part.empty()) parse_item(part, depth, answer.items);  // ", and"
  }
  answer.is_alternative = std::ranges::any_of(tokens, [](const Token& token) { return token.is("or"); });
  answer.is_conjunction = std::ranges::any_of(tokens, [](const Token& token) { return token.is("and"); });
  if (answer.items.empty()) throw Undecidable{"the answer is empty"};
  if (answer.items.size() == 1) return Answer(std::move(answer.items.front()));
  return answer;
}

}  // namespace

bool Answer::is_assignment() const {
  if (form != Form::equation || left.has_number || left.symbols.empty()) return false;
  return std::none_of(left.symbols.begin(), left.symbols.end(), [&](const std::string& symbol) {
    return left.symbols.size() == 1 && value.symbols.contains(symbol);
  });
}

Answer parse_answer(std::string_view text) {
  const std::vector<Token> tokens = lex(clean_math(text));
  if (tokens.empty()) throw Undecidable{"the answer is empty"};
  return parse_list(tokens, 0);
}

}  // namespace r1v
