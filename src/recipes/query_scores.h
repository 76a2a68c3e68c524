// QDAM, VTIA and DRLC over a data set: what every question asks for, and the repetition penalty that follows.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "recipes/answering_model.h"
#include "recipes/drlc.h"
#include "recipes/judge.h"
#include "recipes/qdam.h"
#include "recipes/task_lines.h"

namespace r1v {

struct QueryScoreOptions {
  std::string necessity = "ablation";
  std::string integration = "patterns";
  PenaltyRule rule;

  void fields(auto& field) {
    field("necessity", necessity,
          "how much pictures are needed: ablation (the model answers with and without them), judge, or off (S_v is "
          "clarity alone)");
    field("integration", integration,
          "how text and pictures belong together, S_I: patterns (words of the question) or judge");
    rule.fields(field);
  }
};

/// throws InputError: an unknown choice, a weight below 0.
void check_query_scores(const QueryScoreOptions& options);

struct ScoringWork {
  const AnsweringModel& model;
  Judge& judge;
  int64_t max_completion_length = 0;
  bool skip_bad = false;
  std::filesystem::path folder;  // for scores.jsonl and the answers of the ablation
};

/// Scores those lines that <folder>/scores.jsonl does not have yet. false: `stop` turned true.
/// throws InputError naming the line: pictures that cannot be read, a judge that fails; under skip_bad it is noted,
/// unless no line at all could be scored.
bool score_queries(const TaskLines& lines, const QueryScoreOptions& options, const ScoringWork& work,
                   const std::atomic<bool>& stop);

struct QueryPenalty {
  QueryScores scores;
  double visual = 0, textual = 0, integration = 0;  // over the data set, 0 to 1
  double penalty = 1;

  Json json() const;
};

/// By the lines' numbers; lines that could not be scored are not there.
std::map<int64_t, QueryPenalty> penalties_of(const TaskLines& lines, const std::filesystem::path& folder,
                                             const PenaltyRule& rule);

}  // namespace r1v
