// The engine on a tiny network with random weights, against plain forward passes without any cache.
#include "engine/engine.h"

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/error.h"
#include "base/rng.h"
#include "engine/picture_rows.h"
#include "engine/tiny_folder_test.h"
#include "models/init.h"
#include "prompt/render.h"

namespace r1v {
namespace {

using namespace testing_folder;  // NOLINT: a test's own helpers

class EngineTest : public testing::Test {
 protected:
  EngineTest() {
    write_tiny_config(folder_, 32, 48, 128);
    renderer_ = std::make_unique<Renderer>(folder_.path());
    model_ = new_model(read_model_config(folder_.path()), 5);
    // Fresh weights make flat logits; steeper ones have no near ties that rounding could turn around.
    model_->walk([](const std::string& name, at::Tensor& parameter) {
      if (name.ends_with("lm_head.weight") || name.ends_with("embed_tokens.weight")) parameter.mul_(40.0);
    });
  }

  Prompt text_prompt(uint64_t seed, int64_t tokens) const {
    Rng rng(seed);
    Prompt prompt;
    for (int64_t i = 0; i < tokens; ++i) prompt.input_ids.push_back(rng.integer('a', 'z'));
    return prompt;
  }

  /// Two tiles of noise in front of some text: 2 * 4 image tokens.
  Prompt picture_prompt(uint64_t pixel_seed, uint64_t text_seed) const {
    Prompt prompt = text_prompt(text_seed, 9);
    prompt.input_ids.insert(prompt.input_ids.begin(), 8, kImgContext);
    prompt.images = {{.grid = {.frames = 2, .rows = 4, .columns = 4}, .tokens = 8, .pixel_rows = 2}};
    prompt.pixels = at::empty({2, 3, 16, 16});
    Rng rng(pixel_seed);
    for (float& value : std::span(prompt.pixels.data_ptr<float>(), 2 * 3 * 16 * 16)) {
      value = static_cast<float>(rng.normal());
    }
    return prompt;
  }

  /// What a model without cache, batch or engine answers: the whole text again for every token.
  std::vector<int64_t> plain_greedy(const Prompt& prompt, int64_t tokens) const {
    const at::NoGradGuard no_gradients;
    std::vector<int64_t> ids = prompt.input_ids;
    at::Tensor rows_ND;
    if (!prompt.images.empty()) rows_ND = model_->encode_pictures(prompt.pixels, {});
    const std::vector<int64_t> banned = {kImStart, kImgBegin, kImgEnd, kImgContext, 265, 266, 267, 268, 269, 270, 271};
    std::vector<int64_t> drawn;
    while (static_cast<int64_t>(drawn.size()) < tokens) {
      const at::Tensor embeds_TD = model_->embed(at::tensor(ids, at::kLong), rows_ND, kImgContext);
      const at::Tensor hidden_TD = model_->hidden(embeds_TD, packed_plan({static_cast<int64_t>(ids.size())}));
      at::Tensor logits_V = model_->logits(hidden_TD)[-1];
      for (const int64_t id : banned) logits_V[id] = -std::numeric_limits<float>::infinity();
      ids.push_back(logits_V.argmax().item<int64_t>());
      drawn.push_back(ids.back());
      if (drawn.back() == kImEnd || drawn.back() == kEndOfText) break;
    }
    return drawn;
  }

  static SamplingParams greedy(int64_t max_tokens) { return {.temperature = 0.0, .max_tokens = max_tokens}; }
  Engine engine(int64_t max_batch = 32, int64_t pass_tokens = 4096) const {
    return Engine(*model_, *renderer_, {.max_batch = max_batch, .pass_tokens = pass_tokens});
  }
  std::string refusal(const GenerateRequest& request) const {
    try {
      engine().generate(request);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }

  TinyFolder folder_;
  std::unique_ptr<Renderer> renderer_;
  std::unique_ptr<R1vModel> model_;
};

TEST_F(EngineTest, GreedyAnswersAreThoseOfPlainForwardPassesInAnyCompany) {
  std::vector<Prompt> prompts;
  for (uint64_t i = 0; i < 9; ++i) prompts.push_back(text_prompt(i, 3 + 5 * static_cast<int64_t>(i)));
  for (uint64_t i = 0; i < 3; ++i) prompts.push_back(picture_prompt(i / 2, 50 + i));  // two share a picture
  std::vector<GenerateRequest> requests;
  for (const Prompt& prompt : prompts) requests.push_back({.prompt = &prompt, .sampling = greedy(25)});
  EXPECT_NE(plain_greedy(prompts[0], 25), plain_greedy(prompts[1], 25));  // the network does look at its prompt
  for (const auto& [max_batch, chunk] : {std::pair{32, 4096}, std::pair{5, 7}, std::pair{1, 4096}}) {
    const std::vector<GenerateResult> results = engine(max_batch, chunk).generate(requests);
    for (size_t i = 0; i < prompts.size(); ++i) {
      const Completion& completion = results[i].completions.front();
      EXPECT_EQ(completion.ids, plain_greedy(prompts[i], 25)) << "prompt " << i << " batch " << max_batch;
      EXPECT_EQ(results[i].usage.prompt_tokens, static_cast<int64_t>(prompts[i].input_ids.size()));
      EXPECT_EQ(results[i].usage.image_tokens, i < 9 ? 0 : 8);
      EXPECT_EQ(results[i].usage.completion_tokens, static_cast<int64_t>(completion.ids.size()));
    }
  }
}

TEST_F(EngineTest, SamplesOfOnePromptAreThoseOfSmallerRequests) {
  const Prompt prompt = picture_prompt(3, 4);
  SamplingParams params{.temperature = 1.0, .top_p = 0.9, .seed = 11, .max_tokens = 20, .n = 6};
  const GenerateResult six = engine(4).generate({.prompt = &prompt, .sampling = params});  // more samples than places
  ASSERT_EQ(six.completions.size(), 6U);
  EXPECT_NE(six.completions[0].ids, six.completions[1].ids);
  params.n = 3;
  const GenerateResult three = engine().generate({.prompt = &prompt, .sampling = params});
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(six.completions[i].ids, three.completions[i].ids) << i;
  params.seed = 12;
  EXPECT_NE(engine().generate({.prompt = &prompt, .sampling = params}).completions[0].ids, six.completions[0].ids);
}

TEST_F(EngineTest, LogProbabilitiesAreThoseOfAPlainPass) {
  const Prompt prompt = text_prompt(1, 12);
  const SamplingParams params{.temperature = 0.7, .top_k = 5, .repetition_penalty = 1.3, .max_tokens = 15};
  const Completion completion = engine().generate({.prompt = &prompt, .sampling = params}).completions.front();
  std::vector<int64_t> ids = prompt.input_ids;
  ids.insert(ids.end(), completion.ids.begin(), completion.ids.end());
  const at::NoGradGuard no_gradients;
  const at::Tensor embeds_TD = model_->embed(at::tensor(ids, at::kLong), {}, kImgContext);
  const at::Tensor hidden_TD = model_->hidden(embeds_TD, packed_plan({static_cast<int64_t>(ids.size())}));
  const at::Tensor logprobs_TV = (model_->logits(hidden_TD) / 0.7).log_softmax(-1);
  for (size_t i = 0; i < completion.ids.size(); ++i) {
    const auto row = static_cast<int64_t>(prompt.input_ids.size() + i) - 1;
    // float32 logits of size 40 carry errors of a few 1e-6 each.
    EXPECT_NEAR(completion.logprobs[i], logprobs_TV[row][completion.ids[i]].item<double>(), 1e-4) << i;
  }
}

TEST_F(EngineTest, TheThinkingBudgetHoldsWithinABatch) {
  Prompt prompt = text_prompt(2, 8);
  prompt.starts_thinking = true;
  SamplingParams params = greedy(40);
  params.thinking_budget = 6;
  const GenerateResult result = engine().generate({.prompt = &prompt, .sampling = params});
  EXPECT_EQ(result.usage.thinking_tokens, 6);
  EXPECT_NE(result.completions[0].text.find("</think>\n\n"), std::string::npos);
  params.thinking_budget = 36;  // + 4 to close ("\n", tag, "\n", "\n") = 40: nothing left
  EXPECT_NE(refusal({.prompt = &prompt, .sampling = params}).find("thinking budget of 36"), std::string::npos);
  params.thinking_budget = 35;
  EXPECT_EQ(refusal({.prompt = &prompt, .sampling = params}), "");
}

TEST_F(EngineTest, TheContextEndsAnAnswerAndRefusesAPromptThatFillsIt) {
  const Prompt nearly = text_prompt(3, 125);
  SamplingParams params = greedy(100);
  params.ignore_eos = true;
  const GenerateResult result = engine().generate({.prompt = &nearly, .sampling = params});
  EXPECT_EQ(result.completions[0].ids.size(), 3U);  // 128 - 125
  EXPECT_EQ(result.completions[0].finish, FinishReason::length);
  const Prompt full = text_prompt(3, 128);
  EXPECT_NE(refusal({.prompt = &full}).find("context holds 128"), std::string::npos);
  const Prompt empty;
  EXPECT_NE(refusal({.prompt = &empty}).find("empty"), std::string::npos);
}

TEST_F(EngineTest, PicturesThatDoNotFitTheirPromptAreRefused) {
  Prompt few_slots = picture_prompt(1, 1);
  few_slots.input_ids.erase(few_slots.input_ids.begin());
  EXPECT_NE(refusal({.prompt = &few_slots}).find("7 image tokens"), std::string::npos);
  Prompt no_pixels = picture_prompt(1, 1);
  no_pixels.pixels.reset();
  EXPECT_NE(refusal({.prompt = &no_pixels}).find("pixels hold 0"), std::string::npos);
}

TEST_F(EngineTest, AStreamGivesTheCompletionAndStopsWhenTold) {
  const Prompt prompt = text_prompt(4, 10);
  std::string seen;
  const StreamCallback collect = [&](const StreamPiece& piece) {
    seen += piece.answer;
    return true;
  };
  const GenerateResult all = engine().generate({.prompt = &prompt, .sampling = greedy(30), .on_piece = collect});
  EXPECT_EQ(seen, all.completions[0].answer);
  int pieces = 0;
  const StreamCallback stop = [&](const StreamPiece&) { return ++pieces < 3; };
  const GenerateResult cut = engine().generate({.prompt = &prompt, .sampling = greedy(30), .on_piece = stop});
  EXPECT_EQ(cut.completions[0].finish, FinishReason::cancelled);
  EXPECT_EQ(pieces, 3);
}

TEST_F(EngineTest, CancellingEndsEverySampleOfItsRequestAndNoOther) {
  const Prompt first = text_prompt(5, 10), second = text_prompt(6, 10);
  std::atomic<bool> is_cancelled = false;
  int pieces = 0;
  const StreamCallback count = [&](const StreamPiece&) {
    is_cancelled = ++pieces >= 8;
    return true;
  };
  SamplingParams many{.temperature = 1.0, .max_tokens = 60, .n = 9, .ignore_eos = true};
  Engine small = engine(4);
  const std::vector<GenerateResult> results =
      small.generate({{.prompt = &first, .sampling = many, .on_piece = count, .is_cancelled = &is_cancelled},
                      {.prompt = &second, .sampling = greedy(12)}});
  for (const Completion& completion : results[0].completions) {
    EXPECT_EQ(completion.finish, FinishReason::cancelled);
    EXPECT_LT(completion.ids.size(), 60U);
  }
  EXPECT_EQ(results[1].completions[0].ids, plain_greedy(second, 12));
  EXPECT_EQ(small.generate({.prompt = &second, .sampling = greedy(12)}).completions[0].ids, plain_greedy(second, 12));
}

TEST_F(EngineTest, BrokenWeightsAreTheUsersErrorAndTheEngineGoesOn) {
  const Prompt prompt = text_prompt(7, 5);
  Engine shared = engine();
  at::Tensor& weight = model_->language().model.norm.weight;
  const at::Tensor good = weight.clone();
  weight.fill_(std::numeric_limits<float>::quiet_NaN());
  EXPECT_THROW(shared.generate({.prompt = &prompt, .sampling = greedy(5)}), InputError);
  weight.copy_(good);
  EXPECT_EQ(shared.generate({.prompt = &prompt, .sampling = greedy(5)}).completions[0].ids, plain_greedy(prompt, 5));
}

TEST_F(EngineTest, EqualPicturesAreEncodedOnceAndForgottenWhenNobodyUsesThem) {
  const at::NoGradGuard no_gradients;
  PictureRows rows(*model_);
  const Prompt first = picture_prompt(1, 1), same = picture_prompt(1, 2), other = picture_prompt(2, 1);
  const std::vector<int64_t> a = rows.enlist(first), b = rows.enlist(same), c = rows.enlist(other);
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
  EXPECT_EQ(rows.num_held(), 2U);
  rows.encode(std::vector{a[0], b[0], c[0]});
  EXPECT_TRUE(rows.rows(a[0]).allclose(model_->encode_pictures(first.pixels, {}), 1e-5, 1e-5));
  EXPECT_TRUE(rows.rows(c[0]).allclose(model_->encode_pictures(other.pixels, {}), 1e-5, 1e-5));
  rows.drop(a);
  rows.drop(c);
  EXPECT_EQ(rows.num_held(), 1U);
  rows.drop(b);
  EXPECT_EQ(rows.num_held(), 0U);
}

}  // namespace
}  // namespace r1v
