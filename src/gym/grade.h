// How many answers are right, by family and level, and how much of what they say they see is not there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>

#include "base/json.h"
#include "gym/claims.h"

namespace r1v {

struct Score {
  int64_t right = 0;
  int64_t asked = 0;

  double share() const { return asked ? static_cast<double>(right) / static_cast<double>(asked) : 0; }
};

/// The Wilson score interval at 95 % (z = 1.96) of a share that was seen in `size` trials.
std::pair<double, double> wilson_interval(double share, double size);
/// The Wilson score interval at 95 % (z = 1.96); {0, 1} when nothing was asked.
std::pair<double, double> wilson_interval(const Score& score);

struct GradeReport {
  Score all;
  std::map<int, Score> levels;
  std::map<std::string, Score> families;
  std::map<std::pair<std::string, int>, Score> cells;  // (family, level)
  int64_t unanswered = 0;                              // questions without a line in the answers; they count as wrong
  int64_t undecided = 0;                               // answers that verify could not judge; they count as wrong

  ClaimRate claims;  // about the pictures, where the questions have transcripts (`r1v gym make --with-scene`)
  std::map<std::string, ClaimRate> family_claims;

  /// Rows are families, columns levels: share right, interval, number asked.
  std::string table() const;
  Json json() const;
};

/// questions  lines of `r1v gym make --format questions`; answers  lines with id and text (or answer), as `r1v ask
/// --json-lines` prints. throws InputError: a bad line, a missing key, an id twice, an answer to no question.
GradeReport grade_answers(const std::filesystem::path& questions, const std::filesystem::path& answers);

}  // namespace r1v
