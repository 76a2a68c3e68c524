// `r1v pairs make | cut | dedupe | judge | filter | rewrite | grade`: preference pairs, from samples to a clean file.
#include <iostream>

#include "apps/commands.h"
#include "apps/judge_options.h"
#include "apps/open_model.h"
#include "apps/sampling_options.h"
#include "base/error.h"
#include "engine/reward_model.h"
#include "recipes/answer_scores.h"
#include "recipes/pairs_cut.h"
#include "recipes/pairs_dedupe.h"
#include "recipes/pairs_filter.h"
#include "recipes/pairs_grade.h"
#include "recipes/pairs_judge.h"
#include "recipes/pairs_make.h"
#include "recipes/pairs_rewrite.h"

namespace r1v {

namespace {

/// What was counted goes to stderr, the file that was written to stdout.
int report(const std::string& counts, const std::filesystem::path& out) {
  std::cerr << counts << "\n";
  std::cout << out.string() << "\n";
  return 0;
}

struct MakeCommand {
  PairsMakeOptions pairs;
  ModelOptions reward{.model = ""};
  void fields(auto& field) {
    pairs.fields(field);
    field("reward-model", reward.model,
          "folder of a reward model that scores the answers, where a rule needs scores (default: the answers' own)");
    field("device", reward.device, "of the reward model: cpu or cuda[:N]");
    field("dtype", reward.dtype, "of the reward model: auto, float32, bfloat16 or float16");
    field("weights", reward.weights, "of the reward model: auto, int8, int4 or off");
    field("threads", reward.threads, "processor threads of the reward model; 0 means as many as there are");
  }
};

int run_pairs_make(Args args) {
  const auto options = parse_options<MakeCommand>(
      "pairs make", "joins questions with sampled answers and pairs better ones with worse ones", args);
  if (options.reward.model.empty()) return report(make_pairs(options.pairs).text(), options.pairs.out);
  const std::unique_ptr<RewardModel> model = open_reward_model(options.reward);
  return report(make_pairs(options.pairs, answer_scorer(*model)).text(), options.pairs.out);
}

struct CutCommand {
  PairsCutOptions pairs;
  ModelOptions model;
  SamplingOptions sampling;
  EngineFlags engine;
  void fields(auto& field) {
    pairs.fields(field);
    model.fields(field);
    sampling.fields(field);
    engine.fields(field);
  }
};

int run_pairs_cut(Args args) {
  const auto options = parse_options<CutCommand>(
      "pairs cut", "cuts good answers, lets a model finish them without the picture and rejects what it wrote", args);
  const OpenModel open = open_model(options.model, options.engine);
  const SamplingParams sampling = resolve_sampling(options.sampling, open.generation);
  return report(cut_pairs(options.pairs, *open.model, *open.renderer, open.engine, sampling).text(), options.pairs.out);
}

int run_pairs_dedupe(Args args) {
  const auto options =
      parse_options<PairsDedupeOptions>("pairs dedupe", "drops repeated and nearly repeated pairs, and ties", args);
  return report(dedupe_pairs(options).text(), options.files.out);
}

struct JudgeCommand {
  PairsJudgeOptions pairs;
  JudgeOptions judge;
  void fields(auto& field) {
    pairs.fields(field);
    judge.fields(field);
  }
};

int run_pairs_judge(Args args) {
  const auto options =
      parse_options<JudgeCommand>("pairs judge", "keeps the pairs whose chosen answer a judge prefers too", args);
  const OpenJudge open = open_judge(options.judge);
  return report(judge_pairs(options.pairs, *open.judge).text(), options.pairs.files.out);
}

struct FilterCommand {
  PairsFilterOptions pairs;
  ModelOptions model{.model = default_reward_model()};
  void fields(auto& field) {
    pairs.fields(field);
    model.fields(field);
  }
};

int run_pairs_filter(Args args) {
  const auto options = parse_options<FilterCommand>(
      "pairs filter", "keeps the pairs that a reward model finds good and clearly different", args);
  const std::unique_ptr<RewardModel> model = open_reward_model(options.model, "--model");
  if (options.pairs.min_chosen) warn_of_falling_scores(*model, "--min-chosen");
  return report(filter_pairs(options.pairs, reward_scorer(*model)).text(), options.pairs.files.out);
}

struct GradeCommand {
  PairsGradeOptions pairs;
  ModelOptions model{.model = default_reward_model()};
  bool json = false;
  void fields(auto& field) {
    pairs.fields(field);
    model.fields(field);
    field("json", json, "one JSON document instead of a table");
  }
};

int run_pairs_grade(Args args) {
  const auto options =
      parse_options<GradeCommand>("pairs grade", "how often a reward model prefers the better answer, by source", args);
  const std::unique_ptr<RewardModel> model = open_reward_model(options.model, "--model");
  const PairsGradeReport report = grade_pairs(options.pairs, reward_scorer(*model));
  std::cout << (options.json ? dump_json(report.json()) + "\n" : report.table());
  return 0;
}

struct RewriteCommand {
  PairsRewriteOptions pairs;
  JudgeOptions judge;
  void fields(auto& field) {
    pairs.fields(field);
    judge.fields(field);
  }
};

int run_pairs_rewrite(Args args) {
  const auto options = parse_options<RewriteCommand>(
      "pairs rewrite", "lets a judge write a better chosen answer and keeps it when it is right", args);
  const OpenJudge open = open_judge(options.judge);
  return report(rewrite_pairs(options.pairs, *open.judge).text(), options.pairs.files.out);
}

}  // namespace

int run_pairs(Args args) {
  const std::string verb = args.empty() ? "" : args[0];
  if (verb == "make") return run_pairs_make(args.subspan(1));
  if (verb == "cut") return run_pairs_cut(args.subspan(1));
  if (verb == "dedupe") return run_pairs_dedupe(args.subspan(1));
  if (verb == "judge") return run_pairs_judge(args.subspan(1));
  if (verb == "filter") return run_pairs_filter(args.subspan(1));
  if (verb == "rewrite") return run_pairs_rewrite(args.subspan(1));
  if (verb == "grade") return run_pairs_grade(args.subspan(1));
  const std::string usage =
      "usage: r1v pairs make | cut | dedupe | judge | filter | rewrite | grade [options]; each takes --help";
  if (verb == "--help") throw HelpRequest{usage + "\n"};
  throw InputError(cat("pairs: found \"", printable(verb), "\"; ", usage));
}

}  // namespace r1v
