// How much better the best of N sampled answers is than one: by judge, by vote, and with an oracle's choice.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"
#include "gym/grade.h"

namespace r1v {

/// Shares right when one of the first N candidates is taken.
struct BestOfRow {
  int64_t candidates = 1;  // N
  Score mean;              // of a candidate taken blindly: all N of every question counted
  Score vote;
  Score judge, weighted;  // asked stays 0 without scores
  Score oracle;           // a right one is among them
};

struct BestOfReport {
  std::vector<BestOfRow> rows;
  std::string table() const;
  Json json() const;
};

/// answers  what `r1v ask --json-lines --n K` or `--best-of K` prints: "candidates" with "text" and perhaps "score".
/// throws InputError: a bad line, a question without answer, fewer candidates than the largest of `counts`.
BestOfReport grade_best_of(const std::filesystem::path& questions, const std::filesystem::path& answers,
                           const std::vector<int64_t>& counts);

}  // namespace r1v
