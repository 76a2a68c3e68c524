// Tables of words; nothing here knows about expressions.
#include "verify/word.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "verify/clean.h"

namespace r1v {
namespace {

constexpr std::array<std::string_view, 20> kUnits = {
    "zero", "one",    "two",    "three",    "four",     "five",    "six",     "seven",     "eight",    "nine",
    "ten",  "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr std::array<std::string_view, 10> kTens = {"",      "",      "twenty",  "thirty", "forty",
                                                    "fifty", "sixty", "seventy", "eighty", "ninety"};
// Words that change a number instead of naming what is counted.
constexpr std::array<std::string_view, 26> kNotUnits = {
    "dozen",    "dozens", "hundred", "hundreds", "thousand", "thousands", "million", "millions", "billion",
    "trillion", "half",   "halves",  "quarter",  "quarters", "third",     "thirds",  "and",      "or",
    "plus",     "minus",  "times",   "over",     "squared",  "cubed",     "pi",      "sqrt"};
constexpr std::string_view kOneLetterUnits = "mgshlLNJWVAKCFt";

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

template <size_t size>  // one function for tables of any length
int64_t index_in(const std::array<std::string_view, size>& table, std::string_view word) {
  const auto found = std::find(table.begin(), table.end(), word);
  return found == table.end() || word.empty() ? -1 : found - table.begin();
}

std::vector<std::string> words_of(std::string_view text, std::string_view separators) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (separators.find(c) == std::string_view::npos) {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

std::string squeezed(std::string_view text) {
  std::string out = clean_words(text);
  std::erase(out, ' ');
  if (out.size() > 1 && out[0] == '0' && is_time_of_day(out)) out.erase(0, 1);
  return out;
}

// "m", "cm", "apples"; a single letter must be a common unit.
bool is_unit_word(std::string_view word, bool is_spaced) {
  if (changes_number(word)) return false;
  if (word.size() == 1) return kOneLetterUnits.find(word[0]) != std::string_view::npos;
  return is_spaced || word.size() >= 2;
}

// Length of a power at the end of a unit: "^2", "^{3}".
size_t unit_power(std::string_view text) {
  for (const std::string_view power : {"^2", "^3", "^{2}", "^{3}", "^{-1}", "^{-2}", "^-1", "^-2"}) {
    if (!text.ends_with(power)) continue;
    size_t size = power.size();
    while (size < text.size() && text[text.size() - size - 1] == ' ') ++size;  // from "\text{cm}^2"
    if (size < text.size() && is_letter(text[text.size() - size - 1])) return size;
  }
  return 0;
}

}  // namespace

bool changes_number(std::string_view word) { return index_in(kNotUnits, lower(word)) >= 0; }

bool is_time_of_day(std::string_view text) {
  const std::vector<std::string> words = words_of(lower(trim_answer(text)), " ");
  if (words.empty() || words.size() > 2 || (words.size() == 2 && words[1] != "am" && words[1] != "pm")) return false;
  const std::string& time = words[0];
  const size_t colon = time.find(':');
  if (colon == std::string::npos || colon < 1 || colon > 2 || time.size() != colon + 3) return false;
  return std::all_of(time.begin(), time.end(), [](char c) { return is_digit(c) || c == ':'; });
}

bool same_words(std::string_view gold, std::string_view given) {
  const std::string wanted = squeezed(gold);
  return !wanted.empty() && wanted == squeezed(given);
}

std::optional<int64_t> number_from_words(std::string_view text) {
  int64_t total = 0, group = 0;
  bool is_negative = false, is_any = false;
  for (const std::string& word : words_of(clean_words(text), " ")) {
    const int64_t unit = index_in(kUnits, word), ten = index_in(kTens, word);
    if (word == "minus" || word == "negative") {
      if (is_any) return std::nullopt;
      is_negative = true;
    } else if (unit >= 0 || ten >= 0) {
      const int64_t below = unit < 0 ? 100 : unit < 10 ? 10 : 100;  // "twenty one", not "one twenty"
      if (is_any && (group % below != 0 || (group % 100 == 10 && unit >= 0))) return std::nullopt;
      group += unit >= 0 ? unit : ten * 10;
      is_any = true;
    } else if (word == "hundred") {
      if (group > 9) return std::nullopt;
      group = std::max<int64_t>(group, 1) * 100;
      is_any = true;
    } else if (word == "thousand" || word == "million") {
      if (group > 999) return std::nullopt;
      total += std::max<int64_t>(group, 1) * (word == "thousand" ? 1000 : 1000000);
      group = 0;
      is_any = true;
    } else if (word != "and" || !is_any) {
      return std::nullopt;
    }
  }
  if (!is_any) return std::nullopt;
  return is_negative ? -(total + group) : total + group;
}

std::optional<std::string> without_unit(std::string_view text) {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  size_t end = text.size();
  bool is_command = false;  // the number ends in one: "8\\pi cm"
  while (end > 0 && !is_command) {
    const char c = text[end - 1];
    if (is_letter(c)) {
      size_t begin = end;
      while (begin > 0 && is_letter(text[begin - 1])) --begin;
      const bool has_slash = begin > 0 && text[begin - 1] == '\\';
      is_command = has_slash && text.substr(begin, end - begin) != "degree";  // "30 \\degree C"
      if (!is_command) end = has_slash ? begin - 1 : begin;
    } else if (c == ' ' || (c == '/' && end < text.size() && is_letter(text[end])) || c == '.') {
      --end;
    } else if (const size_t power = unit_power(text.substr(0, end))) {
      end -= power;
    } else {
      break;
    }
  }
  if (end == 0 || end == text.size()) return std::nullopt;
  const char last = text[end - 1];
  if (!is_command && !is_digit(last) && std::string_view(")}!%").find(last) == std::string_view::npos)
    return std::nullopt;
  const bool is_spaced = text[end] == ' ';
  const std::vector<std::string> words = words_of(text.substr(end), " /.^-123{}\\");
  const bool is_unit = !words.empty() && words.size() <= 6 && std::all_of(words.begin(), words.end(), [&](auto& word) {
    return is_unit_word(word, is_spaced);
  });
  return is_unit ? std::optional(std::string(text.substr(0, end))) : std::nullopt;
}

}  // namespace r1v
