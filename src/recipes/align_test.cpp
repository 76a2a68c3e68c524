// The three stages of the projector on a tiny network.
#include "recipes/align.h"

#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "base/error.h"
#include "base/file.h"
#include "io/safetensors.h"
#include "models/golden_network.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

/// tests/golden/sft with weights from the formula of make_network.py.
class TinyAlign : public testing::Test {
 protected:
  void SetUp() override { copy_golden_model(model()); }

  fs::path model() const { return folder_.path() / "model"; }
  fs::path run_folder(const std::string& name) const { return folder_.path() / name; }

  /// Two steps a stage, no warm-up: the first step of a stage has its peak rate.
  AlignOptions options(const std::string& run) const {
    AlignOptions options;
    options.model = model();
    options.data = {model() / "data.jsonl"};
    options.refine_data = options.data;
    options.cot_data = options.data;
    options.max_steps = options.refine_steps = options.cot_steps = 2;
    options.out = run_folder(run);
    options.warmup_ratio = 0;
    options.batch_size = 2;
    options.gradient_accumulation = 2;
    options.save_steps = 1;
    options.keep_checkpoints = 0;
    return options;
  }

  std::vector<Json> metrics(const std::string& run) const {
    std::vector<Json> lines;
    std::istringstream in(read_file(run_folder(run) / "metrics.jsonl"));
    for (std::string line; std::getline(in, line);) lines.push_back(parse_json(line, "metrics"));
    return lines;
  }

  int train(const AlignOptions& options) { return train_align(options, stop_); }

  TemporaryFolder folder_;
  std::atomic<bool> stop_ = false;
};

TEST_F(TinyAlign, EveryStageHasItsRateAndItsSteps) {
  EXPECT_EQ(train(options("run")), 0);
  const std::vector<Json> lines = metrics("run");
  ASSERT_EQ(lines.size(), 6u);
  const std::vector<int> stages = {1, 1, 2, 2, 3, 3};
  for (size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i].at("step"), i + 1);
    EXPECT_EQ(lines[i].at("stage"), stages[i]);
    // A cosine over two steps: the peak, then half of it.
    const double peak = i < 2 ? 2e-4 : 4e-5;
    EXPECT_NEAR(lines[i].at("learning_rate"), i % 2 == 0 ? peak : peak / 2, 1e-12) << "step " << i + 1;
  }
}

TEST_F(TinyAlign, OnlyTheProjectorMoves) {
  EXPECT_EQ(train(options("run")), 0);
  const SafetensorsFile before(model() / "model.safetensors");
  const SafetensorsFile after(run_folder("run") / "checkpoints/step-6/model.safetensors");
  for (const auto& [name, info] : before.tensors()) {
    EXPECT_EQ(at::equal(before.tensor(name), after.tensor(name)), !name.starts_with("mlp1.")) << name;
  }
}

TEST_F(TinyAlign, ResumesToTheBitFromEveryStep) {
  AlignOptions whole = options("whole");
  whole.weight_average = 0.9;  // every stage begins with the averages of the last
  EXPECT_EQ(train(whole), 0);
  for (int killed_after = 0; killed_after < 6; ++killed_after) {
    const std::string name = cat("killed", killed_after);
    fs::copy(run_folder("whole"), run_folder(name), fs::copy_options::recursive);
    for (int step = killed_after + 1; step <= 6; ++step) {
      fs::remove_all(run_folder(name) / "checkpoints" / cat("step-", step));
    }
    AlignOptions resumed = whole;
    resumed.out = run_folder(name);
    resumed.resume = true;
    EXPECT_EQ(train(resumed), 0);
    for (const char* file : {"model.safetensors", "training_state/weights.safetensors",
                             "training_state/optimizer.safetensors", "training_state/state.json"}) {
      EXPECT_TRUE(read_file(run_folder(name) / "checkpoints/step-6" / file) ==
                  read_file(run_folder("whole") / "checkpoints/step-6" / file))
          << file << " after " << killed_after << " steps";
    }
    EXPECT_EQ(metrics(name).size(), 6u);
  }
}

TEST_F(TinyAlign, StagesWithoutDataAreLeftOut) {
  AlignOptions one = options("one");
  one.refine_data.clear();
  one.refine_steps = 0;
  EXPECT_EQ(train(one), 0);
  EXPECT_EQ(metrics("one").size(), 4u);
  EXPECT_EQ(metrics("one").back().at("stage"), 2);
}

TEST_F(TinyAlign, RefusesStepsWithoutData) {
  AlignOptions bad = options("bad");
  bad.cot_data.clear();
  EXPECT_THROW(train(bad), InputError);
  bad.cot_steps = 0;
  for (const double rate : {-1.0, HUGE_VAL}) {
    bad.refine_learning_rate = rate;
    EXPECT_THROW(train(bad), InputError);
  }
}

}  // namespace
}  // namespace r1v
