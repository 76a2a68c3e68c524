// Boxes are read behind the thought; repeats are found by hashing every stretch of words.
#include "report/answer_signs.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <set>
#include <unordered_set>
#include <vector>

#include "base/error.h"
#include "verify/clean.h"

namespace r1v {
namespace {

constexpr std::string_view kBox = "\\boxed", kClose = "</think>";
constexpr size_t kShortestRun = 5, kLongRun = 16;  // words
constexpr size_t kMaxShown = 120;                  // bytes of a box in a sentence

std::string_view behind_thought(std::string_view text) {
  const size_t close = text.rfind(kClose);
  return close == std::string_view::npos ? text : text.substr(close + kClose.size());
}

// What the closed boxes of the answer hold.
std::vector<std::string_view> box_contents(std::string_view text) {
  const std::string_view answer = behind_thought(text);
  std::vector<std::string_view> contents;
  for (size_t at = answer.find(kBox); at != std::string_view::npos; at = answer.find(kBox, at + 1)) {
    const size_t open = at + kBox.size();
    if (open >= answer.size() || answer[open] != '{') continue;
    const size_t behind = closing_brace(answer, open);
    if (behind != std::string_view::npos) contents.push_back(answer.substr(open + 1, behind - open - 2));
  }
  return contents;
}

bool is_word_byte(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0; }

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  bool is_open = false;
  for (const char c : text) {
    if (is_word_byte(c) && !is_open) words.emplace_back();
    is_open = is_word_byte(c);
    if (is_open) words.back() += c;
  }
  return words;
}

bool is_choice_letter(char c) { return c >= 'A' && c <= 'J'; }

// The options' letters in a box that holds nothing else: "A, C", "ABD", "\text{A or B}".
std::set<char> letters_in(std::string_view box) {
  std::set<char> letters;
  for (const std::string& word : words_of(box)) {
    if (word == "text" || word == "mathrm" || word == "textbf" || word == "and" || word == "or") continue;
    if (word.size() > 10 || !std::ranges::all_of(word, is_choice_letter)) return {};
    letters.insert(word.begin(), word.end());
  }
  return letters;
}

// The comma of 1,000 is no separator.
bool is_thousands_comma(std::string_view text, size_t at) {
  const auto digit = [&](size_t i) {
    return i < text.size() && std::isdigit(static_cast<unsigned char>(text[i])) != 0;
  };
  return at > 0 && digit(at - 1) && digit(at + 1) && digit(at + 2) && digit(at + 3) && !digit(at + 4);
}

bool has_separator(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ';') return true;
    if (text[i] == ',' && !is_thousands_comma(text, i) && (i + 1 == text.size() || text[i + 1] != '}')) return true;
  }
  const std::vector<std::string> words = words_of(lower(text));
  return std::ranges::any_of(words, [](const std::string& word) { return word == "or" || word == "and"; });
}

size_t hash_of(const std::vector<std::string>& words, size_t begin, size_t count) {
  size_t hash = 0;
  for (size_t i = begin; i < begin + count; ++i) hash = hash * 1000003 + std::hash<std::string>()(words[i]);
  return hash;
}

// Without <TOKENS> and their counts, which no person wrote.
std::string plain_words(std::string_view question) {
  std::string out;
  bool in_token = false;
  for (const char c : question) {
    if (c == '<') in_token = true;
    if (!in_token) out += c;
    if (c == '>') {
      in_token = false;
      out += ' ';
    }
  }
  return lower(out);
}

}  // namespace

size_t num_boxes(std::string_view text) {
  const std::string_view answer = behind_thought(text);
  size_t number = 0;
  for (size_t at = answer.find(kBox); at != std::string_view::npos; at = answer.find(kBox, at + 1)) ++number;
  return number;
}

std::string crowded_box(std::string_view text, std::string_view gold) {
  const std::set<char> right = letters_in(gold);
  for (const std::string_view box : box_contents(text)) {
    const std::set<char> letters = letters_in(box);
    if (right.size() == 1 && letters.size() > 1) {
      return cat(letters.size(), " letters in one box: ", printable(box, kMaxShown));
    }
    if (has_separator(box) && !has_separator(gold)) {
      return cat("several answers in one box: ", printable(box, kMaxShown));
    }
  }
  return "";
}

std::string repeated_question(std::string_view text, std::string_view question) {
  const std::vector<std::string> asked = words_of(plain_words(question)), written = words_of(lower(text));
  const size_t stretch = std::clamp((3 * asked.size() + 3) / 4, kShortestRun, kLongRun);
  if (asked.size() < kShortestRun || written.size() < stretch) return "";
  std::unordered_set<size_t> stretches;
  for (size_t i = 0; i + stretch <= asked.size(); ++i) stretches.insert(hash_of(asked, i, stretch));
  size_t best = 0, best_end = 0, run = 0;
  for (size_t i = 0; i + stretch <= written.size(); ++i) {
    run = stretches.contains(hash_of(written, i, stretch)) ? run + 1 : 0;
    if (run > best) {
      best = run;
      best_end = i + stretch;
    }
  }
  std::string words;
  const size_t length = best == 0 ? 0 : best + stretch - 1;
  for (size_t i = best_end - length; i < best_end; ++i) words += (words.empty() ? "" : " ") + written[i];
  return words;
}

}  // namespace r1v
