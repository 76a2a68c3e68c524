// The gym knows what is right and what is on its pictures.
#include <algorithm>
#include <utility>

#include "base/error.h"
#include "gym/siblings.h"
#include "recipes/judge.h"
#include "verify/verify.h"

namespace r1v {
namespace {

/// "I see ..." sentences, else the first sentence, without tags: what the answer claims to see.
std::vector<std::string> readings_of(const std::string& answer) {
  std::string text = answer.starts_with("<think>") ? answer.substr(7) : answer;
  text = text.substr(0, text.find("</think>"));
  std::vector<std::string> sentences, readings;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(". ", begin), text.size());
    sentences.push_back(text.substr(begin, end - begin));
    begin = end + 2;
  }
  std::ranges::copy_if(sentences, std::back_inserter(readings),
                       [](const std::string& sentence) { return sentence.find("I see") != std::string::npos; });
  if (readings.empty() && !sentences.empty()) readings.push_back(sentences.front());
  return readings;
}

/// Two words that follow each other, as one: "gina 11".
std::vector<std::string> pairs_of(const std::vector<std::string>& words) {
  std::vector<std::string> pairs;
  for (size_t i = 0; i + 1 < words.size(); ++i) pairs.push_back(words[i] + " " + words[i + 1]);
  return pairs;
}

/// Most words, and most pairs of words, of one reading that the transcript does not have.
std::pair<size_t, size_t> falsehoods(const std::string& answer, const std::string& transcript) {
  const std::vector<std::string> truth = words_of("I see " + transcript);
  std::pair<size_t, size_t> most;
  for (const std::string& reading : readings_of(answer)) {
    const std::vector<std::string> words = words_of(reading);
    most = std::max(most, {words_only_in(words, truth), words_only_in(pairs_of(words), pairs_of(truth))});
  }
  return most;
}

template <typename Value>
Better less_is_better(const Value& first, const Value& second) {
  return first < second ? Better::first : second < first ? Better::second : Better::equal;
}

class GymJudge final : public Judge {
 public:
  std::vector<JudgedMatch> verdicts(std::span<const Match> matches) override {
    std::vector<JudgedMatch> judged;
    for (const Match& match : matches) judged.push_back({.better = better(match), .error = ""});
    return judged;
  }

  std::vector<Rating> ratings(std::span<const PairsLine* const> lines, Criterion criterion) override {
    std::vector<Rating> rated;
    for (const PairsLine* line : lines) {
      try {
        rated.push_back({.value = rating(*line, criterion), .error = ""});
      } catch (const InputError& error) {
        rated.push_back({.value = std::nullopt, .error = error.what()});
      }
    }
    return rated;
  }

  /// What is on the picture, then the answer: nothing that the oracle does not know.
  std::vector<Rewrite> rewrites(std::span<const PairsLine* const> lines) override {
    std::vector<Rewrite> rewritten;
    for (const PairsLine* line : lines) {
      const std::string transcript = json_string_or(line->json, "transcript", "", line->where);
      const std::string& gold = line->parsed.answer;
      rewritten.emplace_back();
      if (transcript.empty() && gold.empty()) continue;
      rewritten.back().answer = gold.empty() ? cat("I see ", transcript, ".")
                                : transcript.empty()
                                    ? cat("\\boxed{", gold, "}")
                                    : cat("<think>\nI see ", transcript, ".\n</think>\n\n\\boxed{", gold, "}");
    }
    return rewritten;
  }

 private:
  static double rating(const PairsLine& line, Criterion criterion) {
    if (criterion == Criterion::quality) return 10;
    if (criterion == Criterion::necessity)
      return json_string_or(line.json, "transcript", "", line.where).empty() ? 0 : 10;
    if (criterion == Criterion::integration) {
      throw InputError(cat(line.where, ": the gym's oracle does not rate how text and pictures belong together"));
    }
    if (!line.json.contains("level")) {
      throw InputError(cat(line.where,
                           ": has no \"level\", by which the gym's oracle rates; questions that are not the "
                           "gym's need --judge endpoint or a model"));
    }
    const int64_t level = json_int(line.json, "level", line.where);
    if (level < 1 || level > 5) throw InputError(cat(line.where, ": found the level ", level, ", expected 1 to 5"));
    if (criterion != Criterion::sample) return static_cast<double>(2 * level);
    const PreferenceLine& said = line.parsed;
    if (said.answer.empty())
      throw InputError(cat(line.where, ": has no right answer, by which the gym's oracle judges"));
    const Verdict verdict = verify_answer(said.answer, said.chosen, answer_kind(said.kind));
    if (!verdict.correct) throw InputError(cat(line.where, ": could not be decided: ", verdict.reason));
    return *verdict.correct ? static_cast<double>(level) : 0;
  }

  static Better better(const Match& match) {
    const PreferenceLine& line = match.line->parsed;
    const std::string transcript = json_string_or(match.line->json, "transcript", "", match.line->where);
    if (!line.answer.empty()) {
      const AnswerKind kind = answer_kind(line.kind);
      const Verdict first = verify_answer(line.answer, match.first, kind);
      const Verdict second = verify_answer(line.answer, match.second, kind);
      if (!first.correct || !second.correct) return Better::unknown;
      if (*first.correct != *second.correct) return *first.correct ? Better::first : Better::second;
      if (!*first.correct) return Better::equal;
    }
    if (!transcript.empty()) {
      const Better truth = less_is_better(falsehoods(match.first, transcript), falsehoods(match.second, transcript));
      if (truth != Better::equal) return truth;
    }
    if (line.answer.empty()) return transcript.empty() ? Better::unknown : Better::equal;
    const size_t first = match.first.size(), second = match.second.size();
    return 2 * std::max(first, second) < 3 * std::min(first, second) ? Better::equal : less_is_better(first, second);
  }
};

}  // namespace

std::unique_ptr<Judge> make_gym_judge() { return std::make_unique<GymJudge>(); }

}  // namespace r1v
