// Whole runs of MPO on a tiny network, against the same runs in plain PyTorch and against themselves.
#include "recipes/mpo.h"

#include <gtest/gtest.h>

#include <limits>
#include <sstream>

#include "base/error.h"
#include "base/file.h"
#include "io/safetensors.h"
#include "models/golden_network.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

/// tests/golden/sft and tests/golden/reward with weights from the formula of make_network.py.
class MpoRuns : public testing::Test {
 protected:
  void SetUp() override {
    copy_golden_model(model());
    fs::copy(fs::path(R1V_SOURCE_DIR) / "tests/golden/reward/pairs.jsonl", model());
  }

  fs::path model() const { return folder_.path() / "model"; }
  fs::path run_folder(const std::string& name) const { return folder_.path() / name; }

  /// The settings of make_mpo.py.
  MpoOptions options(const std::string& run) const {
    MpoOptions options;
    options.model = model();
    options.data = {model() / "pairs.jsonl"};
    options.out = run_folder(run);
    options.freeze = {"vision"};
    options.learning_rate = 2e-3;
    options.weight_decay = 0.05;
    options.adam_beta2 = 0.98;
    options.warmup_ratio = 0.0;
    options.warmup_steps = 2;
    options.max_steps = 6;
    options.batch_size = 2;
    options.gradient_accumulation = 2;
    options.beta = 0.3;
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
    return SafetensorsFile(run_folder(run) / "checkpoints" / cat("step-", step) / "model.safetensors")
        .tensor(name)
        .clone();
  }
  int train(const MpoOptions& options) { return train_mpo(options, stop_); }
  std::string refusal(const MpoOptions& options) {
    try {
      train(options);
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  }
  void expect_curve(const std::string& run, const Json& curve) const {
    const std::vector<Json> lines = metrics(run);
    ASSERT_EQ(lines.size(), curve.size());
    for (size_t i = 0; i < lines.size(); ++i) {
      for (const auto& [key, value] : curve[i].items()) {
        EXPECT_NEAR(lines[i].at(key).get<double>(), value.get<double>(), key == "grad_norm" ? 2e-2 : 1e-3)
            << key << " of step " << i + 1;
      }
    }
  }

  TemporaryFolder folder_;
  std::atomic<bool> stop_ = false;
};

TEST_F(MpoRuns, FollowTheCurvesOfThePyTorchLoopInEveryForm) {
  const Json curves = read_json_file(fs::path(R1V_SOURCE_DIR) / "tests/golden/mpo/curves.json");
  for (const std::string form : {"step", "micro-batch", "off"}) {
    MpoOptions run = options(form);
    run.delta = form;
    if (form == "micro-batch") run.sft_mean = "sequences";
    EXPECT_EQ(train(run), 0);
    SCOPED_TRACE(form);
    expect_curve(form, curves.at(form));
  }
}

TEST_F(MpoRuns, AccumulationIsExact) {
  MpoOptions small = options("small"), large = options("large");
  large.batch_size = 4;
  large.gradient_accumulation = 1;
  EXPECT_EQ(train(small), 0);
  EXPECT_EQ(train(large), 0);
  const std::vector<Json> one = metrics("small"), other = metrics("large");
  for (size_t i = 0; i < one.size(); ++i) {
    for (const char* key : {"loss", "delta", "grad_norm", "rewards/margins", "loss/quality"}) {
      EXPECT_NEAR(one[i].at(key).get<double>(), other[i].at(key).get<double>(), 1e-3) << key << " of step " << i + 1;
    }
  }
}

TEST_F(MpoRuns, OnlyTheProjectorLearnsUnlessAskedOtherwise) {
  MpoOptions run = options("run");
  run.freeze = MpoOptions().freeze;
  EXPECT_EQ(train(run), 0);
  for (const std::string name : {"vision_model.encoder.layers.0.mlp.fc1.weight", "language_model.model.norm.weight",
                                 "language_model.model.embed_tokens.weight"}) {
    EXPECT_TRUE(at::equal(saved("run", 6, name), golden_weight(name, saved("run", 6, name).sizes()))) << name;
  }
  const at::Tensor now = saved("run", 6, "mlp1.1.weight");
  EXPECT_FALSE(at::equal(now, golden_weight("mlp1.1.weight", now.sizes())));
  // Pairs 0, 3 and 6 have pictures; every micro-batch but (4, 5) holds one of them.
  EXPECT_NE(read_file(run_folder("run") / "log.txt").find("6 of 24 pairs taught nothing"), std::string::npos)
      << read_file(run_folder("run") / "log.txt");
}

TEST_F(MpoRuns, ResumesToTheBitWithItsDeltaAndReference) {
  MpoOptions whole = options("whole");
  whole.save_steps = 3;
  whole.shuffle = "on";
  EXPECT_EQ(train(whole), 0);
  for (const bool keeps_reference : {true, false}) {
    MpoOptions again = whole;
    again.out = run_folder(cat("again", keeps_reference));
    fs::create_directories(again.out / "checkpoints");
    const fs::path step = fs::path("checkpoints") / "step-3";
    fs::copy(whole.out / step, again.out / step, fs::copy_options::recursive);
    if (keeps_reference) fs::copy(whole.out / "reference.safetensors", again.out);
    again.resume = true;
    EXPECT_EQ(train(again), 0);
    for (const std::string name : {"language_model.model.norm.weight", "mlp1.3.weight"}) {
      EXPECT_TRUE(at::equal(saved("whole", 6, name), saved(cat("again", keeps_reference), 6, name))) << name;
    }
    EXPECT_EQ(metrics("whole").back().at("delta"), metrics(cat("again", keeps_reference)).back().at("delta"));
  }
}

TEST_F(MpoRuns, OtherDataOrAnotherModelIsRefusedOnResume) {
  MpoOptions run = options("run");
  run.max_steps = 1;
  EXPECT_EQ(train(run), 0);
  run.max_steps = 2;
  run.resume = true;
  MpoOptions other_data = run;
  const std::string lines = read_file(model() / "pairs.jsonl");
  write_file_atomic(model() / "fewer.jsonl", lines.substr(lines.find('\n') + 1));
  other_data.data = {model() / "fewer.jsonl"};
  EXPECT_NE(refusal(other_data).find("another --data"), std::string::npos) << refusal(other_data);
  MpoOptions other_model = run;
  other_model.initialize = 3;
  EXPECT_NE(refusal(other_model).find("another --model"), std::string::npos) << refusal(other_model);
  MpoOptions other_dtype = run;
  other_dtype.dtype = "bfloat16";
  EXPECT_NE(refusal(other_dtype).find("--dtype"), std::string::npos) << refusal(other_dtype);
  EXPECT_EQ(train(run), 0);
}

// Eight pairs, four a step: the third step sees the pairs of the first again, with the weights of step 2.
TEST_F(MpoRuns, TheReferenceMayBeAnotherPolicy) {
  MpoOptions first = options("first");
  first.max_steps = 3;
  first.save_steps = 2;
  first.save_dtype = "float32";
  EXPECT_EQ(train(first), 0);
  MpoOptions second = options("second");
  second.model = run_folder("first") / "checkpoints/step-2";
  second.reference = model();
  second.max_steps = 1;
  second.eval_data = second.data;
  second.warmup_steps = 1;  // learning rate 0: the weights stay
  EXPECT_EQ(train(second), 0);
  const Json line = metrics("second").front(), third = metrics("first").back();
  for (const char* key : {"rewards/chosen", "rewards/rejected", "logps/chosen", "loss/preference"}) {
    EXPECT_NEAR(line.at(key).get<double>(), third.at(key).get<double>(), 1e-5) << key;
  }
  EXPECT_NE(line.at("rewards/chosen"), 0.0);
  EXPECT_TRUE(line.contains("eval_rewards/accuracies"));
}

TEST_F(MpoRuns, WrongOptionsAreNamed) {
  const auto refused = [&](auto change) {
    MpoOptions run = options("bad");
    change(run);
    return refusal(run);
  };
  EXPECT_NE(refused([](MpoOptions& o) { o.loss_weights = "1,2"; }).find("--loss-weights"), std::string::npos);
  EXPECT_NE(refused([](MpoOptions& o) { o.loss_weights = "1,2,x"; }).find("--loss-weights"), std::string::npos);
  EXPECT_NE(refused([](MpoOptions& o) { o.loss_weights = "0,0,0"; }).find("--loss-weights"), std::string::npos);
  EXPECT_NE(refused([](MpoOptions& o) { o.loss_weights = "1,-1,1"; }).find("--loss-weights"), std::string::npos);
  EXPECT_NE(refused([](MpoOptions& o) { o.beta = 0; }).find("--beta"), std::string::npos);
  EXPECT_NE(refused([](MpoOptions& o) { o.delta = "never"; }).find("--delta"), std::string::npos);
  EXPECT_NE(refused([](MpoOptions& o) { o.sft_mean = "words"; }).find("--sft-mean"), std::string::npos);
  const double infinite = std::numeric_limits<double>::infinity(), none = std::numeric_limits<double>::quiet_NaN();
  for (const double value : {infinite, none}) {
    const auto names = [&](double TrainOptions::* option, const char* name) {
      const std::string error = refused([&](MpoOptions& o) { o.*option = value; });
      EXPECT_NE(error.find(name), std::string::npos) << name << ": " << error;
    };
    names(&TrainOptions::learning_rate, "--learning-rate");
    names(&TrainOptions::weight_decay, "--weight-decay");
    names(&TrainOptions::max_grad_norm, "--max-grad-norm");
    names(&TrainOptions::adam_epsilon, "--adam-epsilon");
    names(&TrainOptions::adam_beta1, "--adam-beta1");
    names(&TrainOptions::weight_average, "--weight-average");
    names(&TrainOptions::warmup_ratio, "--warmup-ratio");
    names(&TrainOptions::lora_alpha, "--lora-alpha");
    EXPECT_NE(refused([&](MpoOptions& o) { o.vision_learning_rate = value; }).find("--vision-learning-rate"),
              std::string::npos);
    EXPECT_NE(refused([&](MpoOptions& o) { o.beta = value; }).find("--beta"), std::string::npos);
  }
  EXPECT_NE(refused([](MpoOptions& o) { o.data = {"none.jsonl"}; }).find("none.jsonl"), std::string::npos);
}

}  // namespace
}  // namespace r1v
