// Puts the parts together: find the answer, decide what kind it is, compare, give the reason.
#include "verify/verify.h"

#include <algorithm>
#include <cctype>
#include <exception>

#include "base/error.h"
#include "base/rng.h"
#include "verify/choice.h"
#include "verify/clean.h"
#include "verify/equal.h"
#include "verify/extract.h"
#include "verify/unit.h"
#include "verify/word.h"

namespace r1v {
namespace {

using Source = Extraction::Source;
constexpr size_t kMaxBytes = 4096;  // of a gold or extracted answer

std::vector<std::string> candidates_of(const Extraction& found) {
  return found.source == Source::text ? loose_candidates(found.text) : std::vector{found.text};
}

// A value, bare or behind an equals sign.
bool has_value(const Answer& answer) {
  return answer.form == Answer::Form::value || answer.form == Answer::Form::equation;
}

Answer integer_answer(int64_t value) { return parse_answer(std::to_string(value)); }

std::string without_lead(std::string_view text) {
  const std::string small = lower(text);
  for (const std::string_view lead : {"about ", "approximately ", "approx. ", "roughly ", "exactly ", "only "}) {
    if (small.starts_with(lead)) return std::string(text.substr(lead.size()));
  }
  return std::string(text);
}

std::optional<Answer> parsed(const std::string& text) {
  try {
    return parse_answer(text);
  } catch (const Undecidable&) {
    return std::nullopt;
  }
}

struct Reading {
  Answer answer;
  std::optional<Unit> unit;  // that was cut off, where it is a known one
};

// "12 cm", "9 apples", "x = 9 cm": the number alone, if that is what stands in front.
std::optional<Reading> parsed_without_unit(const std::string& text) {
  const std::string clean = clean_math(text);
  const auto head = without_unit(clean);
  auto answer = head ? parsed(*head) : std::nullopt;
  const bool is_number = answer && has_value(*answer) && answer->value.symbols.empty();
  if (!is_number) return std::nullopt;
  return Reading{*std::move(answer), read_unit(std::string_view(clean).substr(head->size()))};
}

// `wants_number`: letters behind a number are rather its unit than variables.
Reading read_answer(const std::string& raw, bool wants_number) {
  const std::string text = without_lead(raw);
  auto answer = parsed(text);
  const bool has_letters = answer && has_value(*answer) && !answer->value.symbols.empty();
  const bool has_imaginary = answer && has_value(*answer) && answer->value.has_imaginary;  // "12 in" is no 12 i n
  if (answer && !(wants_number && has_letters) && !(has_imaginary && has_letters)) return {*std::move(answer), {}};
  if (auto plain = parsed_without_unit(text)) return *std::move(plain);
  if (const auto value = number_from_words(text)) return {integer_answer(*value), {}};
  if (answer) return {*std::move(answer), {}};
  return {parse_answer(text), {}};  // throws the reason
}

// "2m" as gold is a product, "2 m" and "2cm" are lengths.
Reading read_gold(const std::string& text) {
  const std::string clean = clean_math(text);
  const size_t size = clean.size();
  const bool is_product = size > 1 && std::isalpha(static_cast<unsigned char>(clean[size - 1])) != 0 &&
                          std::isdigit(static_cast<unsigned char>(clean[size - 2])) != 0;
  return read_answer(text, !is_product);
}

// The value of `found` in the unit of `wanted`.
void convert(Reading& found, const Unit& wanted) {
  Expression& value = found.answer.value;
  const auto scale = [&](Operation operation, int64_t first, int64_t second) {
    for (const int64_t factor : {first, second}) {
      const int before = static_cast<int>(value.nodes.size()) - 1;
      value.nodes.push_back({Operation::number, std::to_string(factor), {}, {}});
      value.nodes.push_back({operation, "", {before, before + 1}, {}});
    }
  };
  scale(Operation::multiply, found.unit->top, wanted.bottom);
  scale(Operation::divide, found.unit->bottom, wanted.top);
}

// "0,5" where the other side is one number.
Answer with_decimal_comma(const Answer& answer, const Answer& other, const std::string& text) {
  const bool may_be =
      answer.form == Answer::Form::list && answer.open == 0 && answer.items.size() == 2 && has_value(other);
  const size_t comma = text.find(',');
  if (!may_be || comma == std::string::npos || comma + 1 >= text.size()) return answer;
  if (std::isdigit(static_cast<unsigned char>(text[comma + 1])) == 0) return answer;
  std::string with_point = text;
  with_point[comma] = '.';
  return parsed(with_point).value_or(answer);
}

uint64_t seed_of(std::string_view gold, std::string_view given) { return mix_seed(mix_seed(0, gold), given); }

bool same_text(std::string_view a, std::string_view b) {
  std::string left = clean_math(trim_answer(a)), right = clean_math(trim_answer(b));
  std::erase(left, ' ');
  std::erase(right, ' ');
  return left == right;
}

Verdict differs(const std::string& gold, const std::string& given) {
  return {false, given, cat("\"", printable(given, 60), "\" is not \"", printable(gold, 60), "\"")};
}

// Why two readings cannot mean the same measure; empty when they may. Converts `found` where units differ.
std::string settle_units(const Reading& wanted, Reading& found) {
  if (!wanted.unit || !found.unit) return "";  // a unit that one side leaves out is taken as meant
  if (wanted.unit->measures_the_same(*found.unit)) {
    convert(found, *wanted.unit);
    return "";
  }
  const bool is_unclear = wanted.unit->is_ambiguous || found.unit->is_ambiguous;
  return is_unclear ? "" : "the units measure different things";
}

Verdict compare_mathematics(const std::string& gold, const std::string& given) {
  if (same_text(gold, given)) return {true, given, "the same text"};
  Reading wanted, found;
  try {
    wanted = read_gold(gold);
  } catch (const Undecidable& problem) {
    return {std::nullopt, given, cat("the gold answer cannot be compared: ", problem.reason)};
  }
  const bool wants_number = has_value(wanted.answer) && wanted.answer.value.symbols.empty();
  try {
    found = read_answer(given, wants_number);
  } catch (const Undecidable& problem) {
    if (problem.is_prose) return differs(gold, given);
    return {std::nullopt, given, cat("the answer cannot be compared: ", problem.reason)};
  }
  if (std::string problem = settle_units(wanted, found); !problem.empty()) return {false, given, std::move(problem)};
  try {
    found.answer = with_decimal_comma(found.answer, wanted.answer, given);
    wanted.answer = with_decimal_comma(wanted.answer, found.answer, gold);
    if (!same_answer(wanted.answer, found.answer, seed_of(gold, given))) return differs(gold, given);
    return {true, given, cat("\"", printable(given, 60), "\" equals \"", printable(gold, 60), "\"")};
  } catch (const Undecidable& problem) {
    return {std::nullopt, given, cat("cannot decide: ", problem.reason)};
  }
}

// LaTeX without any word: parts of it are no answers of their own, even where the whole cannot be read.
bool is_formula_alone(const std::string& text) {
  const std::string clean = clean_math(text);
  bool has_command = false;
  for (size_t i = 0; i < clean.size();) {
    size_t end = i;
    while (end < clean.size() && std::isalpha(static_cast<unsigned char>(clean[end])) != 0) ++end;
    const bool is_command = end > i && i > 0 && clean[i - 1] == '\\';
    if (end - i > 1 && !is_command) return false;
    has_command = has_command || is_command;
    i = std::max(end, i + 1);
  }
  return has_command;
}

// Among guesses the first that is mathematics counts, right or wrong: trying all would let an answer name them all.
Verdict judge_mathematics(const std::string& gold, const std::vector<std::string>& candidates) {
  Verdict verdict;
  for (const std::string& candidate : candidates) {
    const bool is_last = &candidate == &candidates.back();
    const bool is_prose = !is_last && !parsed(without_lead(candidate)) && !parsed_without_unit(candidate) &&
                          !number_from_words(candidate) && !same_text(gold, candidate) && !is_formula_alone(candidate);
    if (is_prose) continue;
    return compare_mathematics(gold, candidate);
  }
  return {false, "", "there is no answer"};
}

Verdict judge_words(const std::string& gold, const std::vector<std::string>& candidates) {
  for (const std::string& candidate : candidates) {
    if (same_words(gold, candidate)) return {true, candidate, "the same words"};
  }
  if (number_from_words(gold)) return judge_mathematics(gold, candidates);
  return differs(gold, candidates.empty() ? "" : candidates.back());
}

Verdict judge_choice(char gold, const Extraction& found) {
  const auto letter = choice_letter(found.text);
  if (!letter) return {false, found.text, "the answer names no single option"};
  const bool is_same = *letter == gold;
  return {is_same, std::string(1, *letter), cat("option ", *letter, is_same ? "" : cat(", not ", gold))};
}

AnswerKind guess_kind(const std::string& gold) {
  const std::string clean = clean_math(gold);
  const auto is_alnum = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  const bool is_single = std::count_if(clean.begin(), clean.end(), is_alnum) == 1;
  if (is_single && clean.find_first_of("ABCDEFGHIJ") != std::string::npos) return AnswerKind::choice;
  if (is_time_of_day(gold)) return AnswerKind::word;
  try {
    parse_answer(gold);
    return AnswerKind::expression;
  } catch (const Undecidable& problem) {
    const bool is_number = parsed_without_unit(gold).has_value();
    return problem.is_prose && !is_number ? AnswerKind::word : AnswerKind::expression;
  }
}

Verdict judge(std::string_view gold_text, std::string_view answer, AnswerKind kind) {
  const Extraction boxed_gold = find_answer(gold_text);
  const std::string gold(boxed_gold.source == Source::boxed ? boxed_gold.text : trim_answer(gold_text));
  const Extraction found = find_answer(answer);
  if (found.source == Source::none) return {false, "", found.problem};
  if (gold.empty()) return {std::nullopt, found.text, "the gold answer is empty"};
  const bool is_too_long = gold.size() > kMaxBytes || (found.source != Source::text && found.text.size() > kMaxBytes);
  if (is_too_long) return {std::nullopt, found.text, cat("an answer of more than ", kMaxBytes, " bytes")};
  if (kind == AnswerKind::any) kind = guess_kind(gold);
  const auto letter = choice_letter(gold);
  if (kind == AnswerKind::choice && letter) return judge_choice(*letter, found);
  const std::vector<std::string> candidates = candidates_of(found);
  const bool is_mathematics = kind == AnswerKind::number || kind == AnswerKind::expression;
  if (is_mathematics && !is_time_of_day(gold)) return judge_mathematics(gold, candidates);
  return judge_words(gold, candidates);
}

}  // namespace

AnswerKind answer_kind(std::string_view name) {
  if (name.empty() || name == "any") return AnswerKind::any;
  if (name == "number") return AnswerKind::number;
  if (name == "choice") return AnswerKind::choice;
  if (name == "word" || name == "text") return AnswerKind::word;
  if (name == "expression") return AnswerKind::expression;
  throw InputError(
      cat("answer kind \"", printable(name), "\", expected number, choice, word, text, expression or any"));
}

std::string extract_answer(std::string_view output) {
  const Extraction found = find_answer(output);
  const std::vector<std::string> candidates = candidates_of(found);
  return candidates.empty() ? "" : candidates.front();
}

Verdict verify_answer(std::string_view gold, std::string_view answer, AnswerKind kind) {
  try {
    return judge(gold, answer, kind);
  } catch (const Undecidable& problem) {
    return {std::nullopt, "", cat("cannot decide: ", problem.reason)};
  } catch (const std::exception& error) {
    return {std::nullopt, "", cat("could not decide: ", printable(error.what()))};
  }
}

}  // namespace r1v
