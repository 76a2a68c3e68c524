// Consistency: pairs stay when a judge prefers the chosen answer, in whichever order it is shown.
#pragma once

#include <string>

#include "recipes/judge.h"
#include "recipes/pairs_lines.h"

namespace r1v {

struct PairsJudgeOptions {
  PairsFiles files;
  std::string both_orders = "on";
  bool keep_contradicted = false;
  bool keep_undecided = false;

  void fields(auto& field) {
    files.fields(field);
    field("both-orders", both_orders, "on: asks twice with the answers exchanged; verdicts that differ count as equal");
    field("keep-contradicted", keep_contradicted, "keeps pairs whose rejected answer the judge prefers");
    field("keep-undecided", keep_undecided, "keeps pairs about which the judge says nothing that can be understood");
  }
};

struct PairsJudgeCounts {
  int64_t pairs = 0, agreed = 0, equal = 0, contradicted = 0, undecided = 0, kept = 0, bad_lines = 0;

  std::string text() const;
};

/// throws InputError: bad lines or a judge that fails, unless bad lines are skipped; a judge that has no verdict on any
/// line.
PairsJudgeCounts judge_pairs(const PairsJudgeOptions& options, Judge& judge);

}  // namespace r1v
