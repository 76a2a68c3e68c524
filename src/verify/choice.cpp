// Looks at the front of the text, then for one letter in brackets, then behind "option".
#include "verify/choice.h"

#include <cctype>
#include <string>

#include "verify/clean.h"

namespace r1v {
namespace {

bool is_alnum(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

std::optional<char> as_letter(char c) {
  const char upper = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return upper >= 'A' && upper <= 'J' ? std::optional(upper) : std::nullopt;
}

// LaTeX wrappers and markdown gone, brackets kept.
std::string bare(std::string_view text) {
  std::string out;
  for (const char c : clean_math(text)) {
    if (std::string_view("{}*_^\"'`").find(c) == std::string_view::npos) out += c;
  }
  return std::string(trim_answer(out));
}

// All letters that stand alone in round brackets agree.
std::optional<char> bracketed(std::string_view text) {
  std::optional<char> found;
  for (size_t i = 0; i + 2 < text.size(); ++i) {
    if (text[i] != '(' || text[i + 2] != ')') continue;
    const auto letter = as_letter(text[i + 1]);
    if (letter && found && *letter != *found) return std::nullopt;
    if (letter) found = letter;
  }
  return found;
}

bool stands_alone(std::string_view text, size_t at) {
  return (at == 0 || !is_alnum(text[at - 1])) && (at + 1 == text.size() || !is_alnum(text[at + 1]));
}

// "The correct one is C": a single capital at the end, unless others were named with it ("A or C", "B, C").
std::optional<char> last_capital(std::string_view text) {
  if (text.size() < 2 || !stands_alone(text, text.size() - 1)) return std::nullopt;
  const char last = text.back();
  if (last < 'A' || last > 'J') return std::nullopt;
  std::string_view front = text.substr(0, text.size() - 1);
  while (!front.empty() && front.back() == ' ') front.remove_suffix(1);
  if (front.ends_with(" is") || front.ends_with(" be")) return last;
  for (const std::string_view joint : {" or", " and", " nor", ",", "/", "&", "+", "-", ";"}) {
    if (front.ends_with(joint)) return std::nullopt;
  }
  for (size_t i = 0; i < front.size(); ++i) {
    const bool is_article = front[i] == 'A' && i + 2 < front.size() && front[i + 1] == ' ' && is_alnum(front[i + 2]);
    const bool is_other = front[i] >= 'A' && front[i] <= 'J' && front[i] != last && stands_alone(front, i);
    if (is_other && !is_article) return std::nullopt;
  }
  return last;
}

}  // namespace

std::optional<char> choice_letter(std::string_view text) {
  const std::string answer = bare(text);
  if (answer.size() == 1) return as_letter(answer[0]);
  if (answer.size() == 3 && answer[0] == '(' && answer[2] == ')') return as_letter(answer[1]);
  // "B. 12", "B) 12", "B: 12", but not "A cat".
  if (answer.size() >= 2 && std::string_view(".):").find(answer[1]) != std::string_view::npos &&
      (answer.size() == 2 || !is_alnum(answer[2]))) {
    return as_letter(answer[0]);
  }
  if (const auto letter = bracketed(answer)) return letter;
  const std::string small = lower(answer);
  for (const std::string_view word : {"option ", "choice ", "answer "}) {
    const size_t at = small.rfind(word);
    if (at == std::string::npos) continue;
    size_t place = at + word.size();
    for (const std::string_view filler : {"is ", "option ", "("}) {
      if (small.compare(place, filler.size(), filler) == 0) place += filler.size();
    }
    if (place < answer.size() && (place + 1 == answer.size() || !is_alnum(answer[place + 1]))) {
      // A capital: "a" is an article.
      if (answer[place] >= 'A' && answer[place] <= 'J') return answer[place];
    }
  }
  return last_capital(answer);
}

}  // namespace r1v
