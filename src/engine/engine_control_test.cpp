// What is asked of a request while it runs or beside its prompt: budgets, ended thinking, grammars, salts, progress.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <limits>

#include "base/error.h"
#include "base/rng.h"
#include "engine/engine.h"
#include "engine/fake_grammar_test.h"
#include "engine/picture_rows.h"
#include "engine/tiny_folder_test.h"
#include "models/init.h"
#include "prompt/render.h"

namespace r1v {
namespace {

using namespace testing_folder;  // NOLINT: a test's own helpers
using testing::ElementsAre;
using testing::IsEmpty;
using testing_grammar::one_of;

class EngineControlTest : public testing::Test {
 protected:
  EngineControlTest() {
    write_tiny_config(folder_, 32, 48, 256);
    renderer_ = std::make_unique<Renderer>(folder_.path());
    model_ = new_model(read_model_config(folder_.path()), 5);
    model_->walk([](const std::string& name, at::Tensor& parameter) {
      if (name.ends_with("lm_head.weight")) parameter.mul_(20.0);
    });
  }

  static Prompt prompt(uint64_t seed, int64_t tokens, bool starts_thinking) {
    Rng rng(seed);
    Prompt prompt{.starts_thinking = starts_thinking};
    for (int64_t i = 0; i < tokens; ++i) prompt.input_ids.push_back(rng.integer('a', 'z'));
    return prompt;
  }
  Engine engine(const EngineOptions& options = {}) const { return Engine(*model_, *renderer_, options); }

  /// Steps until all is over, with the invariants looked at after every step.
  static GenerateResult finish(Engine& engine) {
    while (engine.step()) EXPECT_THAT(engine.violations(), IsEmpty());
    EXPECT_EQ(engine.kv_blocks_used(), 0);
    return engine.take_finished()->second;
  }

  static bool is_tag_spelled(const Completion& done) {
    return std::ranges::find(done.ids, kThinkEnd) == done.ids.end();
  }

  TinyFolder folder_;
  std::unique_ptr<Renderer> renderer_;
  std::unique_ptr<R1vModel> model_;
};

TEST_F(EngineControlTest, FiveHundredBudgetsAreKeptExactly) {
  Rng rng(11);
  std::vector<Prompt> prompts;
  for (uint64_t i = 0; i < 500; ++i) prompts.push_back(prompt(i, rng.integer(1, 40), true));
  std::vector<GenerateRequest> requests;
  for (const Prompt& one : prompts) {
    SamplingParams params{.temperature = 1.0, .seed = rng.next(), .max_tokens = 60, .n = rng.integer(1, 2)};
    params.thinking_budget = rng.integer(0, 50);
    if (rng.chance(0.3)) params.grammar = one_of({"yes", "no"});
    requests.push_back({.prompt = &one, .sampling = params});
  }
  int cut = 0;
  for (const int64_t guesses : {int64_t{0}, int64_t{3}}) {
    const auto results =
        engine({.max_batch = 24, .kv_memory_bytes = 1 << 20, .draft_tokens = guesses}).generate(requests);
    for (size_t i = 0; i < requests.size(); ++i) {
      const SamplingParams& asked = requests[i].sampling;
      for (const Completion& done : results[i].completions) {
        EXPECT_LE(done.thinking_tokens, asked.thinking_budget) << i;
        if (done.text.find("</think>") == std::string::npos) continue;  // ended inside the thinking
        const bool was_cut = done.finish == FinishReason::budget;
        // A tag that the model had begun is completed: its tokens are no thinking.
        EXPECT_TRUE(!was_cut || done.thinking_tokens == asked.thinking_budget || is_tag_spelled(done)) << i;
        cut += was_cut ? 1 : 0;
        const bool is_right = done.answer == "yes" || done.answer == "no";
        EXPECT_TRUE(asked.grammar == nullptr || is_right) << done.answer;
      }
    }
  }
  EXPECT_GT(cut, 300);  // most budgets did cut
}

TEST_F(EngineControlTest, TheAnswerBeginsWithinTwoPassesOfAskingForIt) {
  Rng rng(3);
  for (int i = 0; i < 60; ++i) {
    const Prompt thinker = prompt(rng.next(), rng.integer(1, 30), true), other = prompt(rng.next(), 20, false);
    std::atomic<bool> ends_thinking = false;
    const int64_t after = rng.integer(0, 40);
    Engine running = engine({.max_batch = 4, .pass_tokens = 64, .kv_memory_bytes = 1 << 20});
    int64_t answered_in = -1;
    running.add({.prompt = &other, .sampling = {.max_tokens = 200, .ignore_eos = true}});
    running.add({.prompt = &thinker,
                 .sampling = {.seed = rng.next(), .max_tokens = 100, .grammar = one_of({"ok"})},
                 .on_piece =
                     [&](const StreamPiece& piece) {
                       if (!piece.answer.empty() && answered_in < 0) answered_in = running.counts().passes;
                       return true;
                     },
                 .ends_thinking = &ends_thinking});
    for (int64_t step = 0; step < after && answered_in < 0; ++step) running.step();
    const bool was_early = answered_in >= 0;
    const int64_t asked_in = running.counts().passes;
    ends_thinking = true;
    std::optional<GenerateResult> result;
    while (running.step()) {
      EXPECT_THAT(running.violations(), IsEmpty());
      if (auto done = running.take_finished(); done && done->first == 1) result = std::move(done->second);
    }
    ASSERT_TRUE(result) << i;
    EXPECT_EQ(result->completions[0].answer, "ok");
    if (was_early) continue;  // it had ended its thinking by itself
    EXPECT_LE(answered_in - std::max(asked_in, int64_t{1}), 2) << i;
    EXPECT_EQ(result->completions[0].finish, FinishReason::budget);
    if (is_tag_spelled(result->completions[0])) continue;
    EXPECT_EQ(result->completions[0].ids.size(),  // what it thought, the close and "ok": nothing between
              static_cast<size_t>(result->completions[0].thinking_tokens) +
                  (result->completions[0].text.starts_with("</think>") ? 3 : 4) + 2);
  }
}

TEST_F(EngineControlTest, OtherSaltsNeverShareABeginningOrAPicture) {
  const Prompt question = prompt(1, 100, false);
  Engine running = engine();
  const auto cached = [&](uint64_t salt) {
    const GenerateRequest request{.prompt = &question, .sampling = {.max_tokens = 2}, .cache_salt = salt};
    return running.generate(request).usage.cached_tokens;
  };
  EXPECT_EQ(cached(0), 0);
  EXPECT_EQ(cached(7), 0);
  EXPECT_EQ(cached(8), 0);
  EXPECT_EQ(cached(7), 96);  // three blocks of 32
  EXPECT_EQ(cached(0), 96);
  EXPECT_EQ(running.counts().cached_tokens, 192);

  Prompt seen = prompt(2, 3, false);
  seen.input_ids.insert(seen.input_ids.begin(), 4, kImgContext);
  seen.images = {{.grid = {.frames = 1, .rows = 4, .columns = 4}, .tokens = 4, .pixel_rows = 1}};
  seen.pixels = at::zeros({1, 3, 16, 16});
  PictureRows rows(*model_);
  const auto none = rows.enlist(seen), first = rows.enlist(seen, 1), second = rows.enlist(seen, 2);
  EXPECT_EQ(rows.num_held(), 3U);
  EXPECT_EQ(rows.enlist(seen, 2), second);
  EXPECT_EQ(rows.enlist(seen), none);
}

TEST_F(EngineControlTest, ProgressIsToldAfterEachPassThatReadSomethingOfThePrompt) {
  Prompt question = prompt(1, 10, false);
  question.input_ids.insert(question.input_ids.begin() + 5, 8, kImgContext);  // two pictures, tokens 5-8 and 9-12
  const PromptImage image{.grid = {.frames = 1, .rows = 4, .columns = 4}, .tokens = 4, .pixel_rows = 1};
  question.images = {image, image};
  question.pixels = at::rand({2, 3, 16, 16});
  Engine running = engine({.max_batch = 4, .pass_tokens = 5});  // five rows a pass
  std::vector<std::pair<int64_t, int64_t>> told;
  running.add({.prompt = &question, .sampling = {.max_tokens = 3}, .on_progress = [&](const AnswerProgress& progress) {
                 EXPECT_EQ(progress.prompt_tokens, 18);
                 EXPECT_EQ(progress.pictures, 2);
                 told.emplace_back(progress.prompt_tokens_done, progress.pictures_done);
               }});
  finish(running);
  EXPECT_THAT(told, ElementsAre(std::pair(5, 0), std::pair(10, 2), std::pair(15, 2), std::pair(18, 2)));
}

TEST_F(EngineControlTest, ARequestWhoseLogitsAreNoNumbersFailsAlone) {
  model_->walk([](const std::string& name, at::Tensor& parameter) {
    if (name.ends_with("embed_tokens.weight")) parameter[int64_t{'#'}] = std::numeric_limits<float>::quiet_NaN();
  });
  Prompt broken = prompt(1, 10, false);
  broken.input_ids.back() = '#';
  const Prompt whole = prompt(2, 10, false);
  const SamplingParams params{.temperature = 0.0, .max_tokens = 20, .n = 2, .ignore_eos = true};
  const auto alone = engine().generate({.prompt = &whole, .sampling = params});
  const auto both = engine().generate({{.prompt = &broken, .sampling = params, .fails_alone = true},
                                       {.prompt = &whole, .sampling = params, .fails_alone = true}});
  EXPECT_THAT(both[0].failure, testing::HasSubstr("not finite numbers"));
  EXPECT_EQ(both[0].completions[1].finish, FinishReason::cancelled);
  EXPECT_EQ(both[1].failure, "");
  EXPECT_EQ(both[1].completions[1].ids, alone.completions[1].ids);
  EXPECT_THROW(engine().generate({{.prompt = &broken, .sampling = params}}), InputError);
}

TEST_F(EngineControlTest, ABiasNamesIdsThatThereAre) {
  const Prompt question = prompt(1, 4, false);
  Engine running = engine();
  EXPECT_THROW(running.generate({.prompt = &question, .sampling = {.logit_bias = {{265, 1.0}}}}), InputError);
  const auto result = running.generate(
      {.prompt = &question, .sampling = {.temperature = 0.0, .max_tokens = 5, .logit_bias = {{'q', 100.0}}}});
  EXPECT_EQ(result.completions[0].text, "qqqqq");
}

}  // namespace
}  // namespace r1v
