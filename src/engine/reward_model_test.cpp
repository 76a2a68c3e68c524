// Scores on tiny networks: alone, in a batch of seven and in any order they are the same bits.
#include "engine/reward_model.h"

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/error.h"
#include "base/rng.h"
#include "engine/tiny_qwen_test.h"
#include "kernels/packed_weight.h"
#include "models/registry.h"

namespace r1v {
namespace {

using namespace testing_folder;  // NOLINT: a test's own helpers

class RewardModelTest : public testing::Test, protected TinyQwen {
 protected:
  RewardModelTest() { write_head(1.0); }

  void write_head(double bias, double likelihood_weight = 0.0) const {
    ValueHead head(32, likelihood_weight);
    head.walk([&](const std::string&, at::Tensor& slot) {
      slot = slot.dim() == 2 ? at::linspace(-1, 1, 32).view({1, 32}) : at::full({1}, bias);
    });
    save_value_head(head, folder.path());
  }

  std::vector<ScoredPrompt> seven(const RewardModel& model) const {
    std::vector<ScoredPrompt> prompts;
    for (const Conversation& one :
         {asked("a cat", 1), asked("a dog that runs", 1), asked("x", 1), asked("words alone", std::nullopt),
          asked("a cat", 2, 61, 20), asked("a much longer answer, with commas, and more of them", 2, 61, 20),
          asked("x", std::nullopt)}) {
      prompts.push_back(render_scored(model.renderer(), one));
    }
    return prompts;
  }
};

/// One that reads its head alone, and one that weighs the answer's likelihood, too.
class AnyJudge : public RewardModelTest, public testing::WithParamInterface<double> {
 protected:
  AnyJudge() { write_head(1.0, GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(LikelihoodWeight, AnyJudge, testing::Values(0.0, 0.5));

TEST_P(AnyJudge, AScoreDoesNotDependOnItsCompany) {
  using enum WeightFormat;
  const std::vector<LoadOptions> loads = {{.dtype = at::kFloat}, {.dtype = at::kBFloat16}, {.packed = float32},
                                          {.packed = bfloat16},  {.packed = int8},         {.packed = int4}};
  for (const LoadOptions& load : loads) {
    const RewardModel model(folder.path(), load);
    const std::vector<ScoredPrompt> prompts = seven(model);
    const std::vector<double> together = model.score(prompts);
    std::vector<size_t> order(prompts.size());
    std::iota(order.begin(), order.end(), size_t{0});
    Rng rng(9);
    for (int round = 0; round < 5; ++round) {
      rng.shuffle(order);
      std::vector<ScoredPrompt> shuffled;
      for (const size_t i : order) shuffled.push_back(prompts[i]);
      const std::vector<double> scores = model.score(shuffled);
      for (size_t i = 0; i < order.size(); ++i) EXPECT_EQ(scores[i], together[order[i]]);  // to the bit
    }
    for (size_t i = 0; i < prompts.size(); ++i) {
      EXPECT_EQ(model.score(std::span(prompts).subspan(i, 1)).front(), together[i]);
    }
    EXPECT_NE(together[0], together[1]);
    EXPECT_NE(together[0], together[4]);  // the same answer about another picture
  }
}

TEST_P(AnyJudge, AScoreDoesNotDependOnHowItsPassesAreCut) {
  using enum WeightFormat;
  for (const WeightFormat format : {float32, bfloat16, int8}) {
    const RewardModel model(folder.path(), {.packed = format});
    if (model.model().packed_language() == nullptr) GTEST_SKIP() << "this processor has no fast rows";
    std::vector<ScoredPrompt> prompts = seven(model);
    for (int i = 0; i < 5; ++i) {  // neighbours: half of a long question is read, then their answers together
      const std::string answer(static_cast<size_t>(40 * i + 1), 'y');
      prompts.push_back(render_scored(model.renderer(), asked(answer, 2, 61, 20)));
    }
    const std::vector<double> whole = model.score(prompts);
    for (const int64_t pass_rows : {1, 7, 33, 100}) {
      ScoringRun run(model, prompts, pass_rows);
      while (run.step()) {
      }
      EXPECT_EQ(run.scores(), whole) << pass_rows;  // to the bit
    }
  }
}

TEST_P(AnyJudge, APlainNetworksPassesAreCutTheSameWayInAnyCompany) {
  const RewardModel model(folder.path(), {.dtype = at::kFloat});
  const std::vector<ScoredPrompt> prompts = seven(model);
  const std::vector<double> whole = model.score(prompts);
  for (const int64_t pass_rows : {5, 40}) {
    ScoringRun together(model, prompts, pass_rows);
    while (together.step()) {
    }
    for (size_t i = 0; i < prompts.size(); ++i) {
      ScoringRun alone(model, std::span(prompts).subspan(i, 1), pass_rows);
      while (alone.step()) {
      }
      EXPECT_EQ(alone.scores().front(), together.scores()[i]);
      EXPECT_NEAR(together.scores()[i], whole[i], 1e-4);
    }
  }
}

TEST_F(RewardModelTest, ASharedBeginningIsReadOnceHoweverManyPassesItsAnswersTake) {
  const RewardModel model(folder.path(), {.packed = WeightFormat::float32});
  if (model.model().packed_language() == nullptr) GTEST_SKIP() << "this processor has no fast rows";
  std::vector<ScoredPrompt> prompts;
  for (int i = 0; i < 6; ++i) {
    prompts.push_back(render_scored(model.renderer(), asked(cat(i, std::string(60, 'a')), 1)));
  }
  ScoringRun run(model, prompts, 50);
  while (run.step()) {
  }
  auto expected = static_cast<int64_t>(prompts[0].shared_tokens);
  for (const ScoredPrompt& one : prompts) {
    expected += std::ssize(one.prompt.input_ids) - static_cast<int64_t>(one.shared_tokens);
  }
  EXPECT_EQ(run.rows(), expected);
}

TEST_P(AnyJudge, AnswersThatBeginAlikeShareBlocksAndTheSameAnswerIsReadOnce) {
  using enum WeightFormat;
  for (const WeightFormat format : {float32, bfloat16, int8}) {
    const RewardModel model(folder.path(), {.packed = format});
    if (model.model().packed_language() == nullptr) GTEST_SKIP() << "this processor has no fast rows";
    const std::string long_beginning(150, 'a');  // of four blocks at least
    std::vector<ScoredPrompt> prompts;
    for (const std::string end : {"x", "yes", "x", "", "yes, and more", "no", "x"}) {
      prompts.push_back(render_scored(model.renderer(), asked(long_beginning + end, 1)));
    }
    prompts.push_back(render_scored(model.renderer(), asked("short", 1)));
    std::vector<double> alone;
    int64_t rows_alone = 0;
    for (const ScoredPrompt& one : prompts) {
      alone.push_back(model.score(std::span(&one, 1)).front());
      rows_alone += std::ssize(one.prompt.input_ids);
    }
    for (const int64_t pass_rows : {3, 40, 64, 2048}) {
      ScoringRun run(model, prompts, pass_rows);
      while (run.step()) {
      }
      EXPECT_EQ(run.scores(), alone) << pass_rows;  // to the bit
      EXPECT_LT(run.rows(), rows_alone / 3);
    }
  }
}

TEST_P(AnyJudge, AgreesWithOneWholePassOverTheConversation) {
  const at::NoGradGuard no_grad;
  const RewardModel plain(folder.path(), LoadOptions{}), packed(folder.path(), {.packed = WeightFormat::float32});
  const auto network = load_model(folder.path());
  const auto head = load_value_head(folder.path(), 32, at::kCPU);
  for (const ScoredPrompt& one : seven(plain)) {
    const Prompt& prompt = one.prompt;
    const std::vector<PictureGrid> grids = grids_of(prompt.images);
    const at::Tensor ids = at::tensor(prompt.input_ids);
    const at::Tensor rows = grids.empty() ? at::Tensor() : network->encode_pictures(prompt.pixels, grids);
    const at::Tensor hidden =
        network->hidden(network->embed(ids, rows, kImgContext), network->packed(ids, {ids.size(0)}, grids));
    double expected = head->forward(hidden.narrow(0, ids.size(0) - 1, 1)).item<double>();
    const at::Tensor logprobs_TV = at::log_softmax(network->logits(hidden), 1);
    for (size_t t = one.shared_tokens; t < one.answer_end; ++t) {
      const auto row = static_cast<int64_t>(t);
      expected += GetParam() * logprobs_TV[row - 1][prompt.input_ids[t]].item<double>();
    }
    EXPECT_NEAR(plain.score(std::span(&one, 1)).front(), expected, 1e-4);
    EXPECT_NEAR(packed.score(std::span(&one, 1)).front(), expected, 1e-4);
    EXPECT_EQ(prompt.input_ids.back(), '\n');                // behind <|im_end|>, where the published scorer reads
    EXPECT_EQ(one.answer_end + 1, prompt.input_ids.size());  // the answer itself ends with <|im_end|>
    EXPECT_GT(one.shared_tokens, 0u);
  }
}

TEST_F(RewardModelTest, RefusesAFolderWithoutItsHead) {
  std::filesystem::remove(folder.path() / "value_head.safetensors");
  try {
    RewardModel model(folder.path(), LoadOptions{});
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("value_head.safetensors"), std::string::npos);
  }
}

TEST_F(RewardModelTest, RefusesHeadsThatHoldNoNumbers) {
  write_head(std::numeric_limits<double>::quiet_NaN());
  EXPECT_THROW(RewardModel(folder.path(), LoadOptions{}), InputError);
}

TEST_F(RewardModelTest, RefusesLikelihoodWeightsThatMakeNoSense) {
  for (const double weight : {-1.0, std::numeric_limits<double>::infinity()}) {
    write_head(1.0, weight);
    EXPECT_THROW(RewardModel(folder.path(), LoadOptions{}), InputError) << weight;
  }
}

TEST_F(RewardModelTest, RefusesTheHeadOfAnotherWidth) {
  ValueHead head(16);
  head.walk([](const std::string&, at::Tensor& slot) { slot = at::zeros(slot.sizes()); });
  save_value_head(head, folder.path());
  EXPECT_THROW(RewardModel(folder.path(), LoadOptions{}), InputError);
}

TEST_F(RewardModelTest, RefusesScoresThatAreNoNumbers) {
  const auto network = load_model(folder.path(), {.writable = true});
  network->walk([](const std::string& name, at::Tensor& slot) {
    if (name == "model.norm.weight") slot.fill_(std::numeric_limits<double>::quiet_NaN());
  });
  save_model(*network, folder.path(), {}, at::kFloat);
  const RewardModel model(folder.path(), LoadOptions{});
  EXPECT_THROW(model.score(seven(model)), InputError);
}

TEST_F(RewardModelTest, AConversationBeyondTheContextIsRefused) {
  const RewardModel model(folder.path(), LoadOptions{});
  const ScoredPrompt prompt = render_scored(model.renderer(), asked(std::string(600, 'x'), std::nullopt));  // 512 fit
  EXPECT_THROW(model.score(std::span(&prompt, 1)), InputError);
}

TEST_F(RewardModelTest, AnEmptyAnswerIsRefusedAndSoIsAQuestionWithoutOne) {
  const RewardModel model(folder.path(), LoadOptions{});
  EXPECT_THROW(render_scored(model.renderer(), asked(" \n", std::nullopt)), InputError);
  Conversation open = asked("x", std::nullopt);
  open.messages.pop_back();
  EXPECT_THROW(render_scored(model.renderer(), open), InputError);
  EXPECT_THROW(render_scored(model.renderer(), asked("x", 1, 1, 300)), InputError);  // 300 : 1
}

}  // namespace
}  // namespace r1v
