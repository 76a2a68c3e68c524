// Box, then phrase, then guesses; every step is linear in the text.
#include "verify/extract.h"

#include <algorithm>
#include <cctype>

#include "verify/clean.h"
#include "verify/word.h"

namespace r1v {
namespace {

using Source = Extraction::Source;
constexpr size_t kShort = 200;  // bytes that may be an answer as they stand

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

// End of the sentence that starts at `begin`: a line break, or a full stop before white space or the end.
size_t sentence_end(std::string_view text, size_t begin) {
  for (size_t i = begin; i < text.size(); ++i) {
    if (text[i] == '\n') return i;
    if (text[i] == '.' && (i + 1 == text.size() || is_space(text[i + 1]) || text[i + 1] == '*')) return i;
  }
  return text.size();
}

// "\boxed{8} and \boxed{9}": what stands between boxes that are one answer.
bool is_joint(std::string_view gap) {
  std::string words;
  for (const char c : lower(gap)) {
    if (!is_space(c) && c != '$') words += c;
  }
  for (const std::string_view joint : {"", ",", ";", "and", "or", ",and", ",or"}) {
    if (words == joint) return true;
  }
  return false;
}

// Boxes in front of the one that starts at `at` which belong to the same answer; the last one first.
std::vector<std::string> joined_boxes(std::string_view text, size_t at) {
  std::vector<std::string> found;
  while (at > 0 && found.size() < 16) {
    const size_t before = text.rfind("\\boxed{", at - 1);
    if (before == std::string_view::npos) break;
    const size_t open = before + std::string_view("\\boxed").size();
    const size_t behind = closing_brace(text.substr(0, at), open);
    if (behind == std::string_view::npos || !is_joint(text.substr(behind, at - behind))) break;
    found.emplace_back(trim_answer(text.substr(open + 1, behind - open - 2)));
    at = before;
  }
  return found;
}

constexpr std::string_view kBox = "\\boxed";

size_t brace_of_box(std::string_view text, size_t at) {
  size_t open = at + kBox.size();
  while (open < text.size() && text[open] == ' ') ++open;
  return open;
}

// The outermost box that holds the one at `at` and is closed; itself when none does. One pass.
size_t outermost_box(std::string_view text, size_t at) {
  std::vector<size_t> open;  // of every open brace: where its \boxed stands, npos for another one
  size_t num_around = 0, outermost = at, box = std::string_view::npos;  // box: seen, its brace not yet
  for (size_t i = 0; i < text.size(); ++i) {
    if (i == at) num_around = open.size();
    if (i > at && num_around == 0) break;
    if (text[i] == '{') {
      open.push_back(box);
    } else if (text[i] == '}' && !open.empty()) {
      if (i > at && open.size() <= num_around) {
        if (open.back() != std::string_view::npos) outermost = open.back();
        --num_around;
      }
      open.pop_back();
    }
    const bool is_box = text.compare(i, kBox.size(), kBox) == 0;
    if (is_box) {
      box = i;
      i += kBox.size() - 1;
    } else if (text[i] != ' ') {
      box = std::string_view::npos;
      if (text[i] == '\\') ++i;
    }
  }
  return outermost;
}

// Without boxes that are all there is in it.
std::string_view unboxed(std::string_view inside) {
  for (int depth = 0; depth < 16 && inside.starts_with(kBox); ++depth) {
    const size_t open = brace_of_box(inside, 0);
    if (open >= inside.size() || inside[open] != '{' || closing_brace(inside, open) != inside.size()) break;
    inside = trim_answer(inside.substr(open + 1, inside.size() - open - 2));
  }
  return inside;
}

Extraction boxed(std::string_view text, size_t at) {
  at = outermost_box(text, at);
  const size_t open = brace_of_box(text, at);
  if (open >= text.size() || text[open] != '{') return {Source::none, "", "the last \\boxed has no braces"};
  const size_t behind = closing_brace(text, open);
  if (behind == std::string_view::npos) return {Source::none, "", "the last \\boxed{ is never closed"};
  const std::string_view inside = unboxed(trim_answer(text.substr(open + 1, behind - open - 2)));
  if (inside.empty()) return {Source::none, "", "the last \\boxed{} is empty"};
  if (inside.find(kBox) != std::string_view::npos) return {Source::none, "", "the last \\boxed{} holds other boxes"};
  std::string answer(inside);
  for (const std::string& earlier : joined_boxes(text, at)) {
    if (earlier != inside) answer = earlier + ", " + answer;
  }
  return {Source::boxed, answer, ""};
}

// What the formula that starts the text says; empty when none does.
std::string leading_formula(std::string_view text) {
  for (const auto& [open, close] :
       {std::pair{"$$", "$$"}, std::pair{"$", "$"}, std::pair{"\\(", "\\)"}, std::pair{"\\[", "\\]"}}) {
    const size_t inside = std::string_view(open).size();
    const size_t end = text.starts_with(open) ? text.find(close, inside) : std::string_view::npos;
    if (end != std::string_view::npos && end > inside)
      return std::string(trim_answer(text.substr(inside, end - inside)));
  }
  return "";
}

// What follows "answer" at `at`: "answer is 9", "Answer: 9", "answer:\n9".
std::string behind_phrase(std::string_view text, size_t at) {
  size_t i = at + std::string_view("answer").size();
  bool is_linked = false;
  while (i < text.size()) {
    const std::string_view rest = text.substr(i);
    if (rest[0] == ':' || rest[0] == '=') {
      is_linked = true;
      ++i;
    } else if (rest.starts_with(" is ") || rest.starts_with(" is:") || rest.starts_with(" is\n")) {
      is_linked = true;
      i += 3;
    } else if (rest[0] == '*' || is_space(rest[0])) {
      ++i;
    } else {
      break;
    }
  }
  if (!is_linked) return "";
  std::string formula = leading_formula(text.substr(i));
  if (!formula.empty()) return formula;
  return std::string(trim_answer(text.substr(i, sentence_end(text, i) - i)));
}

std::string last_phrase(std::string_view text) {
  const std::string small = lower(text);
  for (size_t at = small.rfind("answer"); at != std::string::npos;
       at = at == 0 ? at - 1 : small.rfind("answer", at - 1)) {
    std::string found = behind_phrase(text, at);
    if (!found.empty()) return found;
  }
  return "";
}

// The last of $...$, $$...$$, \(...\), \[...\].
std::string last_formula(std::string_view text) {
  size_t best_end = 0;
  std::string best;
  for (const auto& [open, close] : {std::pair{"\\(", "\\)"}, std::pair{"\\[", "\\]"}, std::pair{"$", "$"}}) {
    const size_t end = text.rfind(close);
    if (end == std::string_view::npos || end == 0) continue;
    size_t stop = end;
    while (stop > 0 && text[stop - 1] == '$' && *open == '$') --stop;  // "$$"
    const size_t begin = stop == 0 ? std::string_view::npos : text.rfind(open, stop - 1);
    if (begin == std::string_view::npos || end < best_end) continue;
    const size_t from = begin + std::string_view(open).size();
    if (*open == '$' && std::count(text.begin(), text.begin() + static_cast<long>(end) + 1, '$') % 2 != 0) continue;
    best_end = end;
    best = trim_answer(text.substr(from, stop - from));
  }
  return best;
}

std::string last_statement(std::string_view text) {
  const size_t line = text.rfind('\n');
  std::string_view sentence = trim_answer(line == std::string_view::npos ? text : text.substr(line + 1));
  const size_t stop = sentence.rfind(". ");
  if (stop != std::string_view::npos) sentence = sentence.substr(stop + 2);
  size_t best = std::string_view::npos;
  for (const std::string_view link : {" is ", " are ", "=", ": ", " equals "}) {
    const size_t at = sentence.rfind(link);
    if (at != std::string_view::npos)
      best = best == std::string_view::npos ? at + link.size() : std::max(best, at + link.size());
  }
  return best == std::string_view::npos ? "" : std::string(trim_answer(sentence.substr(best)));
}

std::string last_with_digit(std::string_view text) {
  const size_t digit = text.find_last_of("0123456789");
  if (digit == std::string_view::npos) return "";
  size_t begin = digit, end = digit;
  while (begin > 0 && !is_space(text[begin - 1])) --begin;
  while (end < text.size() && !is_space(text[end])) ++end;
  size_t word_end = std::min(end + 1, text.size());
  while (word_end < text.size() && is_letter(text[word_end])) ++word_end;
  if (word_end > end + 1 && changes_number(text.substr(end + 1, word_end - end - 1))) end = word_end;  // "3 dozen"
  std::string_view run = trim_answer(text.substr(begin, end - begin));
  if (run.size() > 2 && run.front() == '[' && run.back() == ']') run = run.substr(1, run.size() - 2);
  while (!run.empty() && std::string_view(")?!:").find(run.back()) != std::string_view::npos &&
         run.find('(') == std::string_view::npos) {
    run.remove_suffix(1);
  }
  return std::string(run);
}

}  // namespace

Extraction find_answer(std::string_view output) {
  const size_t close = output.rfind("</think>");
  if (close != std::string_view::npos) output.remove_prefix(close + std::string_view("</think>").size());
  if (output.find("<think>") != std::string_view::npos) return {Source::none, "", "the thinking never ends"};
  const size_t box = output.rfind("\\boxed");
  if (box != std::string_view::npos) return boxed(output, box);
  std::string phrase = last_phrase(output);
  if (!phrase.empty()) return {Source::phrase, std::move(phrase), ""};
  const std::string_view text = trim_answer(output);
  if (text.empty()) return {Source::none, "", "there is no answer"};
  return {Source::text, std::string(text), ""};
}

std::vector<std::string> loose_candidates(std::string_view text) {
  std::vector<std::string> candidates;
  if (text.size() <= kShort) candidates.emplace_back(text);
  for (std::string (*find)(std::string_view) : {last_formula, last_statement, last_with_digit}) {
    std::string found = find(text);
    if (!found.empty() && found.size() <= kShort) candidates.push_back(std::move(found));
  }
  return candidates;
}

}  // namespace r1v
