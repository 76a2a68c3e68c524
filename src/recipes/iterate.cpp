// `r1v train iterate`: answer, choose, train; what each round did stays on disk.
#include "recipes/iterate.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/file.h"
#include "base/options.h"
#include "base/rng.h"
#include "recipes/line_answers.h"
#include "recipes/round_choice.h"
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
  if (options.errors != "on" && options.errors != "off") {
    throw InputError(cat("--errors: found \"", printable(options.errors), "\", expected on or off"));
  }
  if (options.eval_steps > 0) {
    throw InputError("--eval-steps: train iterate asks the questions of --eval-data after every round; leave it out");
  }
  if (!(options.first_round_learning_rate >= 0) || !(options.round_learning_rate >= 0) || options.round_steps < 0) {
    throw InputError(
        "train iterate: --first-round-learning-rate, --round-learning-rate and --round-steps must not be negative");
  }
}

/// The rounds of another run are never taken for this one's.
void start_folder(const IterateOptions& options) {
  start_run_folder(options);
  if (!options.resume && (fs::exists(options.out / "rounds") || fs::exists(options.out / "ratings.jsonl"))) {
    throw InputError(
        cat(options.out.string(), ": a run is there already; go on with --resume or choose another --out"));
  }
  write_file_atomic(options.out / "options.toml", options_toml(options));
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
  }

  /// false: stopped.
  bool run();

 private:
  SupervisedStage stage(int64_t round) const;
  bool choose(int64_t round);
  bool ask(const TaskLines& lines, const fs::path& file, int64_t round, AnswerCounts& counts);
  bool evaluate(int64_t round);
  void write_summary(int64_t last_round) const;
  fs::path folder(int64_t round) const { return options_.out / "rounds" / cat(round); }
  int64_t num_rounds() const { return static_cast<int64_t>(thresholds_.size()); }

  const IterateOptions& options_;
  Judge* const judge_;
  const std::atomic<bool>& stop_;
  const std::vector<double> thresholds_;
  const TaskLines lines_;
  std::optional<TaskLines> eval_lines_;
  LineRewards rewards_;
  SupervisedRun run_;
};

/// Round 0 is SFT on all lines.
SupervisedStage IterateRun::stage(int64_t round) const {
  TrainOptions stage = options_;
  stage.eval_data.clear();  // questions, asked by evaluate()
  if (round > 0) {
    stage.data = {folder(round) / "train.jsonl"};
    stage.images_root = lines_.common_root();
    stage.max_steps = options_.round_steps;
    stage.learning_rate = round == 1 ? options_.first_round_learning_rate : options_.round_learning_rate;
    const double factor = options_.learning_rate > 0 ? stage.learning_rate / options_.learning_rate : 0;
    for (std::optional<double>* rate : {&stage.vision_learning_rate, &stage.projector_learning_rate}) {
      if (*rate) **rate *= factor;
    }
  }
  return {.options = stage, .note = {{"round", round}}};
}

/// The last model's answers to all questions of `lines`, in `file`. false: stopped.
bool IterateRun::ask(const TaskLines& lines, const fs::path& file, int64_t round, AnswerCounts& counts) {
  const auto checkpoint = latest_checkpoint(options_.out);
  if (!checkpoint) throw InputError(cat(options_.out.string(), ": no checkpoint to ask; was a step trained at all?"));
  GrowingLines answers(file);
  const AnsweringModel model(*checkpoint, options_.dtype);
  const AnswerOptions options{.sampling = {.temperature = options_.temperature,
                                           .seed = mix_seed(options_.seed, static_cast<uint64_t>(round)),
                                           .max_tokens = options_.max_completion_length},
                              .skip_bad = options_.skip_bad};
  if (!answer_lines(model, lines, lines.indexes(), options, answers, stop_)) return false;
  for (const auto& [index, answer] : answers.all()) counts.add(answer);
  return true;
}

/// What round `round` learns, from the answers of the model before it. false: stopped.
bool IterateRun::choose(int64_t round) {
  if (fs::exists(folder(round) / "choice.json")) return true;
  AnswerCounts counts;
  run_.say(cat("round ", round, ": answering ", lines_.size(), " questions"));
  if (!ask(lines_, folder(round) / "answers.jsonl", round, counts)) return false;
  const GrowingLines answers(folder(round) / "answers.jsonl");
  const double threshold = thresholds_[static_cast<size_t>(round - 1)];
  const RoundChoice choice =
      choose_lines(lines_, rewards_, answers, {.threshold = threshold, .takes_errors = options_.errors == "on"});
  write_lines(choice, lines_, folder(round));
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
    if (!ask(*eval_lines_, folder(round) / "eval_answers.jsonl", round, counts)) return false;
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
    text += dump_json(line) + "\n";
  }
  write_file_atomic(options_.out / "rounds.jsonl", text);
}

bool IterateRun::run() {
  auto rewards = rate_lines(lines_, options_.rewards, judge_, options_.dtype, options_.skip_bad, options_.out, stop_);
  if (!rewards) return false;
  rewards_ = std::move(*rewards);
  for (int64_t round = 0; round <= num_rounds(); ++round) {
    if (round > 0 && !choose(round)) return false;
    if (round > 0 && fs::file_size(folder(round) / "train.jsonl") == 0) {
      run_.say(cat("round ", round, ": no line to learn; the model stays as it is"));
    } else if (!run_.train(round, stage(round))) {
      return false;
    }
    if (!evaluate(round)) return false;
    write_summary(round);
  }
  return true;
}

}  // namespace

bool needs_judge(const IterateOptions& options) { return options.rewards.rewards == "judge"; }

int train_iterate(const IterateOptions& options, Judge* judge, const std::atomic<bool>& stop) {
  check(options);
  start_folder(options);
  if (options.threads > 0) at::set_num_threads(static_cast<int>(options.threads));
  return IterateRun(options, judge, stop).run() ? 0 : 130;
}

}  // namespace r1v
