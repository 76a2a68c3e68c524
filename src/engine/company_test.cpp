// The same tokens whatever the company: a packed network answers alone as in any batch, cut, preempted, cached,
// guessed.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/rng.h"
#include "engine/block_store.h"
#include "engine/engine.h"
#include "engine/fake_grammar_test.h"
#include "engine/tiny_folder_test.h"
#include "kernels/packed_weight.h"
#include "models/init.h"
#include "models/packed_language.h"
#include "models/registry.h"
#include "prompt/render.h"

namespace r1v {
namespace {

using namespace testing_folder;  // NOLINT: a test's own helpers

class CompanyTest : public testing::Test {
 protected:
  CompanyTest() {
    write_tiny_config(folder_, 64, 96, 512);
    renderer_ = std::make_unique<Renderer>(folder_.path());
    const auto network = new_model(read_model_config(folder_.path()), 5);
    network->walk([](const std::string& name, at::Tensor& parameter) {
      if (name.ends_with("lm_head.weight")) parameter.mul_(60.0);  // answers that are neither flat nor fixed
    });
    save_model(*network, folder_.path(), {}, at::kFloat);
  }

  void SetUp() override {
    if (!PackedLanguage::fits({.head_dim = 16})) GTEST_SKIP() << "this processor has no fast rows";
  }

  /// Some begin alike, some show one of three pictures, some repeat themselves.
  Prompt prompt(Rng& rng) const {
    Prompt prompt{.starts_thinking = rng.chance(0.3)};
    if (rng.chance(0.4)) show_picture(prompt, static_cast<uint64_t>(rng.integer(0, 2)));
    const int64_t shared = rng.chance(0.6) ? rng.integer(0, 120) : 0, own = rng.integer(1, 40);
    for (int64_t i = 0; i < shared; ++i) prompt.input_ids.push_back('a' + i * i % 23);
    for (int64_t i = 0; i < own; ++i) {
      const size_t length = prompt.input_ids.size();
      prompt.input_ids.push_back(length > 8 && i > 8 ? prompt.input_ids[length - 7] : rng.integer('a', 'z'));
    }
    return prompt;
  }

  /// Twelve tiles of noise: 48 tokens.
  static void show_picture(Prompt& prompt, uint64_t seed) {
    constexpr int64_t kTiles = 12;
    prompt.input_ids.insert(prompt.input_ids.end(), kTiles * 4, kImgContext);
    prompt.images = {{.grid = {.frames = kTiles, .rows = 4, .columns = 4}, .tokens = kTiles * 4, .pixel_rows = kTiles}};
    prompt.pixels = at::empty({kTiles, 3, 16, 16});
    Rng rng(seed);
    for (float& value : std::span(prompt.pixels.data_ptr<float>(), static_cast<size_t>(prompt.pixels.numel()))) {
      value = static_cast<float>(rng.normal());
    }
  }

  static SamplingParams sampling(const Prompt& prompt, Rng& rng) {
    SamplingParams params{
        .temperature = rng.chance(0.3) ? 0.0 : 1.0, .seed = rng.next(), .max_tokens = rng.integer(1, 30)};
    params.n = rng.chance(0.2) ? rng.integer(2, 5) : 1;
    params.top_p = rng.chance(0.5) ? 0.9 : 1.0;
    params.repetition_penalty = rng.chance(0.2) ? 1.2 : 1.0;
    params.ignore_eos = rng.chance(0.7);
    if (rng.chance(0.3)) params.presence_penalty = 1.5, params.frequency_penalty = -0.5;
    if (rng.chance(0.2)) params.logit_bias = {{'q', 4.0}, {'e', -100.0}};
    if (rng.chance(0.3)) params.top_logprobs = 3;
    if (rng.chance(0.2)) params.grammar = testing_grammar::one_of({"one or two", "one of them", "none of this"});
    if (prompt.starts_thinking && params.max_tokens > 10) params.thinking_budget = rng.integer(0, 5);
    return params;
  }

  TinyFolder folder_;
  std::unique_ptr<Renderer> renderer_;
};

std::vector<double> reports_of(const Completion& completion) {
  std::vector<double> numbers;
  for (const TokenReport& report : completion.reports) {
    numbers.insert(numbers.end(), {static_cast<double>(report.id), report.logprob, report.is_thinking ? 1.0 : 0.0});
    for (const TokenReport::Alternative& one : report.top) {
      numbers.insert(numbers.end(), {static_cast<double>(one.id), one.logprob});
    }
  }
  return numbers;
}

void expect_same(const GenerateResult& found, const GenerateResult& expected, const std::string& where) {
  ASSERT_EQ(found.completions.size(), expected.completions.size());
  for (size_t i = 0; i < found.completions.size(); ++i) {
    EXPECT_EQ(found.completions[i].ids, expected.completions[i].ids) << where << " sample " << i;
    EXPECT_EQ(found.completions[i].logprobs, expected.completions[i].logprobs)
        << where << " sample " << i;  // to the bit
    EXPECT_EQ(reports_of(found.completions[i]), reports_of(expected.completions[i])) << where << " sample " << i;
    EXPECT_EQ(found.completions[i].finish, expected.completions[i].finish) << where << " sample " << i;
    EXPECT_EQ(found.completions[i].text, expected.completions[i].text) << where << " sample " << i;
  }
}

struct Way {
  const char* name;
  int64_t max_batch, pass_tokens;
  int64_t blocks = 0;  // 0: as many as there is memory for
  bool caches_prefixes = true;
  int64_t draft_tokens = 0;
};

TEST_F(CompanyTest, TwoHundredRequestsAnswerAsTheyDoAlone) {
  constexpr Way kWays[] = {{"together", 16, 512},
                           {"in small pieces", 5, 7},
                           {"in middle pieces without a cache", 16, 64, 0, false},
                           {"short of blocks", 8, 64, 14},
                           {"short of blocks without a cache", 8, 512, 14, false},
                           {"with guesses", 16, 512, 0, true, 4},
                           {"with guesses and short of blocks", 8, 64, 14, true, 3}};
  Rng rng(7);
  std::vector<Prompt> prompts;
  for (int i = 0; i < 200; ++i) prompts.push_back(prompt(rng));
  std::vector<GenerateRequest> requests;
  for (const Prompt& one : prompts) requests.push_back({.prompt = &one, .sampling = sampling(one, rng)});
  for (const auto& [format, kv] : {std::pair{WeightFormat::float32, KvFormat::float32},
                                   {WeightFormat::int8, KvFormat::int8},
                                   {WeightFormat::bfloat16, KvFormat::bfloat16}}) {
    const auto model = load_model(folder_.path(), {.packed = format});
    Engine one_by_one(*model, *renderer_, {.max_batch = 1, .kv_format = kv, .caches_prefixes = false});
    std::vector<GenerateResult> alone;
    for (const GenerateRequest& request : requests) alone.push_back(one_by_one.generate(request));
    // Every way in one format; in the others those in which most happens.
    for (const Way& way : std::span(kWays).subspan(format == WeightFormat::float32 ? 0 : 5)) {
      EngineOptions options{.max_batch = way.max_batch,
                            .pass_tokens = way.pass_tokens,
                            .kv_format = kv,
                            .kv_memory_bytes = way.blocks * block_bytes(*model, kv),
                            .caches_prefixes = way.caches_prefixes,
                            .draft_tokens = way.draft_tokens};
      Engine engine(*model, *renderer_, options);
      std::vector<size_t> order(requests.size());
      for (size_t i = 0; i < order.size(); ++i) order[i] = i;
      rng.shuffle(order);
      std::vector<GenerateRequest> shuffled;
      for (const size_t i : order) shuffled.push_back(requests[i]);
      const std::vector<GenerateResult> results = engine.generate(shuffled);
      for (size_t i = 0; i < order.size() && !HasFailure(); ++i) {
        expect_same(results[i], alone[order[i]], cat(format_name(format), ", ", way.name, ", request ", order[i]));
      }
      const EngineCounts& counts = engine.counts();
      EXPECT_EQ(counts.preemptions > 0, way.blocks > 0) << way.name;
      EXPECT_EQ(counts.cached_tokens > 0, way.caches_prefixes) << way.name;
      EXPECT_EQ(counts.drafts_accepted > 0, way.draft_tokens > 0) << way.name;
      EXPECT_LE(counts.drafts_accepted, counts.drafts);
    }
  }
}

TEST_F(CompanyTest, ASecondModelsGuessesChangeNoToken) {
  const auto model = load_model(folder_.path(), {.packed = WeightFormat::int8});
  const auto sibling = load_model(folder_.path(), {.packed = WeightFormat::int4});  // guesses well, not always
  Rng rng(3);
  std::vector<Prompt> prompts;
  for (int i = 0; i < 20; ++i) prompts.push_back(prompt(rng));
  std::vector<GenerateRequest> requests;
  for (const Prompt& one : prompts) requests.push_back({.prompt = &one, .sampling = sampling(one, rng)});
  const std::vector<GenerateResult> alone = Engine(*model, *renderer_, {.max_batch = 1}).generate(requests);
  for (const int64_t blocks : {0, 20}) {
    const int64_t bytes_a_block = block_bytes(*model, KvFormat::float32) + block_bytes(*sibling, KvFormat::float32);
    Engine engine(*model, *renderer_,
                  {.max_batch = 6,
                   .pass_tokens = 50,
                   .kv_memory_bytes = blocks * bytes_a_block,
                   .draft_tokens = 3,
                   .draft_model = sibling.get()});
    const std::vector<GenerateResult> results = engine.generate(requests);
    for (size_t i = 0; i < results.size(); ++i) expect_same(results[i], alone[i], cat("request ", i));
    EXPECT_GT(engine.counts().drafts_accepted, 0);
    EXPECT_LT(engine.counts().drafts_accepted, engine.counts().drafts);
  }
  EXPECT_THROW(Engine(*model, *renderer_, {.draft_model = sibling.get()}), InputError);  // no guesses asked for
}

TEST_F(CompanyTest, ASecondQuestionAboutAPictureRunsNeitherTowerNorBeginning) {
  const auto model = load_model(folder_.path(), {.packed = WeightFormat::float32});
  Engine engine(*model, *renderer_, {});
  Prompt first, second, other;
  for (Prompt* one : {&first, &second}) show_picture(*one, 1);
  show_picture(other, 2);
  first.input_ids.insert(first.input_ids.end(), 20, 'x');
  second.input_ids.insert(second.input_ids.end(), 25, 'y');
  other.input_ids.insert(other.input_ids.end(), 20, 'x');
  const SamplingParams params{.temperature = 0.0, .max_tokens = 4};
  const auto ask = [&](const Prompt& one) { return engine.generate({.prompt = &one, .sampling = params}).usage; };
  EXPECT_EQ(ask(first).cached_tokens, 0);
  EXPECT_EQ(engine.counts().tower_passes, 1);
  EXPECT_EQ(ask(second).cached_tokens, 32);  // of 48 picture tokens one full block
  EXPECT_EQ(ask(first).cached_tokens, 64);   // of 68 tokens two
  EXPECT_EQ(engine.counts().tower_passes, 1);
  EXPECT_EQ(ask(other).cached_tokens, 0);  // the same ids, another picture
  EXPECT_EQ(engine.counts().tower_passes, 2);
}

TEST_F(CompanyTest, WhatTheMemoryCanNeverHoldIsRefusedAndTheRestGoesOn) {
  const auto model = load_model(folder_.path(), {.packed = WeightFormat::float32});
  Engine engine(*model, *renderer_, {.kv_memory_bytes = 8 * block_bytes(*model, KvFormat::float32)});
  Prompt prompt;
  prompt.input_ids.assign(100, 'a');
  const SamplingParams fits{.temperature = 0.0, .max_tokens = 157}, too_long{.temperature = 0.0, .max_tokens = 158};
  try {
    engine.generate({{.prompt = &prompt, .sampling = fits}, {.prompt = &prompt, .sampling = too_long}});
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("257 tokens, but there is memory for 256"), std::string::npos);
  }
  EXPECT_FALSE(engine.generate({.prompt = &prompt, .sampling = fits}).completions[0].ids.empty());
  EXPECT_THROW(Engine(*model, *renderer_, {.kv_memory_bytes = 7 * block_bytes(*model, KvFormat::float32)}), InputError);
}

}  // namespace
}  // namespace r1v
