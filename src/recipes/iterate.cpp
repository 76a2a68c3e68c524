// `r1v train iterate`: answer, choose, train; what each round did stays on disk.
#include "recipes/iterate.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/file.h"
#include "base/options.h"
#include "base/rng.h"
#include "recipes/distilled_chains.h"
#include "recipes/line_answers.h"
#include "recipes/on_off.h"
#include "recipes/round_choice.h"
#include "recipes/run_source.h"
#include "recipes/supervised_run.h"
#include "train/state.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

std::vector<double> parse_thresholds(const std::string& text) {
  std::vector<double> thresholds;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string number = text.substr(begin, end - begin);
    char* rest = nullptr;
    const double value = std::strtod(number.c_str(), &rest);
    if (number.empty() || *rest != '\0' || !(value >= 0 && value <= 5)) {
      throw InputError(
          cat("--thresholds: found \"", printable(number), "\", expected numbers from 0 to 5 with commas"));
    }
    thresholds.push_back(value);
    begin = end + 1;
  }
  return thresholds;
}

void check(const IterateOptions& options) {
  check_train_options(options, "train iterate");
  check_line_rewards(options.rewards);
  parse_thresholds(options.thresholds);
  is_on("errors", options.errors);
  is_on("distill", options.distill);
  if (options.distill == "on" && options.initialize) {
    throw InputError(
        "--distill on asks the model before it has learnt anything, --initialize makes a new one; leave one out");
  }
  check_query_scores(options.scores);
  check_chains(options.chains);
  if (options.eval_steps > 0) {
    throw InputError("--eval-steps: train iterate asks the questions of --eval-data after every round; leave it out");
  }
  expect_real("first-round-learning-rate", options.first_round_learning_rate);
  expect_real("round-learning-rate", options.round_learning_rate);
  if (options.round_steps < 0) {
    throw InputError(cat("--round-steps: found ", options.round_steps, ", expected at least 0"));
  }
}

/// The rounds of another run are never taken for this one's.
void start_folder(const IterateOptions& options) {
  start_run_folder(options);
  if (!options.resume && (fs::exists(options.out / "rounds") || fs::exists(options.out / "ratings.jsonl"))) {
    throw InputError(
        cat(options.out.string(), ": a run is there already; go on with --resume or choose another --out"));
  }
}

TaskLines task_lines(const IterateOptions& options, const std::vector<fs::path>& files) {
  return TaskLines({.files = files,
                    .images_root = options.images_root.empty() ? std::nullopt : std::optional(options.images_root),
                    .skip_bad = options.skip_bad});
}

class IterateRun {
 public:
  IterateRun(const IterateOptions& options, Judge* judge, const std::atomic<bool>& stop)
      : options_(options),
        judge_(judge),
        stop_(stop),
        thresholds_(parse_thresholds(options.thresholds)),
        lines_(task_lines(options, options.data)),
        run_(options, stop) {
    if (!options.eval_data.empty()) eval_lines_.emplace(task_lines(options, options.eval_data));
    keep_source();
    write_file_atomic(options.out / "options.toml", options_toml(options));
  }

  /// false: stopped.
  bool run();

 private:
  void keep_source() const;
  SupervisedStage stage(int64_t round) const;
  bool score();
  bool distill(int64_t round);
  bool choose(int64_t round);
  bool evaluate(int64_t round);
  bool ask(const TaskLines& lines, const fs::path& file, AnswerCounts& counts);
  const AnsweringModel& present_model();
  void write_summary(int64_t last_round) const;
  bool distills() const { return options_.distill == "on"; }
  fs::path folder(int64_t round) const { return options_.out / "rounds" / cat(round); }
  int64_t num_rounds() const { return static_cast<int64_t>(thresholds_.size()); }

  const IterateOptions& options_;
  Judge* const judge_;
  const std::atomic<bool>& stop_;
  const std::vector<double> thresholds_;
  const TaskLines lines_;
  std::optional<TaskLines> eval_lines_;
  LineRewards rewards_;
  std::map<int64_t, QueryPenalty> penalties_;  // where chains are distilled
  SupervisedRun run_;
  std::unique_ptr<AnsweringModel> answering_;  // between stages
};

/// What decides the ratings, the answers and the rounds' lines. How a stage learns is not of it, as in other runs.
void IterateRun::keep_source() const {
  RunSource source;
  source.add_data("data", lines_);
  if (eval_lines_) source.add_data("eval-data", *eval_lines_);
  source.add_model("model", options_.model);
  source("seed", options_.seed);
  source("dtype", options_.dtype);
  for (size_t i = 0; i < thresholds_.size(); ++i) source(cat("thresholds, round ", i + 1, ":"), thresholds_[i]);
  source("errors", options_.errors);
  source("rewards", options_.rewards.rewards);
  if (!options_.rewards.scores.empty()) source.add_file("scores", options_.rewards.scores);
  if (!options_.rewards.reward_model.empty()) source.add_model("reward-model", options_.rewards.reward_model);
  source("distill", options_.distill);
  source("max-completion-length", options_.chains.max_completion_length);
  if (distills()) {
    QueryScoreOptions(options_.scores).fields(source);
    ChainOptions(options_.chains).fields(source);
  }
  if (needs_judge(options_)) source.add_judge(options_.judge);
  source.keep(options_.out, fs::exists(options_.out / "rounds") || has_content(options_.out / "ratings.jsonl") ||
                                latest_checkpoint(options_.out));
}

/// Round 0 is SFT on all lines.
SupervisedStage IterateRun::stage(int64_t round) const {
  TrainOptions stage = options_;
  stage.eval_data.clear();  // questions, asked by evaluate()
  if (round > 0 || distills()) {
    stage.data = {folder(round) / (round > 0 ? "train.jsonl" : "distilled.jsonl")};
    stage.images_root = lines_.common_root();
  }
  if (round > 0) {
    stage.max_steps = options_.round_steps;
    stage.learning_rate = round == 1 ? options_.first_round_learning_rate : options_.round_learning_rate;
    const double factor = options_.learning_rate > 0 ? stage.learning_rate / options_.learning_rate : 0;
    for (std::optional<double>* rate : {&stage.vision_learning_rate, &stage.projector_learning_rate}) {
      if (*rate) **rate *= factor;
    }
  }
  return {.options = stage, .note = {{"round", round}}};
}

/// The last round's model as it was saved; before the first one --model.
const AnsweringModel& IterateRun::present_model() {
  if (!answering_) {
    const auto checkpoint = latest_checkpoint(options_.out);
    answering_ = std::make_unique<AnsweringModel>(checkpoint.value_or(options_.model), options_.dtype);
  }
  return *answering_;
}

/// What every line is worth and, where chains are distilled, which penalty it gets. Once a run. false: stopped.
bool IterateRun::score() {
  auto rewards = rate_lines(lines_, options_.rewards, judge_, options_.dtype, options_.skip_bad, options_.out, stop_);
  if (!rewards) return false;
  rewards_ = std::move(*rewards);
  if (rewards_.by_index.empty() && num_rounds() > 0) {
    throw InputError(cat("--rewards ", options_.rewards.rewards, ": not one of ", lines_.size(),
                         " lines has a reward, so no round could choose the best; ",
                         (options_.out / "ratings.jsonl").string(), " says why where a judge was asked"));
  }
  if (!distills()) return true;
  const fs::path scores = options_.out / "rounds/scores";
  if (!fs::exists(scores / "done.json")) {
    const ScoringWork work{.model = present_model(),
                           .judge = *judge_,
                           .max_completion_length = options_.chains.max_completion_length,
                           .skip_bad = options_.skip_bad,
                           .folder = scores};
    if (!score_queries(lines_, options_.scores, work, stop_)) return false;
    write_file_atomic(scores / "done.json", dump_json({{"lines", lines_.size()}}) + "\n");
  }
  penalties_ = penalties_of(lines_, scores, options_.scores.rule);
  return true;
}

/// The present model writes all chains anew. false: stopped.
bool IterateRun::distill(int64_t round) {
  if (fs::exists(folder(round) / "summary.json")) return true;
  run_.say(cat("round ", round, ": writing ", penalties_.size(), " chains"));
  const ChainWork work{.model = present_model(),
                       .judge = judge_,
                       .penalties = penalties_,
                       .seed = mix_seed(options_.seed, static_cast<uint64_t>(round)),
                       .skip_bad = options_.skip_bad,
                       .folder = folder(round)};
  const auto summary = distill_chains(lines_, options_.chains, work, stop_);
  if (summary) run_.say(cat("round ", round, ": ", dump_json(summary->at("solutions"))));
  return summary.has_value();
}

/// The present model's answers to all questions of `lines`, in `file`. false: stopped.
bool IterateRun::ask(const TaskLines& lines, const fs::path& file, AnswerCounts& counts) {
  GrowingLines answers(file);
  const AnswerOptions options{.sampling = {.temperature = 0, .max_tokens = options_.chains.max_completion_length},
                              .skip_bad = options_.skip_bad};
  if (!answer_lines(present_model(), lines, lines.indexes(), options, answers, stop_)) return false;
  for (const auto& [index, answer] : answers.all()) counts.add(answer);
  return true;
}

/// What round `round` learns, from the answers of the model before it. false: stopped.
bool IterateRun::choose(int64_t round) {
  if (fs::exists(folder(round) / "choice.json")) return true;
  AnswerCounts counts;
  run_.say(cat("round ", round, ": answering ", lines_.size(), " questions"));
  if (!ask(lines_, folder(round) / "answers.jsonl", counts)) return false;
  std::optional<GrowingLines> distilled;
  if (distills()) distilled.emplace(folder(round) / "distilled.jsonl");
  const ChoiceRule rule{.threshold = thresholds_[static_cast<size_t>(round - 1)],
                        .takes_errors = options_.errors == "on",
                        .distilled = distilled ? &distilled->all() : nullptr};
  const RoundChoice choice = choose_lines(lines_, rewards_, GrowingLines(folder(round) / "answers.jsonl"), rule);
  write_lines(choice, lines_, rule, folder(round));
  Json summary = choice.summary();
  summary["accuracy"] = counts.accuracy();
  summary["tokens_an_answer"] =
      static_cast<double>(counts.tokens) / static_cast<double>(std::max<int64_t>(1, counts.answered()));
  write_file_atomic(folder(round) / "choice.json", dump_json_pretty(summary) + "\n");
  run_.say(cat("round ", round, ": accuracy on the data ", counts.accuracy(), "; ", choice.text()));
  return true;
}

/// Asks the model that round `round` has made the questions of --eval-data. false: stopped.
bool IterateRun::evaluate(int64_t round) {
  const fs::path file = folder(round) / "result.json";
  if (fs::exists(file)) return true;
  Json result = {{"step", run_.step()}};
  fs::create_directories(folder(round));
  if (eval_lines_) {
    AnswerCounts counts;
    if (!ask(*eval_lines_, folder(round) / "eval_answers.jsonl", counts)) return false;
    result.update({{"eval_accuracy", counts.accuracy()},
                   {"eval_questions", counts.right + counts.wrong},
                   {"eval_undecided", counts.undecided},
                   {"eval_refused", counts.refused},
                   {"eval_tokens", counts.tokens},
                   {"eval_thinking_tokens", counts.thinking_tokens}});
    run_.say(cat("round ", round, ": ", counts.right, " of ", counts.right + counts.wrong, " questions right"));
  }
  write_file_atomic(file, dump_json_pretty(result) + "\n");
  return true;
}

void IterateRun::write_summary(int64_t last_round) const {
  std::string text;
  for (int64_t round = 0; round <= last_round; ++round) {
    Json line = {{"round", round}};
    for (const char* name : {"choice.json", "result.json"}) {
      if (fs::exists(folder(round) / name)) line.update(read_json_file(folder(round) / name));
    }
    if (distills()) line["distill"] = read_json_file(folder(round) / "summary.json");
    text += dump_json(line) + "\n";
  }
  write_file_atomic(options_.out / "rounds.jsonl", text);
}

bool IterateRun::run() {
  if (lines_.num_bad() > 0) run_.say(cat("left out of --data: ", lines_.num_bad(), " bad lines"));
  if (eval_lines_ && eval_lines_->num_bad() > 0) {
    run_.say(cat("left out of --eval-data: ", eval_lines_->num_bad(), " bad lines"));
  }
  if (!score()) return false;
  for (int64_t round = 0; round <= num_rounds(); ++round) {
    if (distills() && !distill(round)) return false;
    if (round > 0 && !choose(round)) return false;
    answering_.reset();  // its memory is the training's
    const SupervisedStage next = stage(round);
    if (fs::file_size(next.options.data.front()) == 0) {
      run_.say(cat("round ", round, ": no line to learn; the model stays as it is"));
    } else if (!run_.train(round, next)) {
      return false;
    }
    if (!evaluate(round)) return false;
    write_summary(round);
  }
  return true;
}

}  // namespace

bool needs_judge(const IterateOptions& options) {
  return options.rewards.rewards == "judge" || options.distill == "on";
}

int train_iterate(const IterateOptions& options, Judge* judge, const std::atomic<bool>& stop) {
  check(options);
  start_folder(options);
  if (options.threads > 0) at::set_num_threads(static_cast<int>(options.threads));
  return IterateRun(options, judge, stop).run() ? 0 : 130;
}

}  // namespace r1v
