// AL-CoTD: adaptive-length chain-of-thought distillation. The model writes its own training data.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "recipes/distilled_chains.h"
#include "recipes/judge.h"
#include "recipes/judge_choice.h"
#include "recipes/query_scores.h"

namespace r1v {

/// source: arXiv 2504.05599, section 2.3. Unpublished: ranges of scores, how sub-scores combine, alpha, beta, gamma.
struct DistillOptions {
  std::filesystem::path model = "models/r1v-mini";
  std::vector<std::filesystem::path> data;
  std::filesystem::path out;
  std::filesystem::path images_root;
  bool skip_bad = false;
  bool resume = false;
  uint64_t seed = 0;
  std::string dtype = "auto";
  int64_t threads = 0;
  QueryScoreOptions scores;
  ChainOptions chains;
  JudgeChoice judge;

  void fields(auto& field) {
    field("model", model, "checkpoint folder that writes the chains");
    field("data", data, "files of SFT or question lines");
    field("out", out, "run folder; the lines come into its distilled.jsonl");
    field("images-root", images_root, "folder that picture paths start from and stay in; empty = each file's own");
    field("skip-bad", skip_bad, "leave out and count what is bad or cannot be judged instead of stopping");
    field("resume", resume, "go on with what is in --out");
    field("seed", seed, "of the chains that are drawn");
    field("dtype", dtype, "auto, float32 or bfloat16: arithmetic of the network");
    field("threads", threads, "processor threads of the network; 0 = all");
    scores.fields(field);
    chains.fields(field);
    judge.fields(field);
  }
};

/// The text's scores come from a judge in any case.
inline bool needs_judge(const DistillOptions&) { return true; }

/// Runs to the end or until `stop` turns true (Ctrl-C); with --resume it goes on line by line, where data, model and
/// options are those of <out>/source.json. Returns the exit status: 0 done, 130 stopped. throws InputError for anything
/// wrong with options, model, data or judge.
int train_distill(const DistillOptions& options, Judge* judge, const std::atomic<bool>& stop);

}  // namespace r1v
