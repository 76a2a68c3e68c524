// R1V 1.0's hybrid optimization framework: SFT on everything, then rounds on the best lines and the last model's
// errors.
#pragma once

#include <atomic>

#include "recipes/distilled_chains.h"
#include "recipes/judge.h"
#include "recipes/judge_choice.h"
#include "recipes/line_rewards.h"
#include "recipes/query_scores.h"
#include "recipes/train_options.h"

namespace r1v {

/// source: arXiv 2504.05599, section 2.2: rates, thresholds, decay, warm-up, context and batch. The paper's third
/// stage is `train grpo`.
struct IterateOptions : TrainOptions {
  IterateOptions() {
    learning_rate = 2e-4;
    weight_decay = 0.05;
    warmup_ratio = 0.03;
    max_length = 16384;
    batch_size = 8;
    gradient_accumulation = 64;  // 512 samples a step
    freeze = {"vision", "language"};
  }
  std::string thresholds = "2,3,4,5";
  double first_round_learning_rate = 1e-4;
  double round_learning_rate = 2e-5;
  int64_t round_steps = 0;
  std::string errors = "on";
  LineRewardOptions rewards;
  std::string distill = "off";
  QueryScoreOptions scores;
  ChainOptions chains;
  JudgeChoice judge;

  void fields(auto& field) {
    TrainOptions::fields(field);
    field("thresholds", thresholds,
          "one a round: a line is learnt again where its reward is at least this; \"\" = no rounds");
    field("first-round-learning-rate", first_round_learning_rate, "peak learning rate of round 1");
    field("round-learning-rate", round_learning_rate, "peak learning rate of later rounds");
    field("round-steps", round_steps, "optimizer steps of a round; 0 = as many as --num-epochs has");
    field("errors", errors, "on: lines that the last model answers wrong are learnt again too; off: they are not");
    rewards.fields(field);
    field("distill", distill,
          "on: before SFT and before every round the present model writes the lines' chains anew (AL-CoTD, see `train "
          "distill`; the options below are its); off: lines stay as they are");
    scores.fields(field);
    chains.fields(field);
    judge.fields(field);
  }
};

/// Whether the options name a judge that must be given to train_iterate.
bool needs_judge(const IterateOptions& options);

/// All lines are answered greedily by the model before the round. Every round's answers, choice and lines stay in
/// <out>/rounds/N, one line a round in <out>/rounds.jsonl. Runs to the end or until `stop` turns true (Ctrl-C). Killed
/// at any moment it goes on with --resume to the same bits (where the network can be packed), if data, model and
/// options are those of <out>/source.json; more rounds may be added. Returns the exit status: 0 done, 130 stopped.
/// throws InputError for anything wrong with options, model, data or judge.
int train_iterate(const IterateOptions& options, Judge* judge, const std::atomic<bool>& stop);

}  // namespace r1v
