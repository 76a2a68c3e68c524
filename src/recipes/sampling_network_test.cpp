// Sampler and trainer agree: log-probabilities to the bit, before and after a step, and gradients as without panels.
#include "recipes/sampling_network.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "engine/engine.h"
#include "engine/tiny_folder_test.h"
#include "models/init.h"
#include "models/low_rank.h"
#include "models/registry.h"
#include "prompt/render.h"
#include "recipes/answer_groups.h"
#include "train/freeze.h"

namespace r1v {
namespace {

using namespace testing_folder;  // NOLINT: a test's own helpers

constexpr int64_t kTiles = 3;
constexpr double kTemperature = 0.8;

class SamplingNetworkTest : public testing::Test {
 protected:
  SamplingNetworkTest() {
    write_tiny_config(folder_, 128, 128, 512);
    renderer_ = std::make_unique<Renderer>(folder_.path());
    learning_ = new_model(read_model_config(folder_.path()), 5);
    learning_->walk([](const std::string& name, at::Tensor& parameter) {
      if (name.ends_with("lm_head.weight")) parameter.mul_(60.0);  // answers that are neither flat nor fixed
    });
    for (int64_t i = 0; i < 75; ++i) prompt_.input_ids.push_back('a' + i * i % 23);
    prompt_.input_ids.insert(prompt_.input_ids.begin() + 5, kTiles * 4, kImgContext);
    prompt_.images = {{.grid = {.frames = kTiles, .rows = 4, .columns = 4}, .tokens = kTiles * 4, .pixel_rows = kTiles}};
    at::manual_seed(3);
    prompt_.pixels = at::randn({kTiles, 3, 16, 16});
  }

  void SetUp() override {
    if (!PackedTwin::fits(*learning_)) GTEST_SKIP() << "this processor has no fast rows";
  }

  std::vector<Completion> sample(const SamplingNetwork& sampler) const {
    Engine engine(sampler.network(), *renderer_, {.kv_format = sampler.kv_format()});
    SamplingParams params{.temperature = kTemperature, .seed = 11, .max_tokens = 40};
    params.n = 5;
    params.ignore_eos = true;
    return engine.generate({.prompt = &prompt_, .sampling = params}).completions;
  }

  /// The trainer's own log-probabilities of what was sampled, with gradients.
  at::Tensor logprobs(const VocabularyHead& head, const std::vector<Completion>& completions) const {
    AnswerGroup group{.prompt = &prompt_, .answers = {}};
    for (const Completion& completion : completions) group.answers.emplace_back(completion.ids);
    const GroupNetwork network{.model = *learning_, .image_token_id = kImgContext};
    return token_logprobs(network.hidden({&group, 1}), head, answer_ids({&group, 1}), kTemperature);
  }

  void expect_equal_logprobs(const SamplingNetwork& sampler) const {
    const std::vector<Completion> completions = sample(sampler);
    std::vector<float> recorded;
    for (const Completion& completion : completions) {
      for (const double logprob : completion.logprobs) recorded.push_back(static_cast<float>(logprob));
    }
    const at::Tensor found = logprobs(sampler.head(), completions).detach();
    ASSERT_EQ(found.numel(), static_cast<int64_t>(recorded.size()));
    EXPECT_TRUE(at::equal(found, at::tensor(recorded)))
        << "largest difference " << (found - at::tensor(recorded)).abs().max().item<double>();
  }

  /// Every parameter that learns, moved as an optimizer would.
  static void move(const std::vector<TrainedParameter>& parameters) {
    at::manual_seed(9);
    for (const TrainedParameter& parameter : parameters) {
      parameter.master.detach().add_(at::randn(parameter.master.sizes()) * 0.01);
    }
  }

  TinyFolder folder_;
  std::unique_ptr<Renderer> renderer_;
  std::unique_ptr<R1vModel> learning_;
  Prompt prompt_;
};

TEST_F(SamplingNetworkTest, RecordsTheTrainersLogProbabilitiesToTheBitBeforeAndAfterAStep) {
  const std::vector<TrainedParameter> parameters = make_trainable(*learning_, {});
  SamplingNetwork sampler(*learning_);
  expect_equal_logprobs(sampler);
  const std::vector<int64_t> before = sample(sampler).front().ids;
  move(parameters);
  sampler.refresh();
  expect_equal_logprobs(sampler);
  EXPECT_NE(sample(sampler).front().ids, before);  // the panels did follow
}

TEST_F(SamplingNetworkTest, AgreesWhereOnlyTheProjectorOrLowRankAdditionsLearn) {
  for (const bool has_additions : {false, true}) {
    if (has_additions) add_low_rank(*learning_, 4, 8.0, 1);
    const auto frozen = has_additions ? std::vector{NetworkPart::vision, NetworkPart::projector}
                                      : std::vector{NetworkPart::vision, NetworkPart::language};
    const std::vector<TrainedParameter> parameters = make_trainable(*learning_, frozen);
    SamplingNetwork sampler(*learning_);
    move(parameters);
    sampler.refresh();
    expect_equal_logprobs(sampler);
  }
}

TEST_F(SamplingNetworkTest, GradientsAreThoseOfThePlainNetwork) {
  add_low_rank(*learning_, 4, 8.0, 1);
  learning_->walk([](const std::string& name, at::Tensor& parameter) {
    if (name.ends_with("lora_B.weight")) parameter.fill_(0.02);
  });
  const std::vector<TrainedParameter> parameters = make_trainable(*learning_, {});
  std::vector<Completion> completions;
  const auto gradients = [&](const VocabularyHead& head) {
    logprobs(head, completions).sum().backward();
    std::vector<at::Tensor> list;
    for (const TrainedParameter& parameter : parameters) {
      list.push_back(parameter.master.grad().clone());
      parameter.master.mutable_grad().reset();
    }
    return list;
  };
  std::vector<at::Tensor> packed;
  {
    const SamplingNetwork sampler(*learning_);
    completions = sample(sampler);
    packed = gradients(sampler.head());
  }
  const std::vector<at::Tensor> plain = gradients({.weight_VD = learning_->head_weight_VD()});
  // Two orders of adding up some hundred products, through two layers and logits of size 60.
  for (size_t i = 0; i < packed.size(); ++i) {
    const double scale = plain[i].abs().max().item<double>();
    EXPECT_LE((packed[i] - plain[i]).abs().max().item<double>(), 5e-4 * scale) << parameters[i].name;
  }
}

}  // namespace
}  // namespace r1v
