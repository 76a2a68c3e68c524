// Two tables and one pass each.
#include "verify/clean.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace r1v {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

// Unicode spellings.
constexpr std::array kSymbols = {
    Pair{"\u2212", "-"},
    Pair{"\u2013", "-"},
    Pair{"\u00D7", "*"},
    Pair{"\u00B7", "*"},
    Pair{"\u22C5", "*"},
    Pair{"\u2219", "*"},
    Pair{"\u2217", "*"},
    Pair{"\u00F7", "/"},
    Pair{"\u2044", "/"},
    Pair{"\u03C0", "\\pi "},
    Pair{"\u221A", "\\sqrt "},
    Pair{"\u00B2", "^2"},
    Pair{"\u00B3", "^3"},
    Pair{"\u00BD", "\\frac{1}{2}"},
    Pair{"\u00BC", "\\frac{1}{4}"},
    Pair{"\u00BE", "\\frac{3}{4}"},
    Pair{"\u2153", "\\frac{1}{3}"},
    Pair{"\u2154", "\\frac{2}{3}"},
    Pair{"\u00B0", "\\degree "},
    Pair{"\u20AC", ""},
    Pair{"\u00A3", ""},
    Pair{"\u00A5", ""},
    Pair{"\u2248", "="},
    Pair{"\u221E", "\\infty "},
    Pair{"\u2264", "\\le "},
    Pair{"\u2265", "\\ge "},
    Pair{"\u2260", "\\ne "},
    Pair{"\u222A", "\\cup "},
    Pair{"\u2229", "\\cap "},
    Pair{"\u2208", "\\in "},
    Pair{"\u2205", "\\emptyset "},
    Pair{"\u211D", "\\mathbb{R}"},
    Pair{"\u27E8", "("},
    Pair{"\u27E9", ")"},
    Pair{"\u00B1", "\\pm "},
    Pair{"\u00A0", " "},
    Pair{"\u2009", " "},
    Pair{"\u202F", " "},
    Pair{"\u3000", " "},
    Pair{"\uFF0C", ","},
    Pair{"\u00B5", "\\mu "},
    Pair{"\u2019", "'"},
};

// LaTeX commands that mean nothing here, or the same as something shorter. Names without the backslash.
constexpr std::array kCommands = {
    Pair{"left", ""},
    Pair{"right", ""},
    Pair{"mleft", ""},
    Pair{"mright", ""},
    Pair{"big", ""},
    Pair{"Big", ""},
    Pair{"bigl", ""},
    Pair{"bigr", ""},
    Pair{"Bigl", ""},
    Pair{"Bigr", ""},
    Pair{"displaystyle", ""},
    Pair{"textstyle", ""},
    Pair{"limits", ""},
    Pair{"quad", " "},
    Pair{"qquad", " "},
    Pair{"dfrac", "\\frac "},
    Pair{"tfrac", "\\frac "},
    Pair{"cfrac", "\\frac "},
    Pair{"dbinom", "\\binom "},
    Pair{"tbinom", "\\binom "},
    Pair{"cdot", "*"},
    Pair{"times", "*"},
    Pair{"ast", "*"},
    Pair{"div", "/"},
    Pair{"approx", "="},
    Pair{"simeq", "="},
    Pair{"equiv", "="},
    Pair{"colon", ":"},
    Pair{"lvert", "|"},
    Pair{"rvert", "|"},
    Pair{"vert", "|"},
    Pair{"mid", "|"},
    Pair{"degree", "\\degree "},
    Pair{"lbrace", "\\{"},
    Pair{"rbrace", "\\}"},
    Pair{"leq", "\\le "},
    Pair{"geq", "\\ge "},
    Pair{"neq", "\\ne "},
    Pair{"leqslant", "\\le "},
    Pair{"geqslant", "\\ge "},
    Pair{"vec", " "},
    Pair{"angle", " "},
    Pair{"triangle", " "},
    Pair{"lVert", "|"},
    Pair{"rVert", "|"},
    Pair{"land", " and "},
    Pair{"lor", " or "},
};

constexpr std::array<std::string_view, 15> kWrappers = {"fbox",         "text",   "textbf", "textit", "textrm",
                                                        "mathrm",       "mathbf", "mathit", "mathsf", "mbox",
                                                        "operatorname", "bm",     "textsf", "mathtt", "boldsymbol"};

template <typename Table>  // arrays of different lengths
const Pair* find_prefix(const Table& table, std::string_view text) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Pair& p) { return text.starts_with(p.first); });
  return found == table.end() ? nullptr : &*found;
}

template <typename Table>
const Pair* find_name(const Table& table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Pair& p) { return p.first == name; });
  return found == table.end() ? nullptr : &*found;
}

// "^\circ" and "^{\circ}": length of the degree mark that starts the text.
size_t degree_mark(std::string_view text) {
  for (const std::string_view mark : {"^\\circ", "^{\\circ}", "^ \\circ", "^{ \\circ }"}) {
    if (text.starts_with(mark)) return mark.size();
  }
  return 0;
}

class MathCleaner {
 public:
  explicit MathCleaner(std::string_view text)
      : text_(text), keeps_rows_(text.find("\\begin") != std::string_view::npos) {}

  std::string run() {
    while (at_ < text_.size()) step();
    return std::move(out_);
  }

 private:
  void step() {
    const std::string_view rest = text_.substr(at_);
    const char c = rest[0];
    if (c == '\\') return command(rest);
    if (const size_t size = degree_mark(rest)) {
      out_ += "\\degree ";
      at_ += size;
    } else if (rest.starts_with("{,}")) {
      out_ += ',';
      at_ += 3;
    } else if (rest.starts_with("**")) {
      out_ += '^';
      at_ += 2;
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      const Pair* symbol = find_prefix(kSymbols, rest);
      out_ += symbol != nullptr ? symbol->second : rest.substr(0, 1);
      at_ += symbol != nullptr ? symbol->first.size() : 1;
    } else {
      out_ += c == '$' || c == '~' || is_space(c) ? ' ' : c;
      ++at_;
    }
  }

  void command(std::string_view rest) {
    if (rest.size() > 2 && rest[1] == '\\' && is_letter(rest[2]) && !keeps_rows_) {  // "\\frac": escaped once too often
      ++at_;
      return;
    }
    size_t size = 1;
    while (size < rest.size() && is_letter(rest[size])) ++size;
    if (size == 1) return punctuation(rest);
    const std::string_view name = rest.substr(1, size - 1);
    at_ += size;
    if (std::find(kWrappers.begin(), kWrappers.end(), name) != kWrappers.end()) return unwrap();
    if (const Pair* known = find_name(kCommands, name)) {
      out_ += known->second;
    } else {
      out_.append(rest.substr(0, size));
      out_ += ' ';
    }
  }

  void punctuation(std::string_view rest) {
    const char next = rest.size() > 1 ? rest[1] : ' ';
    at_ += std::min<size_t>(2, rest.size());
    if (next == '%') out_ += '%';
    if (next == '{' || next == '}') out_ += {'\\', next};
    if (next == '|') out_ += '|';
    if (next == '\\') out_ += ';';
    if (next == ' ' || next == ';' || next == ':') out_ += ' ';  // "\," and "\!" vanish: they stand inside numbers
  }

  void unwrap() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    if (at_ >= text_.size() || text_[at_] != '{') return;
    const size_t behind = closing_brace(text_, at_);
    if (behind == std::string_view::npos) return;
    out_ += ' ' + MathCleaner(text_.substr(at_ + 1, behind - at_ - 2)).run() + ' ';
    at_ = behind;
  }

  std::string_view text_;
  bool keeps_rows_;  // "\\" ends a matrix row
  size_t at_ = 0;
  std::string out_;
};

constexpr std::string_view kWordMarkup = "*_`\"'{}$()[]~-\t\r\n";

bool is_edge(char c) { return is_space(c) || std::string_view("*`\"'$").find(c) != std::string_view::npos; }

}  // namespace

std::string clean_math(std::string_view text) { return MathCleaner(text).run(); }

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  return out;
}

std::string clean_words(std::string_view text) {
  std::string spaced;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {  // commands say how words look
      while (i + 1 < text.size() && is_letter(text[i + 1])) ++i;
      spaced += ' ';
    } else {
      spaced += kWordMarkup.find(text[i]) != std::string_view::npos ? ' ' : text[i];
    }
  }
  std::string out;
  for (const char c : lower(spaced)) {
    if (c != ' ' || (!out.empty() && out.back() != ' ')) out += c;
  }
  while (!out.empty() && std::string_view(" .,;:!?").find(out.back()) != std::string_view::npos) out.pop_back();
  for (const std::string_view article : {"the ", "a ", "an "}) {
    if (out.size() > article.size() && out.starts_with(article)) return out.substr(article.size());
  }
  return out;
}

std::string_view trim_answer(std::string_view text) {
  const auto strip = [&] {
    while (!text.empty() && is_edge(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_edge(text.back())) text.remove_suffix(1);
  };
  strip();
  for (const auto& [open, close] : {Pair{"\\[", "\\]"}, Pair{"\\(", "\\)"}}) {
    if (text.size() < 4 || !text.starts_with(open) || !text.ends_with(close)) continue;
    text = text.substr(2, text.size() - 4);
    strip();
  }
  while (!text.empty() && (text.back() == '.' || text.back() == ',' || text.back() == ';')) {
    text.remove_suffix(1);
    strip();
  }
  return text;
}

size_t closing_brace(std::string_view text, size_t open) {
  int depth = 0;
  for (size_t i = open; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '{') {
      ++depth;
    } else if (text[i] == '}' && --depth == 0) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

}  // namespace r1v
