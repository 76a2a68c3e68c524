// One fact of a reading replaced, or two exchanged, so that the text alone gives no clue.
#include <algorithm>
#include <map>
#include <ranges>

#include "base/error.h"
#include "gym/hallucinate.h"
#include "gym/words.h"

namespace r1v {

namespace {

enum class Fact { none, color, shape, number };

struct Rule {
  bool things = false, numbers = false;  // which facts may change
  bool replace = true;                   // false: only exchange (the parts of a pie make 100)
  bool distinct = false;                 // a value that is there already is not taken again
};

/// Families that are left out have facts that depend on each other: a changed one would give itself away.
const Rule* rule_of(const std::string& family) {
  static const std::map<std::string, Rule> rules = {
      {"count_objects", {.things = true}},
      {"relation", {.things = true, .distinct = true}},
      {"what_is_there", {.things = true, .distinct = true}},
      {"bar_chart", {.numbers = true, .distinct = true}},
      {"line_chart", {.numbers = true, .distinct = true}},
      {"pie_chart", {.numbers = true, .replace = false}},
      {"table_lookup", {.numbers = true, .distinct = true}},
      {"map_path", {.numbers = true}},
      {"dice", {.numbers = true}},
      {"coins", {.numbers = true}},
  };
  const auto rule = rules.find(family);
  return rule == rules.end() ? nullptr : &rule->second;
}

Fact fact_of(const std::string& word) {
  if (std::ranges::find(kColors, word) != kColors.end()) return Fact::color;
  if (std::ranges::find(kShapes, word) != kShapes.end()) return Fact::shape;
  if (std::ranges::all_of(word, [](unsigned char c) { return std::isdigit(c); })) return Fact::number;
  return Fact::none;
}

bool may_change(const Rule& rule, Fact fact) {
  return fact == Fact::number ? rule.numbers : fact != Fact::none && rule.things;
}

/// The text with its i-th word replaced.
std::string with_words(const std::string& text, const std::vector<std::string>& before,
                       const std::vector<std::string>& after) {
  std::string out;
  size_t at = 0;
  for (size_t i = 0; i < before.size(); ++i) {
    const size_t found = text.find(before[i], at);
    R1V_CHECK(found != std::string::npos, "the words of a text stand in it");
    out += text.substr(at, found - at) + after[i];
    at = found + before[i].size();
  }
  return out + text.substr(at);
}

/// "gina 11", "red star": what stands between commas, semicolons and colons.
std::vector<std::string> claims_of(const std::string& text) {
  std::vector<std::string> claims(1);
  for (const char c : text) {
    if (c == ',' || c == ';' || c == ':') {
      claims.emplace_back();
    } else if (c != ' ' || !claims.back().empty()) {
      claims.back() += c;
    }
  }
  return claims;
}

struct Change {
  std::string text;
  std::vector<std::string> before, after;  // the words that changed
};

std::optional<Change> exchange_two(const Rule& rule, const std::string& reading, const std::vector<std::string>& words,
                                   size_t i, Rng& rng) {
  std::vector<size_t> partners;
  for (size_t k = 0; k < words.size(); ++k) {
    if (fact_of(words[k]) == fact_of(words[i]) && words[k] != words[i]) partners.push_back(k);
  }
  if (partners.empty() || !may_change(rule, fact_of(words[i]))) return std::nullopt;
  std::vector<std::string> after = words;
  const size_t k = rng.pick(partners);
  std::swap(after[i], after[k]);
  return Change{with_words(reading, words, after), {words[i], words[k]}, {words[i], words[k]}};
}

std::optional<Change> replace_one(const Rule& rule, const std::string& reading, const std::vector<std::string>& words,
                                  size_t i, const std::vector<Sibling>& others, Rng& rng) {
  std::vector<std::string> values;
  for (const Sibling& other : others) {
    for (const std::string& word : other.words) {
      const bool taken = rule.distinct && std::ranges::find(words, word) != words.end();
      if (fact_of(word) == fact_of(words[i]) && word != words[i] && !taken) values.push_back(word);
    }
  }
  if (values.empty()) return std::nullopt;
  std::vector<std::string> after = words;
  after[i] = rng.pick(values);
  return Change{with_words(reading, words, after), {words[i]}, {after[i]}};
}

std::optional<Change> try_change(const std::string& family, const std::string& reading,
                                 const std::vector<Sibling>& others, Rng& rng) {
  const Rule* rule = rule_of(family);
  if (rule == nullptr) return std::nullopt;
  const std::vector<std::string> words = words_of(reading);
  std::vector<size_t> places;
  for (size_t i = 0; i < words.size(); ++i) {
    if (may_change(*rule, fact_of(words[i]))) places.push_back(i);
  }
  if (places.empty()) return std::nullopt;
  const size_t i = rng.pick(places);
  std::optional<Change> change = !rule->replace || rng.chance(0.5) ? exchange_two(*rule, reading, words, i, rng)
                                                                   : replace_one(*rule, reading, words, i, others, rng);
  if (change && words_only_in(claims_of(change->text), claims_of(reading)) == 0) return std::nullopt;
  return change;
}

/// Whether the steps speak of the word: itself, or a form of it ("stars").
bool speaks_of(const std::vector<std::string>& words, const std::string& word) {
  const bool is_number = fact_of(word) == Fact::number;
  return std::ranges::any_of(words, [&](const std::string& one) {
    return is_number ? one == word : one.starts_with(word.substr(0, std::min<size_t>(word.size(), 5)));
  });
}

/// New numbers must leave the largest and the smallest where they are: the steps may speak of them.
bool keeps_extremes(const std::vector<std::string>& changed, const std::string& reading) {
  std::vector<int> numbers;
  for (const std::string& word : words_of(reading)) {
    if (fact_of(word) == Fact::number && word.size() < 6) numbers.push_back(std::stoi(word));
  }
  return std::ranges::all_of(changed, [&](const std::string& word) {
    if (fact_of(word) != Fact::number) return true;
    return word.size() < 6 && std::stoi(word) > std::ranges::min(numbers) &&
           std::stoi(word) < std::ranges::max(numbers);
  });
}

}  // namespace

std::optional<std::string> change_fact(const std::string& family, const std::string& reading,
                                       const std::vector<Sibling>& others, Rng& rng) {
  for (int attempt = 0; attempt < 8; ++attempt) {
    if (auto change = try_change(family, reading, others, rng)) return change->text;
  }
  return std::nullopt;
}

std::optional<std::string> change_unused_fact(const Task& task, const std::vector<Sibling>& others, Rng& rng) {
  const size_t end = task.solution.find(". ");
  const bool two_lines = task.family == "line_chart" && task.transcript.find(':') != std::string::npos;
  if (end == std::string::npos || two_lines) return std::nullopt;  // every value of two lines is compared
  const std::string reading = task.solution.substr(0, end), rest = task.solution.substr(end);
  const std::vector<std::string> used = words_of(rest + " " + task.question);
  for (int attempt = 0; attempt < 16; ++attempt) {
    const auto change = try_change(task.family, reading, others, rng);
    if (!change) continue;
    std::vector<std::string> changed = change->before;
    changed.insert(changed.end(), change->after.begin(), change->after.end());
    const bool unused = std::ranges::none_of(changed, [&](const std::string& word) { return speaks_of(used, word); });
    if (unused && keeps_extremes(changed, reading)) return change->text + rest;
  }
  return std::nullopt;
}

}  // namespace r1v
