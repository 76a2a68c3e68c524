// Distillation on the model of this repository, with the gym's oracle as judge.
#include "recipes/distill.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "recipes/line_rewards.h"
#include "recipes/pairs_testing.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

const fs::path kMini = fs::path(R1V_SOURCE_DIR) / "models/r1v-mini";

/// Right for every other question only if the model is; its own solution is right in any case.
Json sum_line(int number, int level) {
  Json line = {{"messages", asked(cat("What is ", number, " + 3?"))}, {"level", level}};
  line["messages"].push_back({{"role", "assistant"}, {"content", cat("\\boxed{", number + 3, "}")}});
  return line;
}

class MiniDistill : public testing::Test {
 protected:
  void SetUp() override {
    std::vector<Json> lines;
    for (int i = 0; i < 6; ++i) lines.push_back(sum_line(i, i % 3 + 1));
    // A question with a wrong key: no chain can be right, the oracle writes what the key says.
    lines.push_back(sum_line(5, 1));
    lines.back()["answer"] = "77";
    lines.back()["kind"] = "number";
    folder_.write("data.jsonl", lines);
  }

  DistillOptions options(const std::string& run) const {
    DistillOptions options;
    options.model = kMini;
    options.data = {folder_ / "data.jsonl"};
    options.out = folder_ / run;
    options.dtype = "float32";
    options.threads = 1;
    options.chains.max_completion_length = 24;
    options.chains.penalty = "both";
    return options;
  }

  int train(const DistillOptions& options) { return train_distill(options, judge_.get(), stop_); }
  Json summary(const std::string& run) const { return read_json_file((folder_ / run) / "summary.json"); }

  LinesFolder folder_;
  std::unique_ptr<Judge> judge_ = make_gym_judge();
  std::atomic<bool> stop_ = false;
};

TEST_F(MiniDistill, HarderQuestionsGetSmallerPenalties) {
  EXPECT_EQ(train(options("run")), 0);
  const std::vector<Json> chains = folder_.read("run/chains.jsonl");
  std::map<int64_t, double> penalty;
  for (const Json& chain : chains) penalty[chain["index"]] = chain["penalty"];
  // No pictures: S_v is equal everywhere and says nothing (0.5). "What is 2 + 3?" needs no picture, whatever the
  // number: S_I says nothing (0.5). S_t rises with the level: quality 10, the others 2, 4, 6, so that S_t is scaled to
  // 0, 0.5 and 1. P = 2^(1 - (0.5 + S_t + 0.5) / 3).
  EXPECT_NEAR(penalty.at(0), 1.587401, 1e-6);  // 2^(2/3)
  EXPECT_NEAR(penalty.at(1), 1.414214, 1e-6);  // 2^(1/2)
  EXPECT_NEAR(penalty.at(2), 1.259921, 1e-6);  // 2^(1/3)
  for (const Json& chain : folder_.read("run/plain_chains.jsonl")) EXPECT_EQ(chain["penalty"], 1.0);
}

TEST_F(MiniDistill, EveryKeptSolutionIsRightAndEveryLineIsCounted) {
  EXPECT_EQ(train(options("run")), 0);
  const Json counts = summary("run");
  int64_t all = 0;
  for (const auto& [source, count] : counts["solutions"].items()) all += count.get<int64_t>();
  EXPECT_EQ(all, 7);
  EXPECT_EQ(counts["with_penalty"]["all"]["chains"], 7);
  EXPECT_EQ(counts["without_penalty"]["2"]["chains"], 2);
  const std::vector<Json> lines = folder_.read("run/distilled.jsonl");
  ASSERT_EQ(lines.size(), 7u);
  for (const Json& line : lines) {
    const std::string gold = line["answer"];
    EXPECT_EQ(verify_answer(gold, line["messages"].back()["content"].get<std::string>()).correct, true);
  }
  EXPECT_EQ(lines.back()["distill"]["solution"], "rewritten");
  EXPECT_EQ(lines.back()["messages"].back()["content"], "\\boxed{77}");
}

TEST_F(MiniDistill, WrongChainsAreDroppedOrLeaveTheLineAsItWas) {
  DistillOptions drops = options("drops");
  drops.chains.wrong_chains = "drop";
  EXPECT_EQ(train(drops), 0);
  const int64_t kept = summary("drops")["solutions"].value("chain", 0),
                dropped = summary("drops")["solutions"]["dropped"];
  EXPECT_GE(dropped, 1);
  EXPECT_EQ(kept + dropped, 7);
  EXPECT_EQ(std::ssize(folder_.read("drops/distilled.jsonl")), kept);
  DistillOptions keeps = options("keeps");
  keeps.chains.wrong_chains = "original";
  EXPECT_EQ(train(keeps), 0);
  EXPECT_EQ(folder_.read("keeps/distilled.jsonl").back()["messages"].back()["content"], "\\boxed{8}");
}

TEST_F(MiniDistill, GoesOnWhereItWasKilled) {
  EXPECT_EQ(train(options("whole")), 0);
  EXPECT_THROW(train(options("whole")), InputError);  // the folder holds a run already
  fs::copy(folder_ / "whole", folder_ / "killed", fs::copy_options::recursive);
  for (const char* file : {"summary.json", "distilled.jsonl", "plain_chains.jsonl", "rewrites.jsonl"}) {
    fs::remove((folder_ / "killed") / file);
  }
  const fs::path chains = (folder_ / "killed") / "chains.jsonl";
  fs::resize_file(chains, fs::file_size(chains) / 2);
  DistillOptions resumed = options("killed");
  resumed.resume = true;
  stop_ = true;
  EXPECT_EQ(train(resumed), 130);
  stop_ = false;
  EXPECT_EQ(train(resumed), 0);
  for (const char* file : {"distilled.jsonl", "summary.json"}) {
    EXPECT_EQ(read_file((folder_ / "killed") / file), read_file((folder_ / "whole") / file));
  }
}

TEST_F(MiniDistill, GoesOnOnlyWithTheDataTheModelAndTheOptionsItBeganWith) {
  DistillOptions options = MiniDistill::options("run");
  options.chains.penalty = "on";
  EXPECT_EQ(train(options), 0);
  options.resume = true;
  const auto expect_refused = [&](const DistillOptions& other, const std::string& said) {
    const std::string before = read_file(options.out / "options.toml");
    try {
      train(other);
      FAIL() << "resumed with another " << said;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(said), std::string::npos) << error.what();
    }
    EXPECT_EQ(read_file(options.out / "options.toml"), before);
  };
  std::vector<Json> lines = folder_.read("data.jsonl");
  std::swap(lines[0], lines[1]);
  DistillOptions other_data = options, other_alpha = options, other_penalty = options, other_model = options;
  other_data.data = {folder_.write("swapped.jsonl", lines)};
  other_alpha.scores.rule.alpha = 0.25;
  other_penalty.chains.penalty = "off";
  other_model.model = folder_ / "model";
  fs::copy(kMini, other_model.model);
  const fs::path weights = other_model.model / "model.safetensors";
  std::string bytes = read_file(weights);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  write_file_atomic(weights, bytes);
  for (const bool is_done : {true, false}) {
    if (!is_done) fs::remove(options.out / "summary.json");  // as a kill leaves it
    expect_refused(other_data, "--data \"lines ");
    expect_refused(other_alpha, "(now 0.25)");
    expect_refused(other_penalty, "--penalty \"on\" (now \"off\")");
    expect_refused(other_model, "--model \"weights ");
  }
  DistillOptions moved = options;
  moved.data = {folder_ / "moved.jsonl"};
  fs::rename(folder_ / "data.jsonl", moved.data.front());
  EXPECT_EQ(train(moved), 0);
  fs::remove(options.out / "source.json");
  expect_refused(moved, "source.json: is missing");
}

TEST_F(MiniDistill, ALineThatTheJudgeCannotRateStopsTheRunOrIsCounted) {
  std::vector<Json> lines = folder_.read("data.jsonl");
  lines[2].erase("level");
  folder_.write("data.jsonl", lines);
  DistillOptions options = MiniDistill::options("run");
  try {
    train(options);
    FAIL() << "a line without level was rated";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("data.jsonl line 3"), std::string::npos) << error.what();
  }
  options.skip_bad = options.resume = true;
  EXPECT_EQ(train(options), 0);
  EXPECT_EQ(summary("run")["unscored"], 1);
  EXPECT_EQ(std::ssize(folder_.read("run/distilled.jsonl")), 6);
}

TEST_F(MiniDistill, AJudgeThatRatesNothingStopsTheRunEvenWhereBadLinesAreLeftOut) {
  std::vector<Json> lines = folder_.read("data.jsonl");
  for (Json& line : lines) line.erase("level");
  folder_.write("data.jsonl", lines);
  DistillOptions options = MiniDistill::options("run");
  options.skip_bad = true;
  try {
    train(options);
    FAIL() << "nothing was distilled and nobody was told";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("not one of 7 lines could be scored"), std::string::npos) << error.what();
  }
}

TEST_F(MiniDistill, ALineWithoutAnAnswerIsNotRewritten) {
  std::vector<Json> lines = folder_.read("data.jsonl");
  lines.back() = {{"messages", asked("What is 5 + 3?")}, {"level", 1}};
  folder_.write("data.jsonl", lines);
  EXPECT_EQ(train(options("run")), 0);
  EXPECT_EQ(summary("run")["solutions"]["without_answer"], 1);
  EXPECT_EQ(std::ssize(folder_.read("run/distilled.jsonl")), 6);
}

TEST_F(MiniDistill, OptionsAreChecked) {
  const auto refuses = [&](const auto& change) {
    DistillOptions options = MiniDistill::options("bad");
    change(options);
    EXPECT_THROW(train(options), InputError);
  };
  refuses([](DistillOptions& options) { options.chains.wrong_chains = "hide"; });
  refuses([](DistillOptions& options) { options.scores.necessity = "hide"; });
  refuses([](DistillOptions& options) { options.scores.rule.beta = -1; });
  refuses([](DistillOptions& options) { options.chains.top_p = 2; });
  refuses([](DistillOptions& options) { options.data.clear(); });
  refuses([](DistillOptions& options) { options.data = {"missing.jsonl"}; });
  EXPECT_FALSE(fs::exists(folder_ / "bad"));  // no run yet: mended words may name the same folder
}

TEST_F(MiniDistill, RewardsComeFromAFileOrAJudgeAndAreNeverSilentZeros) {
  const TaskLines lines({.files = {folder_ / "data.jsonl"}});
  std::vector<Json> scores;
  for (int i = 1; i <= 7; ++i) scores.push_back({{"id", i}, {"score", i % 6}});
  LineRewardOptions options{.rewards = "scores", .scores = folder_.write("scores.jsonl", scores)};
  const auto rate = [&](bool skip_bad) {
    return rate_lines(lines, options, judge_.get(), "float32", skip_bad, folder_ / "", stop_).value();
  };
  EXPECT_EQ(rate(false).by_index.at(4), 5);
  scores.pop_back();
  scores[0]["score"] = 9;
  folder_.write("scores.jsonl", scores);
  EXPECT_THROW(rate(false), InputError);
  scores[0] = {{"id", 1}, {"error", "too long"}};  // as `r1v score` writes it
  folder_.write("scores.jsonl", scores);
  EXPECT_THROW(rate(false), InputError);
  EXPECT_EQ(rate(true).unrated, 2);
  EXPECT_FALSE(rate(true).by_index.contains(0));
  options = {.rewards = "judge"};
  EXPECT_EQ(rate(false).by_index.at(2), 3);  // its level
  EXPECT_EQ(rate(false).by_index.at(6), 0);  // its solution says 8, its key 77
}

}  // namespace
}  // namespace r1v
