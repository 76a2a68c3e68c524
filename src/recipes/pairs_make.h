// Preference pairs from a policy's own samples, by rule, by a reward model's scores, by both or by chance.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "recipes/pair_rules.h"

namespace r1v {

class RewardModel;

struct PairsMakeOptions {
  std::filesystem::path questions;
  std::vector<std::filesystem::path> answers;
  std::filesystem::path out;
  std::string by = "rule";
  std::optional<double> threshold;
  std::string format = "on";
  int64_t per_question = 4;
  std::string concise = "off";
  uint64_t seed = 0;
  bool skip_bad = false;

  void fields(auto& field) {
    field("questions", questions, "JSON lines of questions with \"answer\" and \"kind\"");
    field("answers", answers,
          "JSON lines printed by `r1v ask --json-lines --n K`; with --best-of K candidates have scores");
    field("out", out, "file of preference lines to write; picture paths are rewritten when it lies in another folder");
    field("by", by,
          "who says what is better: rule (right over wrong), reward (the best score over the worst, then the second "
          "best over the second worst, ...), rule+reward (the same where the best is right and the worst wrong) or "
          "random (a control)");
    field("threshold", threshold,
          "with scores: least distance between them; the scale is the reward model's (R1V2 tried 7, 10 and 15)");
    field(
        "format", format,
        "on: an answer without exactly one closed thought and one \\boxed{} behind it is never chosen; off: it may be");
    field("per-question", per_question, "pairs a question, at most; 0 only with --concise on");
    field("concise", concise, "on: also the shortest right answer against one that is right and much longer");
    field("seed", seed, "another seed takes other pairs where there are more than wanted");
    field("skip-bad", skip_bad, "leaves bad lines out and counts them instead of stopping at the first");
  }
};

struct PairsMakeCounts {
  int64_t questions = 0, unanswered = 0, without_gold = 0;  // of questions; a question without gold has no pairs
  int64_t all_right = 0, all_wrong = 0, mixed = 0;          // by its judged samples; none judged: neither
  int64_t samples = 0, right = 0, wrong = 0, no_verdict = 0, cut_off = 0, empty = 0;
  int64_t malformed = 0;             // of samples: those that the format rule keeps from being chosen
  int64_t close = 0, disagreed = 0;  // pairs left out: by --threshold, by verify
  int64_t pairs = 0, concise_pairs = 0, bad_lines = 0;

  std::string by = "rule";

  std::string text() const;
};

/// The text of a candidate with the opening tag that the chat template had written in its place.
std::string whole_answer(const std::string& text);

/// Scores of whole answers to the question of a line, whose picture paths start from `root`.
using AnswerScorer =
    std::function<std::vector<double>(const Json& line, const std::filesystem::path& root, const std::string& where,
                                      const std::vector<std::string>& texts)>;
/// The model must live longer.
AnswerScorer answer_scorer(const RewardModel& model);

/// Without `score` the answers' own scores are used where a rule needs them.
/// throws InputError: naming file, line and key; a file without lines; an answer to no question; a question's id
/// twice; an answer without a score where one is needed.
PairsMakeCounts make_pairs(const PairsMakeOptions& options, const AnswerScorer& score = {});

}  // namespace r1v
