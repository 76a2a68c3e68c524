// Checkpoints: complete or absent, and exact to the bit.
#include "train/state.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "base/file.h"
#include "train/gradients.h"
#include "train/meter.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

class RunFolder : public testing::Test {
 protected:
  void SetUp() override {
    run_ = fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(run_);
    fs::create_directories(run_);
  }
  void TearDown() override { fs::remove_all(run_); }
  fs::path run_;
};

/// Two weights with a loss that mixes them, so that every step differs.
class Pair final : public Module {
 public:
  Pair() {
    parameter("first", first, {3});
    parameter("second", second, {3});
    first = at::tensor({0.1f, 0.2f, 0.3f});
    second = at::tensor({1.0f, -1.0f, 0.5f});
  }
  at::Tensor first, second;
};

void train(Pair& pair, const std::vector<TrainedParameter>& parameters, AdamW& optimizer, int from, int to) {
  for (int step = from; step < to; ++step) {
    drop_gradients(masters(parameters));
    (at::sin(pair.first * (step + 1)) * pair.second.exp()).sum().backward();
    optimizer.step(1.0);
  }
}

AdamW make_optimizer(const std::vector<TrainedParameter>& parameters) {
  return {parameter_groups(parameters, {.learning_rate = 0.01, .weight_decay = 0.1}), {}};
}

TEST_F(RunFolder, FiveStepsEqualTwoStepsAndThreeAfterResuming) {
  Pair whole;
  const auto whole_parameters = make_trainable(whole, {});
  AdamW whole_optimizer = make_optimizer(whole_parameters);
  train(whole, whole_parameters, whole_optimizer, 0, 2);
  publish_checkpoint(run_, 2, [&](const fs::path& folder) {
    save_training_state(folder, whole_parameters, whole_optimizer, Json{{"step", 2}});
  });
  train(whole, whole_parameters, whole_optimizer, 2, 5);

  Pair resumed;
  const auto parameters = make_trainable(resumed, {});
  AdamW optimizer = make_optimizer(parameters);
  const Json position = load_training_state(latest_checkpoint(run_).value(), parameters, optimizer);
  EXPECT_EQ(position.at("step"), 2);
  train(resumed, parameters, optimizer, 2, 5);
  EXPECT_TRUE(at::equal(resumed.first, whole.first));
  EXPECT_TRUE(at::equal(resumed.second, whole.second));
}

TEST_F(RunFolder, AnInterruptedWriteIsNeverTakenForACheckpoint) {
  publish_checkpoint(run_, 9, [](const fs::path& folder) { write_file_atomic(folder / "mark", "9"); });
  EXPECT_THROW(publish_checkpoint(run_, 10, [](const fs::path&) { throw InputError("disk full"); }), InputError);
  EXPECT_EQ(latest_checkpoint(run_)->filename(), "step-9");
  EXPECT_FALSE(fs::exists(run_ / "checkpoints" / "step-10.tmp"));
}

TEST_F(RunFolder, NewestByNumberIsFoundAndOldOnesArePruned) {
  for (const int step : {2, 10, 9}) publish_checkpoint(run_, step, [](const fs::path&) {});
  EXPECT_EQ(latest_checkpoint(run_)->filename(), "step-10");
  prune_checkpoints(run_, 2);
  EXPECT_FALSE(fs::exists(run_ / "checkpoints" / "step-2"));
  EXPECT_TRUE(fs::exists(run_ / "checkpoints" / "step-9"));
}

TEST_F(RunFolder, ResumingWithOtherFrozenPartsNamesTheDifference) {
  Pair pair;
  auto parameters = make_trainable(pair, {});
  const AdamW optimizer = make_optimizer(parameters);
  save_training_state(run_, parameters, optimizer, Json::object());
  parameters.pop_back();
  AdamW fewer = make_optimizer(parameters);
  EXPECT_THROW(load_training_state(run_, parameters, fewer), InputError);
}

TEST_F(RunFolder, MeterDropsLinesOfStepsThatWillBeDoneAgain) {
  std::ofstream(run_ / "metrics.jsonl") << "{\"step\":1}\n{\"step\":2}\n{\"step\":3}\n{\"st";
  {
    Meter meter(run_, 2, 3);
    meter.write(Json{{"step", 3}, {"loss", 0.5}});
  }
  EXPECT_EQ(read_file(run_ / "metrics.jsonl"), "{\"step\":1}\n{\"step\":2}\n{\"step\":3,\"loss\":0.5}\n");
}

TEST(Freeze, FrozenPartsRecordNothingAndTrainingNeedsSomething) {
  Pair pair;  // no prefix: language
  EXPECT_THROW(make_trainable(pair, {NetworkPart::language}), InputError);
  EXPECT_FALSE(pair.first.requires_grad());
  EXPECT_EQ(make_trainable(pair, {NetworkPart::vision}).size(), 2);
  EXPECT_TRUE(pair.first.requires_grad());
}

TEST(Freeze, ReducedPrecisionCopiesHandTheirGradientsToFloat32Masters) {
  Pair pair;
  const auto parameters = make_trainable(pair, {}, at::kBFloat16);
  EXPECT_EQ(pair.first.scalar_type(), at::kBFloat16);
  (pair.first * 2).sum().backward();
  collect_gradients(parameters);
  (pair.first * 2).sum().backward();
  collect_gradients(parameters);
  EXPECT_EQ(parameters[0].master.grad()[0].item<double>(), 4.0);
  parameters[0].master.detach().fill_(7.0);
  refresh_copies(parameters);
  EXPECT_EQ(pair.first[0].item<double>(), 7.0);
}

}  // namespace
}  // namespace r1v
