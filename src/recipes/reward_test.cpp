// Whole runs of reward model training on a tiny network, against the same run in plain PyTorch and against themselves.
#include "recipes/reward.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "base/error.h"
#include "base/file.h"
#include "engine/reward_model.h"
#include "io/safetensors.h"
#include "models/golden_network.h"
#include "prompt/conversation.h"
#include "recipes/answer_scores.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

/// tests/golden/sft and tests/golden/reward with weights from the formula of make_network.py.
class RewardRun : public testing::Test {
 protected:
  void SetUp() override {
    copy_golden_model(model());
    const fs::path pairs = fs::path(R1V_SOURCE_DIR) / "tests/golden/reward";
    for (const char* file : {"pairs.jsonl", "pictures.jsonl"}) fs::copy(pairs / file, model());
    ValueHead head(read_model_config(model()).language.hidden_size);
    head.walk([](const std::string& name, at::Tensor& slot) { slot = golden_weight(name, slot.sizes()); });
    save_value_head(head, model());
  }

  fs::path model() const { return folder_.path() / "model"; }
  fs::path run_folder(const std::string& name) const { return folder_.path() / name; }

  /// The settings of make_reward.py.
  RewardOptions options(const std::string& run) const {
    RewardOptions options;
    options.model = model();
    options.data = {model() / "pictures.jsonl"};
    options.second_data = {model() / "pairs.jsonl"};
    options.out = run_folder(run);
    options.learning_rate = 2e-3;
    options.second_learning_rate = 5e-4;
    options.weight_decay = 0.05;
    options.adam_beta2 = 0.98;
    options.warmup_steps = 2;
    options.max_steps = 6;
    options.second_steps = 4;
    options.batch_size = 2;
    options.gradient_accumulation = 2;
    options.center_rewards_coefficient = 0.01;
    options.shuffle = "off";
    return options;
  }

  std::vector<Json> metrics(const std::string& run) const {
    std::vector<Json> lines;
    std::istringstream in(read_file(run_folder(run) / "metrics.jsonl"));
    for (std::string line; std::getline(in, line);) lines.push_back(parse_json(line, "metrics"));
    return lines;
  }
  at::Tensor saved(const std::string& run, int64_t step, const std::string& name) const {
    const fs::path folder = run_folder(run) / "checkpoints" / cat("step-", step);
    const fs::path file = name.starts_with("v_head.") ? "value_head.safetensors" : "model.safetensors";
    return SafetensorsFile(folder / file).tensor(name).clone();
  }
  int train(const RewardOptions& options) { return train_reward(options, stop_); }
  std::string refusal(const RewardOptions& options) {
    try {
      train(options);
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  }

  TemporaryFolder folder_;
  std::atomic<bool> stop_ = false;
};

void expect_curve(const std::vector<Json>& lines, const char* file, bool weighs_sft) {
  const Json curve = read_json_file(fs::path(R1V_SOURCE_DIR) / "tests/golden/reward" / file);
  ASSERT_EQ(lines.size(), curve.size());
  for (size_t i = 0; i < lines.size(); ++i) {
    const auto expect_near = [&](const char* key, double tolerance) {
      const double expected = curve[i].at(key);
      EXPECT_NEAR(lines[i].at(key), expected, tolerance * std::max(1.0, std::abs(expected)))
          << key << " in step " << i + 1;
    };
    expect_near("loss", 2e-4);
    expect_near("grad_norm", 5e-3);
    expect_near("margin", 1e-3);
    EXPECT_NEAR(lines[i].at("accuracy"), curve[i].at("accuracy"), 1e-9) << "step " << i + 1;
    EXPECT_NEAR(lines[i].at("learning_rate"), curve[i].at("learning_rate"), 1e-12) << "step " << i + 1;
    EXPECT_EQ(lines[i].at("pairs"), curve[i].at("pairs"));
    ASSERT_EQ(lines[i].contains("sft_loss"), weighs_sft);
    if (weighs_sft) expect_near("sft_loss", 2e-4);
  }
}

TEST_F(RewardRun, FollowsTheCurveOfThePyTorchLoopThroughBothStages) {
  EXPECT_EQ(train(options("run")), 0);
  expect_curve(metrics("run"), "curve.json", /*weighs_sft=*/false);
}

TEST_F(RewardRun, FollowsThePyTorchLoopWithTheAnswersOwnLikelihood) {
  RewardOptions run = options("run");
  run.own_likelihood = 0.25;
  run.sft_weight = 0.1;
  EXPECT_EQ(train(run), 0);
  expect_curve(metrics("run"), "curve_likelihood.json", /*weighs_sft=*/true);
}

TEST_F(RewardRun, TheTowerStaysAndTheRestLearns) {
  EXPECT_EQ(train(options("run")), 0);
  const std::string tower = "vision_model.encoder.layers.0.mlp.fc1.weight";
  EXPECT_TRUE(at::equal(saved("run", 10, tower), golden_weight(tower, saved("run", 10, tower).sizes())));
  for (const std::string name :
       {"mlp1.1.weight", "language_model.model.layers.1.mlp.up_proj.weight", "v_head.summary.weight"}) {
    const at::Tensor now = saved("run", 10, name);
    EXPECT_FALSE(at::equal(now, golden_weight(name, now.sizes()))) << name;
  }
}

TEST_F(RewardRun, NewLayersLearnAloneWhereTheOldOnesAreFrozen) {
  RewardOptions run = options("run");
  run.expand_layers = 1;  // the network has two layers
  run.freeze_layers = 2;
  run.freeze = {"vision,projector"};
  run.second_data.clear();
  EXPECT_EQ(train(run), 0);
  const auto is_as_it_was = [&](const std::string& name) {
    const at::Tensor now = saved("run", 6, name);
    return at::equal(now, golden_weight(name, now.sizes()));
  };
  EXPECT_TRUE(is_as_it_was("language_model.model.embed_tokens.weight"));
  EXPECT_TRUE(is_as_it_was("language_model.model.layers.0.mlp.up_proj.weight"));
  EXPECT_TRUE(is_as_it_was("language_model.model.layers.1.self_attn.q_proj.bias"));
  EXPECT_TRUE(is_as_it_was("mlp1.1.weight"));
  EXPECT_FALSE(is_as_it_was("v_head.summary.weight"));
  const at::Tensor written = saved("run", 6, "language_model.model.layers.2.mlp.down_proj.weight");
  EXPECT_GT(written.abs().max().item<float>(), 0.0F);  // began as zeros
}

TEST_F(RewardRun, ResumesToTheBitInEitherStage) {
  RewardOptions whole = options("whole");
  whole.save_steps = 4;
  whole.shuffle = "on";
  EXPECT_EQ(train(whole), 0);
  for (const int64_t kept : {4, 8}) {
    RewardOptions again = whole;
    again.out = run_folder(cat("again", kept));
    fs::create_directories(again.out / "checkpoints");
    const fs::path step = fs::path("checkpoints") / cat("step-", kept);
    fs::copy(whole.out / step, again.out / step, fs::copy_options::recursive);
    again.resume = true;
    EXPECT_EQ(train(again), 0);
    for (const std::string name : {"v_head.summary.weight", "language_model.model.norm.weight", "mlp1.3.weight"}) {
      EXPECT_TRUE(at::equal(saved("whole", 10, name), saved(cat("again", kept), 10, name))) << name << " from " << kept;
    }
  }
}

TEST_F(RewardRun, MeasuresPairAccuracyBySource) {
  RewardOptions run = options("run");
  run.eval_data = {model() / "pairs.jsonl"};
  run.max_steps = 1;
  run.second_data.clear();
  EXPECT_EQ(train(run), 0);
  const Json line = metrics("run").back();
  const double all = line.at("eval_accuracy"), even = line.at("eval_accuracy/even"), odd = line.at("eval_accuracy/odd");
  EXPECT_NEAR(all, (even + odd) / 2, 1e-9);  // four pairs each
}

TEST_F(RewardRun, DropsTiesAndNamesBadLines) {
  const std::string tie = R"({"messages":[{"role":"user","content":"q"}],"chosen":"a","rejected":"a"})";
  const std::string good = R"({"messages":[{"role":"user","content":"q"}],"chosen":"a","rejected":"b"})";
  write_file_atomic(model() / "ties.jsonl", tie + "\n" + good + "\n");
  RewardOptions run = options("ties");
  run.data = {model() / "ties.jsonl"};
  run.second_data.clear();
  run.max_steps = 2;
  EXPECT_EQ(train(run), 0);
  EXPECT_EQ(metrics("ties").front().at("pairs"), 1);
  EXPECT_NE(read_file(run_folder("ties") / "log.txt").find("1 pairs of equal answers"), std::string::npos);

  write_file_atomic(model() / "bad.jsonl",
                    good + "\n" + R"({"messages":[{"role":"user","content":"q"}],"chosen":" ","rejected":"b"})");
  run.out = run_folder("bad");
  run.data = {model() / "bad.jsonl"};
  EXPECT_NE(refusal(run).find("bad.jsonl line 2"), std::string::npos) << refusal(run);
}

TEST_F(RewardRun, AWeightOfTheLikelihoodStaysUntilAnotherIsGiven) {
  RewardOptions run = options("first");
  run.own_likelihood = 0.25;
  run.max_steps = 1;
  run.second_data.clear();
  EXPECT_EQ(train(run), 0);
  const fs::path judge = run_folder("first") / "checkpoints/step-1";
  const auto weight_after = [&](const char* name, double given, std::optional<int64_t> initialize) {
    RewardOptions next = run;
    next.model = judge;
    next.out = run_folder(name);
    next.own_likelihood = given;
    next.initialize = initialize;
    EXPECT_EQ(train(next), 0);
    return load_value_head(next.out / "checkpoints/step-1", read_model_config(model()).language.hidden_size, at::kCPU)
        ->likelihood_weight();
  };
  EXPECT_EQ(weight_after("same", 0, std::nullopt), 0.25);
  EXPECT_EQ(weight_after("initialized", 0, 1), 0.25);
  EXPECT_EQ(weight_after("other", 0.5, std::nullopt), 0.5);
  run.resume = true;
  run.max_steps = 2;
  run.own_likelihood = 0.5;
  EXPECT_NE(refusal(run).find("resume with the same --own-likelihood"), std::string::npos) << refusal(run);
  run.own_likelihood = 1e-60;
  EXPECT_NE(refusal(run).find("numbers that float32 can hold"), std::string::npos) << refusal(run);
}

TEST_F(RewardRun, AHeadOfItsOwnLearnsWhereItsLikelihoodCounts) {
  Json config = read_json_file(model() / "config.json");
  config["llm_config"]["tie_word_embeddings"] = false;
  write_file_atomic(model() / "config.json", dump_json(config));
  const auto head_after_a_step = [&](const std::string& name, double own_likelihood) {
    RewardOptions run = options(name);
    run.initialize = 1;  // the same random network for both
    run.own_likelihood = own_likelihood;
    run.second_data.clear();
    run.max_steps = 1;
    run.warmup_steps = 0;
    EXPECT_EQ(train(run), 0);
    return saved(name, 1, "language_model.lm_head.weight");
  };
  EXPECT_FALSE(head_after_a_step("scalar", 0).equal(head_after_a_step("likelihood", 0.25)));
}

// What is trained is what is scored: the same conversation through the packed training pass and through the scorer.
class ScoredAsTrained : public RewardRun, public testing::WithParamInterface<double> {};
INSTANTIATE_TEST_SUITE_P(OwnLikelihood, ScoredAsTrained, testing::Values(0.0, 0.25));

TEST_P(ScoredAsTrained, TheScorerReadsWhatTrainingRead) {
  RewardOptions run = options("run");
  run.own_likelihood = GetParam();
  run.data = {model() / "pairs.jsonl"};
  run.second_data.clear();
  run.max_steps = 1;
  run.warmup_steps = 1;  // learning rate 0: the weights stay
  run.batch_size = 8;
  run.gradient_accumulation = 1;
  EXPECT_EQ(train(run), 0);
  const RewardModel reward(run_folder("run") / "checkpoints/step-1", LoadOptions{});
  EXPECT_EQ(reward.likelihood_weight(), GetParam());
  testing::internal::CaptureStderr();
  warn_of_falling_scores(reward, "--min-chosen");
  EXPECT_EQ(testing::internal::GetCapturedStderr().find("--min-chosen") != std::string::npos, GetParam() != 0);
  double leads = 0;
  for (const bool better : {true, false}) {
    std::istringstream in(read_file(model() / "pairs.jsonl"));
    std::vector<ScoredPrompt> prompts;
    for (std::string text; std::getline(in, text);) {
      Json line = parse_json(text, "pairs");
      Json content = Json::array();
      for (const Json& image : line.value("images", Json::array()))
        content.push_back({{"type", "image"}, {"path", image}});
      content.push_back({{"type", "text"}, {"text", line["messages"][0]["content"]}});
      Json messages = Json::array({{{"role", "user"}, {"content", content}}});
      messages.push_back({{"role", "assistant"}, {"content", line[better ? "chosen" : "rejected"]}});
      prompts.push_back(render_scored(
          reward.renderer(), parse_conversation({{"messages", messages}}, {.root = model().string()}, "pair")));
    }
    for (const double score : reward.score(prompts)) leads += better ? score : -score;
  }
  EXPECT_NEAR(leads / 8, metrics("run").front().at("margin"), 1e-4);
}

}  // namespace
}  // namespace r1v
