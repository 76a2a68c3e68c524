// Chains of thought that the model itself writes under a penalty: judged, rewritten where wrong, put into lines.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "recipes/answering_model.h"
#include "recipes/judge.h"
#include "recipes/line_answers.h"
#include "recipes/query_scores.h"
#include "recipes/task_lines.h"

namespace r1v {

struct ChainOptions {
  std::string penalty = "on";
  std::string wrong_chains = "rewrite";
  int64_t max_completion_length = 2048;
  double temperature = 0.6, top_p = 0.95;

  void fields(auto& field) {
    field("penalty", penalty,
          "repetition penalty of chains: on (each question's own), off (1), or both (chains are kept from on; off is "
          "written beside it, to compare)");
    field("wrong-chains", wrong_chains,
          "what becomes of them: rewrite (by the judge, kept when verify finds it right), original (the line's own "
          "solution) or drop; either way counted");
    field("max-completion-length", max_completion_length, "most tokens of an answer or a chain");
    field("temperature", temperature, "at which chains are drawn; 0 = greedy");
    field("top-p", top_p, "share of the probability that chains are drawn from; 1 = all");
  }
};

/// throws InputError: an unknown choice, a value out of range.
void check_chains(const ChainOptions& options);

struct ChainWork {
  const AnsweringModel& model;
  Judge* judge = nullptr;  // for rewriting
  const std::map<int64_t, QueryPenalty>& penalties;
  uint64_t seed = 0;
  bool skip_bad = false;
  std::filesystem::path folder;
};

/// Writes <folder>/chains.jsonl (and plain_chains.jsonl), rewrites.jsonl, distilled.jsonl (lines for `train sft` with
/// picture paths that start from lines.common_root(), in "distill" where the solution comes from and what it cost) and
/// summary.json (counts; tokens and accuracy per level with and without the penalty). What is there already is not done
/// again. Lines without a penalty are left out and counted. none: `stop` turned true; else the summary.
std::optional<Json> distill_chains(const TaskLines& lines, const ChainOptions& options, const ChainWork& work,
                                   const std::atomic<bool>& stop);

}  // namespace r1v
