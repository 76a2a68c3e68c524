// Preference pairs from a policy's own samples: right ones against wrong ones of the same question.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"
#include "verify/verify.h"

namespace r1v {

struct PairsMakeOptions {
  std::filesystem::path questions;
  std::vector<std::filesystem::path> answers;
  std::filesystem::path out;
  int64_t per_question = 4;
  std::string concise = "off";
  uint64_t seed = 0;
  bool skip_bad = false;

  void fields(auto& field) {
    field("questions", questions, "JSON lines of questions with \"answer\" and \"kind\"");
    field("answers", answers, "JSON lines printed by `r1v ask --json-lines --n K`");
    field("out", out, "file of preference lines to write; picture paths are rewritten when it lies in another folder");
    field("per-question", per_question, "pairs of a right and a wrong answer, at most");
    field("concise", concise, "on: also the shortest right answer against one that is right and much longer");
    field("seed", seed, "another seed takes other pairs where there are more than wanted");
    field("skip-bad", skip_bad, "leaves bad lines out and counts them instead of stopping at the first");
  }
};

struct PairsMakeCounts {
  int64_t questions = 0, unanswered = 0, without_gold = 0;  // of questions; a question without gold has no pairs
  int64_t all_right = 0, all_wrong = 0, mixed = 0;          // by its judged samples; none judged: neither
  int64_t samples = 0, right = 0, wrong = 0, no_verdict = 0, cut_off = 0;
  int64_t pairs = 0, concise_pairs = 0, bad_lines = 0;

  std::string text() const;
};

/// One sampled answer as training wants it, and what verify says about it.
struct JudgedSample {
  std::string text;       // whole, with the "<think>\n" that the prompt had opened
  std::string extracted;  // its final answer
  bool right = false;
};

/// The text of a candidate with the opening tag that the chat template had written in its place.
std::string whole_answer(const std::string& text);

struct AnswerPair {
  std::string chosen, rejected;
};
/// Up to `count` different pairs (right, wrong) of different texts; as many different wrong final answers as there are.
std::vector<AnswerPair> right_wrong_pairs(const std::vector<JudgedSample>& samples, int64_t count, uint64_t seed);
/// The shortest right answer and the longest one, when that is at least half as long again; otherwise nothing.
std::vector<AnswerPair> concise_pairs(const std::vector<JudgedSample>& samples);

/// throws InputError: naming file, line and key; an answer to no question; a question's id twice.
PairsMakeCounts make_pairs(const PairsMakeOptions& options);

}  // namespace r1v
