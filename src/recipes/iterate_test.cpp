// Rounds of the hybrid framework: their choice by hand, whole runs against runs that were killed.
#include "recipes/iterate.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "base/file.h"
#include "recipes/growing_lines.h"
#include "recipes/pairs_testing.h"
#include "recipes/round_choice.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

const fs::path kMini = fs::path(R1V_SOURCE_DIR) / "models/r1v-mini";

Json solved(const std::string& question, const std::string& answer) {
  Json line = {{"messages", asked(question)}};
  line["messages"].push_back(
      {{"role", "assistant"}, {"content", cat("<think>\nSo ", answer, ".\n</think>\n\n\\boxed{", answer, "}")}});
  return line;
}

TEST(Sixths, AreCutByRankAndTiesStayTogether) {
  // 12 different scores: two in every sixth.
  std::vector<double> scores, expected;
  for (int i = 0; i < 12; ++i) {
    scores.push_back(-3.5 * i);  // falling
    expected.push_back((11 - i) / 2);
  }
  EXPECT_EQ(sixths(scores), expected);
  // Lower than 7: one of four, floor(6 / 4) = 1. Lower than 9: three of four, floor(18 / 4) = 4.
  EXPECT_EQ(sixths(std::vector<double>{7, 9, 7, 1}), (std::vector<double>{1, 4, 1, 0}));
}

TEST(RoundChoice, IsTheUnionOfWhatIsWorthItAndWhatWasWrong) {
  const LinesFolder folder;
  std::vector<Json> data;
  for (int i = 0; i < 6; ++i) data.push_back(solved(cat("Question ", i), "1"));
  const TaskLines lines({.files = {folder.write("data.jsonl", data)}});
  const LineRewards rewards{.by_index = {{0, 3}, {1, 2.9}, {2, 5}, {3, 0}, {4, 1}}};  // nobody rated line 5
  GrowingLines answers(folder / "answers.jsonl");
  const std::vector<Json> correct = {true, false, false, nullptr, true, false};
  for (int i = 0; i < 6; ++i) answers.add(i, {{"correct", correct[static_cast<size_t>(i)]}});
  const RoundChoice choice = choose_lines(lines, rewards, answers, {.threshold = 3});
  std::vector<int64_t> chosen;
  for (const ChosenLine& line : choice.lines) chosen.push_back(line.index);
  EXPECT_EQ(chosen, (std::vector<int64_t>{0, 1, 2, 5}));
  EXPECT_EQ(choice.worth, 2);
  EXPECT_EQ(choice.errors, 3);
  EXPECT_EQ(choice.both, 1);
  EXPECT_EQ(choice.unrated, 1);
  EXPECT_EQ(choice.undecided, 1);
  const RoundChoice worth_only = choose_lines(lines, rewards, answers, {.threshold = 3, .takes_errors = false});
  EXPECT_EQ(worth_only.lines.size(), 2u);
}

TEST(GrowingLines, ForgetALineThatWasCutShort) {
  const LinesFolder folder;
  {
    GrowingLines lines(folder / "lines.jsonl");
    lines.add(7, {{"a", 1}});
    lines.add(3, {{"a", 2}});
  }
  std::ofstream(folder / "lines.jsonl", std::ios::app) << "{\"index\":4,\"a\":";
  GrowingLines again(folder / "lines.jsonl");
  EXPECT_TRUE(again.has(7));
  EXPECT_FALSE(again.has(4));
  again.add(4, {{"a", 3}});
  EXPECT_EQ(read_file(folder / "lines.jsonl"), "{\"index\":7,\"a\":1}\n{\"index\":3,\"a\":2}\n{\"index\":4,\"a\":3}\n");
}

/// Sums for the model of this repository.
class MiniIterate : public testing::Test {
 protected:
  void SetUp() override {
    std::vector<Json> lines, questions;
    for (int i = 0; i < 6; ++i) {
      lines.push_back(solved(cat("What is ", i + 2, " + 3?"), cat(i + 5)));
      lines.back()["reward"] = i;
      questions.push_back({{"id", cat(i)}, {"messages", asked(cat("What is ", i, " + 4?"))}, {"answer", i + 4}});
    }
    folder_.write("data.jsonl", lines);
    folder_.write("questions.jsonl", questions);
  }

  IterateOptions options(const std::string& run) const {
    IterateOptions options;
    options.model = kMini;
    options.data = {folder_ / "data.jsonl"};
    options.eval_data = {folder_ / "questions.jsonl"};
    options.out = folder_ / run;
    options.thresholds = "3,5";
    options.max_steps = options.round_steps = 2;
    options.batch_size = 2;
    options.gradient_accumulation = 1;
    options.warmup_ratio = 0;
    options.freeze = {"vision", "projector"};  // these lines have no pictures
    options.freeze_layers = 5;                 // of six
    options.max_length = 256;
    options.chains.max_completion_length = 24;
    options.save_steps = 1;
    options.keep_checkpoints = 0;
    options.threads = 1;
    return options;
  }

  int train(const IterateOptions& options) { return train_iterate(options, nullptr, stop_); }

  /// The whole run's folder as a kill would have left it: the checkpoint of `step`, no later one, `lost` not yet
  /// written.
  IterateOptions killed(const std::string& name, int64_t step, const std::vector<std::string>& lost) {
    const fs::path whole = folder_ / "whole", run = folder_ / name,
                   checkpoint = fs::path("checkpoints") / cat("step-", step);
    fs::create_directories(run / "checkpoints");
    for (const char* file : {"metrics.jsonl", "log.txt", "source.json"}) fs::copy(whole / file, run / file);
    fs::copy(whole / "rounds", run / "rounds", fs::copy_options::recursive);
    fs::copy(whole / checkpoint, run / checkpoint, fs::copy_options::recursive);
    for (const std::string& path : lost) fs::remove_all(run / path);
    IterateOptions resumed = options(name);
    resumed.resume = true;
    return resumed;
  }

  void expect_same(const std::string& name) const {
    for (const char* file :
         {"rounds.jsonl", "rounds/1/train.jsonl", "rounds/2/chosen.jsonl", "checkpoints/step-6/model.safetensors",
          "checkpoints/step-6/training_state/weights.safetensors", "checkpoints/step-6/training_state/state.json"}) {
      EXPECT_TRUE(read_file((folder_ / name) / file) == read_file((folder_ / "whole") / file)) << name << " " << file;
    }
  }

  LinesFolder folder_;
  std::atomic<bool> stop_ = false;
};

TEST_F(MiniIterate, RunsItsRoundsAndResumesFromWhereverItWasKilled) {
  EXPECT_EQ(train(options("whole")), 0);
  const std::vector<Json> rounds = folder_.read("whole/rounds.jsonl");
  ASSERT_EQ(rounds.size(), 3u);
  EXPECT_EQ(rounds[0].at("step"), 2);
  EXPECT_EQ(rounds[1].at("worth"), 3);  // rewards 3, 4, 5
  EXPECT_EQ(rounds[2].at("worth"), 1);
  EXPECT_EQ(rounds[2].at("eval_questions"), 6);
  EXPECT_EQ(folder_.read("whole/metrics.jsonl").back().at("round"), 2);

  EXPECT_EQ(train(killed("in_the_first_stage", 1, {"rounds"})), 0);
  expect_same("in_the_first_stage");
  IterateOptions answering = killed("while_answering", 2,
                                    {"rounds/2", "rounds/1/choice.json", "rounds/1/chosen.jsonl",
                                     "rounds/1/train.jsonl", "rounds/1/result.json", "rounds/1/eval_answers.jsonl"});
  const fs::path answers = answering.out / "rounds/1/answers.jsonl";
  fs::resize_file(answers, fs::file_size(answers) / 2);
  EXPECT_EQ(train(answering), 0);
  expect_same("while_answering");
  EXPECT_EQ(train(killed("in_a_round", 3, {"rounds/2", "rounds/1/result.json", "rounds/1/eval_answers.jsonl"})), 0);
  expect_same("in_a_round");
  EXPECT_EQ(train(killed("after_the_last_step", 6, {"rounds/2/result.json"})), 0);
  expect_same("after_the_last_step");
}

TEST_F(MiniIterate, GoesOnOnlyWithTheDataTheRewardsAndTheThresholdsItBeganWith) {
  IterateOptions options = MiniIterate::options("run");
  options.thresholds = "3";
  options.max_steps = options.round_steps = 1;
  EXPECT_EQ(train(options), 0);
  options.resume = true;
  const auto expect_refused = [&](const IterateOptions& other, const std::string& said) {
    const std::string before = read_file(options.out / "options.toml");
    try {
      train(other);
      FAIL() << "resumed with another --" << said;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(said), std::string::npos) << error.what();
    }
    EXPECT_EQ(read_file(options.out / "options.toml"), before);
  };
  IterateOptions other = options;
  other.thresholds = "4";
  expect_refused(other, "--thresholds, round 1: 3.0 (now 4.0)");
  other = options;
  std::vector<Json> lines = folder_.read("data.jsonl");
  std::swap(lines[0], lines[1]);
  other.data = {folder_.write("swapped.jsonl", lines)};
  expect_refused(other, "--data \"lines ");
  other = options;
  std::vector<Json> scores;
  for (int i = 1; i <= 6; ++i) scores.push_back({{"id", i}, {"score", 5}});
  other.rewards = {.rewards = "scores", .scores = folder_.write("scores.jsonl", scores)};
  expect_refused(other, "--rewards \"line\" (now \"scores\")");
  options.thresholds = "3,5";  // another round
  EXPECT_EQ(train(options), 0);
  EXPECT_EQ(folder_.read("run/rounds.jsonl").size(), 3u);
}

TEST_F(MiniIterate, StopsAtOnceAndGoesOn) {
  stop_ = true;
  EXPECT_EQ(train(options("stopped")), 130);
  stop_ = false;
  EXPECT_EQ(train(options("stopped")), 0);
  EXPECT_THROW(train(options("stopped")), InputError);  // the folder holds a run already
}

TEST_F(MiniIterate, ALineWithoutRewardStopsTheRunOrIsCounted) {
  std::vector<Json> lines = folder_.read("data.jsonl");
  lines[4].erase("reward");
  lines[5]["reward"] = 7;
  folder_.write("data.jsonl", lines);
  IterateOptions options = MiniIterate::options("run");
  try {
    train(options);
    FAIL() << "the line without a reward was accepted";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("data.jsonl line 5"), std::string::npos) << error.what();
  }
  options.out = folder_ / "skipped";
  options.skip_bad = true;
  options.thresholds = "3";
  EXPECT_EQ(train(options), 0);
  EXPECT_EQ(folder_.read("skipped/rounds.jsonl").at(1).at("unrated"), 2);
  EXPECT_EQ(folder_.read("skipped/rounds.jsonl").at(1).at("worth"), 1);
}

TEST_F(MiniIterate, OptionsAreChecked) {
  const auto refuses = [&](const auto& change) {
    IterateOptions options = MiniIterate::options("bad");
    change(options);
    EXPECT_THROW(train(options), InputError);
  };
  refuses([](IterateOptions& options) { options.thresholds = "3,six"; });
  refuses([](IterateOptions& options) { options.thresholds = "6"; });
  refuses([](IterateOptions& options) { options.errors = "maybe"; });
  refuses([](IterateOptions& options) { options.rewards.rewards = "scores"; });
  refuses([](IterateOptions& options) { options.rewards.reward_model = "somewhere"; });
  refuses([](IterateOptions& options) { options.chains.penalty = "maybe"; });
}

}  // namespace
}  // namespace r1v
