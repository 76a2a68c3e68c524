// Whole runs of GRPO on a tiny network, judged by themselves and by what they must achieve.
#include "recipes/grpo.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/error.h"
#include "base/file.h"
#include "io/safetensors.h"
#include "models/golden_network.h"
#include "models/value_head.h"
#include "recipes/grpo_settings.h"
#include "recipes/rollout_log.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

/// tests/golden/sft knows nothing, so nothing that it says is right. What differs between its answers is their length:
/// rewards come from the punishment of long ones, which ends at 24 tokens.
class GrpoRun : public testing::Test {
 protected:
  void SetUp() override {
    copy_golden_model(model());
    std::string lines;
    for (int i = 0; i < 6; ++i) {
      const std::string picture = i % 3 == 0 ? cat(R"(,"images":[")", i, R"(.png"])") : "";
      lines += cat(R"({"id":"q)", i, R"(","messages":[{"role":"user","content":"question )", i, R"("}],"answer":")", i,
                   R"(","kind":"number")", picture, "}\n");
    }
    write_file_atomic(model() / "questions.jsonl", lines);
  }

  fs::path model() const { return folder_.path() / "model"; }
  fs::path run_folder(const std::string& name) const { return folder_.path() / name; }

  GrpoOptions options(const std::string& run) const {
    GrpoOptions options;
    options.model = model();
    options.data = {model() / "questions.jsonl"};
    options.out = run_folder(run);
    options.learning_rate = 1e-3;
    options.lr_scheduler = "constant";
    options.batch_size = 2;
    options.gradient_accumulation = 1;
    options.max_steps = 4;
    options.num_generations = 6;
    options.max_completion_length = 24;
    options.overlong_buffer = 24;
    options.kv_memory = 16;
    return options;
  }

  std::vector<Json> lines(const std::string& run, const std::string& file = "metrics.jsonl") const {
    std::vector<Json> found;
    std::istringstream in(read_file(run_folder(run) / file));
    for (std::string line; std::getline(in, line);) found.push_back(parse_json(line, file));
    return found;
  }
  at::Tensor saved(const std::string& run, int64_t step, const std::string& name) const {
    return SafetensorsFile(run_folder(run) / "checkpoints" / cat("step-", step) / "model.safetensors")
        .tensor(name)
        .clone();
  }
  std::string refusal(const GrpoOptions& options) {
    try {
      train_grpo(options, stop_);
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  }

  TemporaryFolder folder_;
  std::atomic<bool> stop_ = false;
};

TEST_F(GrpoRun, TheTrainerFindsTheLogProbabilitiesThatTheEngineRecorded) {
  EXPECT_EQ(train_grpo(options("run"), stop_), 0);
  int64_t compared = 0;
  for (const Json& line : lines("run")) {
    if (!line.contains("logprob_difference_max")) continue;  // nothing to learn from in this step
    ++compared;
    // The tiny network's heads are too narrow for packed attention: two float32 sums in different orders, over 32
    // products, of log-probabilities around -6.
    EXPECT_LT(line.at("logprob_difference_max").get<double>(), 2e-5);
    EXPECT_NEAR(line.at("ratio_max").get<double>(), 1.0, 2e-5);
    EXPECT_EQ(line.at("clip_share").get<double>(), 0.0);
  }
  EXPECT_GE(compared, 3);
}

TEST_F(GrpoRun, OfANetworkThatCanBePackedTheyAreTheSameToTheBit) {
  Json config = read_json_file(model() / "config.json");
  config["llm_config"].update({{"hidden_size", 64}, {"intermediate_size", 64}, {"num_key_value_heads", 4}});
  write_file_atomic(model() / "config.json", dump_json(config));
  write_golden_weights(model());
  EXPECT_EQ(train_grpo(options("run"), stop_), 0);
  int64_t compared = 0;
  for (const Json& line : lines("run")) {
    if (!line.contains("logprob_difference_max")) continue;
    ++compared;
    EXPECT_EQ(line.at("logprob_difference_max").get<double>(), 0.0);
    EXPECT_EQ(line.at("ratio_max").get<double>(), 1.0);
  }
  EXPECT_GE(compared, 1);
}

TEST_F(GrpoRun, AnswersLearnWhatPays) {
  GrpoOptions run = options("run");
  run.learning_rate = 1e-2;
  run.max_steps = 25;
  run.batch_size = 4;
  EXPECT_EQ(train_grpo(run, stop_), 0);
  const std::vector<Json> found = lines("run");
  const double before = found.front().at("completion_tokens"), after = found.back().at("completion_tokens");
  EXPECT_GT(before, 15.0);
  EXPECT_LT(after, before / 2);
  EXPECT_GT(found.back().at("reward").get<double>(), found.front().at("reward").get<double>());
}

TEST_F(GrpoRun, ResumesToTheBitWithBufferAverageAndSeveralUpdates) {
  GrpoOptions whole = options("whole");
  whole.sample_buffer = "on";
  whole.weight_average = 0.9;
  whole.num_iterations = 2;
  whole.steps_per_generation = 2;
  whole.batch_size = 1;
  whole.save_steps = 2;
  whole.beta = 0.01;
  EXPECT_EQ(train_grpo(whole, stop_), 0);
  GrpoOptions again = whole;
  again.out = run_folder("again");
  fs::create_directories(again.out / "checkpoints");
  fs::copy(whole.out / "checkpoints/step-2", again.out / "checkpoints/step-2", fs::copy_options::recursive);
  again.resume = true;
  EXPECT_EQ(train_grpo(again, stop_), 0);
  for (const std::string name :
       {"language_model.model.norm.weight", "mlp1.3.weight", "vision_model.encoder.layers.1.mlp.fc1.weight"}) {
    EXPECT_TRUE(at::equal(saved("whole", 4, name), saved("again", 4, name))) << name;
  }
  const fs::path kept = "checkpoints/step-4/training_state/sample_buffer.safetensors";
  EXPECT_EQ(read_file(run_folder("whole") / kept), read_file(run_folder("again") / kept));
  EXPECT_EQ(lines("whole").back().at("loss"), lines("again").back().at("loss"));
}

TEST_F(GrpoRun, TheBufferFillsInForFlatGroups) {
  GrpoOptions run = options("run");
  run.max_steps = 6;
  run.overlong_buffer = 12;  // answers of up to 12 tokens and those that were cut are alike: some groups are flat
  run.sample_buffer = "on";
  run.num_generations = 3;
  EXPECT_EQ(train_grpo(run, stop_), 0);
  double without = 0, with = 0;
  for (const Json& line : lines("run")) {
    EXPECT_GE(line.at("effective_share_with_buffer").get<double>(), line.at("effective_share").get<double>());
    without += line.at("effective_share").get<double>();
    with += line.at("effective_share_with_buffer").get<double>();
  }
  EXPECT_GT(with, without);
}

TEST_F(GrpoRun, TheFirstUpdateStartsFromTheReference) {
  GrpoOptions run = options("run");
  run.beta = 0.1;
  run.max_steps = 3;
  EXPECT_EQ(train_grpo(run, stop_), 0);
  const std::vector<Json> found = lines("run");
  EXPECT_NEAR(found.front().at("kl").get<double>(), 0.0, 1e-6);
  EXPECT_GT(found.back().at("kl").get<double>(), 1e-6);
}

TEST_F(GrpoRun, MeasuresGreedyAnswersAndWritesSamples) {
  GrpoOptions run = options("run");
  run.max_steps = 2;
  run.eval_data = {model() / "questions.jsonl"};
  run.logged_samples = 2;
  EXPECT_EQ(train_grpo(run, stop_), 0);
  EXPECT_FALSE(lines("run").front().contains("eval_accuracy"));  // at the end only
  EXPECT_TRUE(lines("run").back().contains("eval_accuracy"));
  const std::vector<Json> samples = lines("run", "samples.jsonl");
  ASSERT_EQ(samples.size(), 4U);
  for (const char* key : {"step", "id", "question", "text", "answer", "reward", "accuracy_reason", "advantage"}) {
    EXPECT_TRUE(samples.front().contains(key)) << key;
  }
}

TEST_F(GrpoRun, ARewardModelIsAskedForEveryAnswer) {
  ValueHead head(read_model_config(model()).language.hidden_size);
  head.walk([](const std::string& name, at::Tensor& slot) { slot = golden_weight(name, slot.sizes()); });
  save_value_head(head, model());
  GrpoOptions run = options("run");
  run.reward_weights = "1,1,1";
  run.max_steps = 1;
  EXPECT_NE(refusal(run).find("--reward-model"), std::string::npos);  // a weight without a model
  EXPECT_FALSE(fs::exists(run.out));                                  // before anything is opened or sampled
  run.reward_model = model();
  EXPECT_EQ(train_grpo(run, stop_), 0);
  const Json line = lines("run").front();
  EXPECT_GT(line.at("model_reward").get<double>(), 0.0);  // a sigmoid
  EXPECT_LT(line.at("model_reward").get<double>(), 1.0);
  EXPECT_TRUE(line.contains("model_reward_raw"));
  EXPECT_EQ(read_file(run.out / "log.txt").find("hardly differ"), std::string::npos);
  run.out = run_folder("far from zero");
  head.walk([](const std::string&, at::Tensor& slot) { slot = slot.dim() == 1 ? slot - 100 : slot; });  // sigmoid(-20)
  save_value_head(head, model());
  EXPECT_EQ(train_grpo(run, stop_), 0);
  EXPECT_NE(read_file(run.out / "log.txt").find("hardly differ"), std::string::npos);
}

TEST_F(GrpoRun, TextTeachesALoneProjectorNothingAndIsCounted) {
  GrpoOptions run = options("run");
  run.freeze = {"vision", "language"};
  run.batch_size = 1;  // 4 of 6 questions have no picture, and a pass of their own
  run.gradient_accumulation = 2;
  run.max_steps = 3;
  EXPECT_EQ(train_grpo(run, stop_), 0);
  EXPECT_NE(read_file(run_folder("run") / "log.txt").find("answers taught nothing"), std::string::npos);
}

TEST(RolloutFigures, AMeanOfNothingIsNoZero) {
  RolloutGroup group;
  group.samples.push_back({.ids = {1, 2, 3}});  // nobody could decide whether it is right
  const Json line = rollout_figures({group});
  EXPECT_EQ(line.at("undecided"), 1);
  EXPECT_EQ(line.at("completion_tokens"), 3.0);
  for (const char* name : {"reward", "reward_std", "accuracy", "format", "overlong"}) {
    EXPECT_FALSE(line.contains(name)) << name;
  }
}

TEST_F(GrpoRun, SaysWhatIsWrong) {
  GrpoOptions run = options("run");
  run.num_generations = 1;
  EXPECT_NE(refusal(run).find("--num-generations"), std::string::npos);
  run = options("run");
  run.loss_type = "bnpo";
  EXPECT_NE(refusal(run).find("--loss-type"), std::string::npos);
  run = options("run");
  for (const char* weights : {"1,x", "0,0", "0,0,0"}) {
    run.reward_weights = weights;
    EXPECT_NE(refusal(run).find("--reward-weights"), std::string::npos) << weights;
  }
  run = options("run");
  write_file_atomic(model() / "open.jsonl", R"({"messages":[{"role":"user","content":"q"}]})");
  run.data = {model() / "open.jsonl"};
  EXPECT_NE(refusal(run).find("open.jsonl line 1: no \"answer\""), std::string::npos) << refusal(run);
  EXPECT_THROW(grpo_preset("r1v9"), InputError);
}

TEST_F(GrpoRun, StopsBetweenStepsAndKeepsWhatIsDone) {
  stop_ = true;
  EXPECT_EQ(train_grpo(options("run"), stop_), 130);
  EXPECT_FALSE(fs::exists(run_folder("run") / "checkpoints"));  // nothing was done yet
}

TEST_F(GrpoRun, KeepsQuestionsThatAreAnsweredNowRightNowWrong) {
  GrpoOptions run = options("run");
  run.out.clear();
  run.keep_mixed = folder_.path() / "mixed.jsonl";
  EXPECT_EQ(train_grpo(run, stop_), 0);
  EXPECT_EQ(read_file(run.keep_mixed), "");  // the tiny network is always wrong
}

TEST_F(GrpoRun, APictureThatIsMissingIsSeenBeforeTheFirstStep) {
  fs::remove(model() / "3.png");
  const std::string said = refusal(options("run"));
  EXPECT_NE(said.find("line 4: 3.png: cannot open"), std::string::npos) << said;
  EXPECT_FALSE(fs::exists(run_folder("run") / "log.txt"));
}

TEST_F(GrpoRun, ABrokenPictureDoesNotTakeTheStepsBeforeItAlong) {
  const std::string sound = read_file(model() / "3.png");
  GrpoOptions run = options("run");
  run.shuffle = "off";  // the picture is in the second step
  run.max_steps = 3;
  write_file_atomic(model() / "3.png", "not a picture");
  EXPECT_NE(refusal(run).find("questions.jsonl line 4"), std::string::npos);
  ASSERT_TRUE(fs::exists(run_folder("run") / "checkpoints/step-1"));
  write_file_atomic(model() / "3.png", sound);
  run.resume = true;
  EXPECT_EQ(train_grpo(run, stop_), 0);
  GrpoOptions whole = options("whole");
  whole.shuffle = "off";
  whole.max_steps = 3;
  EXPECT_EQ(train_grpo(whole, stop_), 0);
  const char* name = "language_model.model.embed_tokens.weight";
  EXPECT_TRUE(saved("run", 3, name).equal(saved("whole", 3, name)));
}

// tests/golden/grpo.json has the losses of these settings; here they are what the presets set.
TEST(GrpoPresets, AreTheSettingsOfTheGoldenLosses) {
  const Json golden = read_json_file(fs::path(R1V_SOURCE_DIR) / "tests/golden/grpo.json");
  for (const char* name : {"trl", "verl", "r1v1", "r1v2", "r1v3"}) {
    SCOPED_TRACE(name);
    const auto found =
        std::ranges::find_if(golden.at("cases"), [&](const Json& one) { return one.at("name") == name; });
    ASSERT_NE(found, golden.at("cases").end());
    const Json& told = found->at("options");
    const GrpoOptions preset = grpo_preset(name);
    const GrpoLossOptions loss = loss_of(preset);
    EXPECT_EQ(learn_of(preset).loss, parse_loss_type(told.value("loss_type", "dapo")));
    EXPECT_EQ(advantage_of(preset).scale, parse_advantage_scale(found->at("scale")));
    EXPECT_EQ(advantage_of(preset).epsilon, found->at("epsilon"));
    EXPECT_EQ(loss.epsilon_low, told.value("epsilon_low", 0.2));
    EXPECT_EQ(loss.epsilon_high, told.value("epsilon_high", 0.2));
    EXPECT_EQ(loss.delta, told.value("delta", 0.0));
    EXPECT_EQ(loss.dual_clip, told.value("dual_clip", 0.0));
    EXPECT_EQ(loss.log_ratio_limit, told.value("log_ratio_limit", 0.0));
    EXPECT_EQ(loss.level, parse_importance_level(told.value("level", "token")));
    EXPECT_EQ(loss.beta, told.value("beta", 0.0));
    EXPECT_EQ(loss.kl, parse_kl_estimator(told.value("kl", "k3")));
    EXPECT_EQ(loss.kl_input_limit, told.value("kl_input_limit", 0.0));
    EXPECT_EQ(loss.kl_output_limit, told.value("kl_output_limit", 0.0));
    if (loss.beta > 0) {
      EXPECT_EQ(loss.kl_times_ratio, told.value("kl_times_ratio", false));
    }
  }
}

TEST(GrpoPresets, SetWhatTheirSourcesSay) {
  const GrpoLossOptions verl = loss_of(grpo_preset("verl"));
  EXPECT_EQ(verl.dual_clip, 3.0);
  EXPECT_EQ(verl.kl_output_limit, 10.0);
  EXPECT_EQ(advantage_of(grpo_preset("verl")).epsilon, 1e-6);
  EXPECT_EQ(advantage_of(grpo_preset("trl")).epsilon, 1e-4);
  EXPECT_EQ(loss_of(grpo_preset("r1v1")).beta, 0.04);
  EXPECT_EQ(learn_of(grpo_preset("r1v2")).loss, LossType::grpo);
  EXPECT_EQ(grpo_preset("r1v2").sample_buffer, "on");
  const GrpoOptions r1v3 = grpo_preset("r1v3");
  EXPECT_EQ(questions_a_step(r1v3), 32);
  EXPECT_EQ(r1v3.num_generations, 32);
  EXPECT_EQ(judge_of(r1v3, nullptr).weights.accuracy, 0.8);
}

}  // namespace
}  // namespace r1v
