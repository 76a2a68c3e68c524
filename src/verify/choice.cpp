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
  if (small.ends_with(" a") || answer.size() < 2) return std::nullopt;
  // "The correct one is C": a last single capital.
  const char last = answer.back();
  return !is_alnum(answer[answer.size() - 2]) && last >= 'A' && last <= 'J' ? std::optional(last) : std::nullopt;
}

}  // namespace r1v
