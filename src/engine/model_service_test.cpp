// Many threads asking models behind one compute thread: nobody is lost, mixed up, told twice or kept waiting.
#include "engine/model_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "base/error.h"
#include "base/rng.h"
#include "engine/ear_test.h"
#include "engine/fake_grammar_test.h"
#include "engine/reward_model.h"
#include "engine/tiny_qwen_test.h"
#include "kernels/packed_weight.h"
#include "models/packed_language.h"
#include "models/registry.h"

namespace r1v {
namespace {

using namespace testing_folder;  // NOLINT: a test's own helpers
using namespace std::chrono_literals;
using testing::HasSubstr;

class ModelServiceTest : public testing::Test, protected TinyQwen {
 protected:
  ModelServiceTest() {
    ValueHead head(32);
    head.walk(
        [](const std::string&, at::Tensor& slot) { slot = at::linspace(-1, 1, slot.numel()).view(slot.sizes()); });
    save_value_head(head, folder.path());
    renderer_ = std::make_unique<Renderer>(folder.path());
    model_ = load_model(folder.path(), {.packed = WeightFormat::float32});
  }

  Generator& add(ModelService& service, int64_t max_batch = 8) const {
    return service.add_generator(*model_, *renderer_, {.max_batch = max_batch, .kv_memory_bytes = 4 << 20}, {});
  }

  /// Each has words, parameters and perhaps a picture of its own.
  static ModelQuestion question(uint64_t seed) {
    Rng rng(seed);
    ModelQuestion one;
    if (rng.chance(0.3)) {
      one.text = cat("text ", seed, " goes on");
    } else {
      one.conversation = asked("", rng.chance(0.3) ? std::optional(seed % 3) : std::nullopt);
      one.conversation.messages.pop_back();
      one.conversation.messages[0].parts.push_back({.text = cat(" number ", seed)});
    }
    one.cache_salt = seed % 2;
    one.sampling = {.temperature = 1.0, .seed = seed, .max_tokens = rng.integer(1, 40), .n = rng.integer(1, 3)};
    if (rng.chance(0.2)) one.sampling.grammar = testing_grammar::one_of({"one", "other"});
    return one;
  }
  static ModelQuestion endless(int64_t max_tokens = 400) {
    return {.text = "go on",
            .sampling = {.temperature = 1.0, .max_tokens = max_tokens, .detect_loops = false, .ignore_eos = true}};
  }
  /// Conversations to score: enough to be under way for a while, a row a pass.
  static std::vector<Conversation> long_talks() {
    std::vector<Conversation> talks;
    for (int i = 0; i < 100; ++i) talks.push_back(asked(cat(std::string(300, 'x'), i), std::nullopt));
    return talks;
  }
  static void wait_until(const std::function<bool()>& holds) {
    for (int i = 0; i < 6000 && !holds(); ++i) std::this_thread::sleep_for(10ms);
    EXPECT_TRUE(holds());
  }

  std::unique_ptr<Renderer> renderer_;
  std::unique_ptr<R1vModel> model_;
};

std::vector<std::vector<int64_t>> ids_of(const GenerateResult& result) {
  std::vector<std::vector<int64_t>> ids;
  for (const Completion& one : result.completions) ids.push_back(one.ids);
  return ids;
}

TEST_F(ModelServiceTest, SixtyFourQuestionsOfEightThreadsAreAnsweredAsTheyAreAlone) {
  if (!PackedLanguage::fits({.head_dim = 16})) GTEST_SKIP() << "this processor has no fast rows";
  constexpr uint64_t kThreads = 8, kEach = 8;
  ModelService service;
  Generator& generator = add(service);
  service.start();
  std::vector<std::shared_ptr<Ear>> ears(kThreads * kEach);
  std::vector<std::thread> askers;
  for (uint64_t thread = 0; thread < kThreads; ++thread) {
    askers.emplace_back([&, thread] {
      for (uint64_t seed = thread * kEach; seed < (thread + 1) * kEach; ++seed) {
        ears[seed] = std::make_shared<Ear>();
        generator.ask(question(seed), ears[seed]);
      }
    });
  }
  for (std::thread& asker : askers) asker.join();
  Engine alone(*model_, *renderer_, {.max_batch = 1, .kv_memory_bytes = 4 << 20, .caches_prefixes = false});
  int64_t tokens = 0;
  for (uint64_t seed = 0; seed < ears.size(); ++seed) {
    const ModelQuestion asked = question(seed);
    Prompt prompt{.input_ids = renderer_->tokenizer().encode(asked.text, SpecialTokens::escape)};
    if (!asked.conversation.messages.empty()) prompt = renderer_->render(asked.conversation);
    const GenerateResult expected = alone.generate({.prompt = &prompt, .sampling = asked.sampling});
    const GenerateResult found = ears[seed]->result();
    EXPECT_EQ(ids_of(found), ids_of(expected)) << seed;
    EXPECT_EQ(found.usage.image_tokens, expected.usage.image_tokens);
    EXPECT_EQ(ears[seed]->progress().prompt_tokens_done, expected.usage.prompt_tokens);
    EXPECT_EQ(ears[seed]->text().size(), [&] {
      size_t size = 0;
      for (const Completion& one : found.completions) size += one.thinking.size() + one.answer.size();
      return size;
    }());
    tokens += found.usage.completion_tokens;
  }
  EXPECT_TRUE(service.drain(60));
  EXPECT_EQ(generator.counts().completion_tokens, tokens);
  EXPECT_EQ(generator.counts().kv_blocks_used, 0);
  for (const auto& ear : ears) EXPECT_EQ(ear->ends(), 1);
}

TEST_F(ModelServiceTest, AFullLineRefusesAndSaysWhenToComeAgain) {
  ModelService service({.max_waiting = 2});
  Generator& generator = add(service, /*max_batch=*/1);  // not started: nobody leaves the line
  const auto ear = std::make_shared<Ear>();
  for (int i = 0; i < 3; ++i) generator.ask(endless(5), ear);  // one finds the place, two wait
  try {
    generator.ask(endless(5), ear);
    ADD_FAILURE() << "taken";
  } catch (const OverloadedError& error) {
    EXPECT_THAT(error.what(), HasSubstr("2 wait for this model already"));
    EXPECT_GE(error.retry_after_s, 1.0);
  }
  EXPECT_EQ(generator.counts().waiting, 3);
  service.start();
  EXPECT_TRUE(service.drain(60));
  EXPECT_EQ(ear->ends(), 3);
  EXPECT_THROW(generator.ask(endless(5), ear), ClosingError);
}

TEST_F(ModelServiceTest, ACancelledQuestionEndsAndGivesItsBlocksBack) {
  ModelService service;
  Generator& generator = add(service, /*max_batch=*/1);
  service.start();
  const auto running = std::make_shared<Ear>(), waiting = std::make_shared<Ear>();
  const auto first = generator.ask(endless(), running), second = generator.ask(endless(), waiting);
  running->wait_for_a_piece();
  EXPECT_GT(generator.counts().kv_blocks_used, 0);
  second->cancel();  // in line: it ends though no place is free
  EXPECT_EQ(waiting->result().completions.at(0).finish, FinishReason::cancelled);
  EXPECT_EQ(running->ends(), 0);
  first->cancel();
  EXPECT_EQ(running->result().completions.at(0).finish, FinishReason::cancelled);
  EXPECT_EQ(generator.counts().kv_blocks_used, 0);
  first->cancel();  // nothing happens any more
  EXPECT_EQ(running->ends(), 1);
}

TEST_F(ModelServiceTest, AThinkingThatIsEndedGivesItsAnswer) {
  folder.write("chat_template.jinja", cat(kTemplate, "{% if add_generation_prompt %}<think>\n{% endif %}"));
  const Renderer renderer(folder.path());
  ModelService service;
  Generator& generator = service.add_generator(*model_, renderer, {.kv_memory_bytes = 4 << 20}, {});
  service.start();
  ModelQuestion thinker = {.conversation = asked("", std::nullopt),
                           .sampling = {.temperature = 1.0, .max_tokens = 400}};
  thinker.conversation.messages.pop_back();
  thinker.sampling.logit_bias = {{kThinkEnd, -100.0}, {kImEnd, -100.0}, {kEndOfText, -100.0}};  // for ever
  thinker.sampling.grammar = testing_grammar::one_of({"done"});
  const auto ear = std::make_shared<Ear>();
  const auto ticket = generator.ask(thinker, ear);
  EXPECT_TRUE(ticket->starts_thinking());
  ear->wait_for_a_piece();
  ticket->end_thinking();
  const Completion answer = ear->result().completions.at(0);
  EXPECT_EQ(answer.answer, "done");
  EXPECT_EQ(answer.finish, FinishReason::budget);
  EXPECT_LT(answer.ids.size(), 400U);
}

TEST_F(ModelServiceTest, WhatCannotBeAskedIsRefusedInTheAskersThread) {
  ModelService service;
  Generator& generator = add(service);
  const auto refusal = [&](const ModelQuestion& asked) -> std::string {
    try {
      generator.ask(asked, std::make_shared<Ear>());
    } catch (const InputError& error) {
      return error.what();
    }
    return "taken";
  };
  EXPECT_THAT(refusal({}), HasSubstr("the prompt is empty"));
  EXPECT_THAT(refusal({.ids = {'a', 261}}), HasSubstr("holds the id 261"));
  EXPECT_THAT(refusal({.ids = {-1}}), HasSubstr("holds the id -1"));
  EXPECT_THAT(refusal({.text = "a", .sampling = {.temperature = -1}}), HasSubstr("temperature"));
  EXPECT_THAT(refusal({.text = std::string(600, 'a')}), HasSubstr("the model's context holds 512"));
  // 512 tokens of at most 32 bytes: told from its size, before it is cut into tokens.
  EXPECT_THAT(refusal({.text = std::string(100'000, 'a')}), HasSubstr("the text has 100000 bytes"));
  ModelQuestion tiles = {.conversation = asked("", 1), .max_tiles = 2};
  EXPECT_THAT(refusal(tiles), HasSubstr("cuts no pictures into tiles"));
  EXPECT_EQ(generator.counts().waiting, 0);
  EXPECT_EQ(generator.render(asked("fine", std::nullopt), true).ids.size(),
            renderer_->render(asked("fine", std::nullopt)).input_ids.size());
}

TEST_F(ModelServiceTest, AFailedPassEndsItsQuestionsAndTheModelGoesOn) {
  const auto plain = load_model(folder.path(), {.writable = true});
  ModelService service;
  Generator& broken = service.add_generator(*plain, *renderer_, {.kv_memory_bytes = 4 << 20}, {});
  Generator& whole = add(service);
  service.start();
  at::Tensor* embedding = nullptr;
  plain->walk([&](const std::string& name, at::Tensor& parameter) {
    if (name.ends_with("embed_tokens.weight")) embedding = &parameter;
  });
  const at::Tensor right = *embedding;
  *embedding = at::zeros({272, 31});  // one column too few
  const auto first = std::make_shared<Ear>(), second = std::make_shared<Ear>(), other = std::make_shared<Ear>();
  broken.ask(endless(), first);
  broken.ask(endless(), second);
  whole.ask(endless(20), other);
  EXPECT_THAT(first->error(), HasSubstr("ours: "));
  EXPECT_THAT(second->error(), HasSubstr("ours: "));
  EXPECT_EQ(other->result().completions.at(0).ids.size(), 20U);
  wait_until([&] { return broken.counts().running == 0; });
  *embedding = right;
  const auto again = std::make_shared<Ear>();
  broken.ask(endless(20), again);
  EXPECT_EQ(again->result().completions.at(0).ids.size(), 20U);
}

TEST_F(ModelServiceTest, AListenerThatThrowsEndsItsOwnAnswerOnly) {
  ModelService service;
  Generator& generator = add(service);
  service.start();
  const auto bad = std::make_shared<Ear>(), good = std::make_shared<Ear>();
  bad->do_piece = [](const StreamPiece&) { throw std::runtime_error("no"); };
  generator.ask(endless(30), bad);
  generator.ask(endless(30), good);
  EXPECT_EQ(good->result().completions.at(0).ids.size(), 30U);
  EXPECT_EQ(bad->result().completions.at(0).finish, FinishReason::cancelled);
}

TEST_F(ModelServiceTest, StopEndsEverythingAtOnceAndEveryListenerIsToldOnce) {
  for (uint64_t round = 0; round < 8; ++round) {
    ModelService service({.max_waiting = 10});
    Generator& generator = add(service, 4);
    if (round > 0) service.start();
    std::mutex mutex;
    std::vector<std::shared_ptr<Ear>> accepted;
    std::vector<std::thread> askers;
    for (uint64_t thread = 0; thread < 8; ++thread) {
      askers.emplace_back([&, thread] {
        Rng rng(mix_seed(round, thread));
        for (int i = 0; i < 6; ++i) {
          const auto ear = std::make_shared<Ear>();
          try {
            const auto ticket = generator.ask(rng.chance(0.5) ? endless() : question(rng.next()), ear);
            const std::lock_guard lock(mutex);
            accepted.push_back(ear);
            if (rng.chance(0.3)) ticket->cancel();
            if (rng.chance(0.3)) ticket->end_thinking();
          } catch (const OverloadedError&) {
          } catch (const ClosingError&) {
          }
          std::this_thread::sleep_for(std::chrono::milliseconds(rng.integer(0, 4)));
        }
      });
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(3 * round));
    service.stop();
    for (std::thread& asker : askers) asker.join();
    for (const auto& ear : accepted) EXPECT_EQ(ear->ends(), 1);
    EXPECT_EQ(generator.counts().running + generator.counts().waiting, 0);
    EXPECT_EQ(generator.counts().kv_blocks_used, 0);
  }
}

TEST_F(ModelServiceTest, DrainFinishesWhatIsUnderWayOrGivesUpInTime) {
  ModelService service;
  Generator& generator = add(service);
  service.start();
  const auto ear = std::make_shared<Ear>();
  generator.ask(endless(), ear);
  EXPECT_FALSE(service.drain(0.0));
  EXPECT_TRUE(service.drain(60));
  EXPECT_EQ(ear->ends(), 1);
  EXPECT_EQ(ear->result().completions.at(0).finish, FinishReason::length);
}

TEST_F(ModelServiceTest, ScoresAreTheRewardModelsBesideAnswersUnderWay) {
  const RewardModel judge(folder.path(), {.packed = WeightFormat::float32});
  ModelService service;
  Generator& generator = add(service);
  Scorer& scorer = service.add_scorer(judge);
  service.start();
  const auto talker = std::make_shared<Ear>();
  const auto ticket = generator.ask(endless(), talker);
  const std::vector<Conversation> conversations = {asked("a cat", 1), asked("a dog that runs", 1),
                                                   asked("words alone", std::nullopt), asked("a cat", 2)};
  std::vector<ScoredPrompt> prompts;
  for (const Conversation& one : conversations) prompts.push_back(render_scored(judge.renderer(), one));
  std::atomic<int> told = 0;
  std::vector<double> scores;
  Usage usage;
  scorer.score(
      conversations,
      [&](ScoreResult result) {
        scores = result.scores;
        usage = result.usage;
        ++told;
      },
      [](NoScores, const std::string& message) { ADD_FAILURE() << message; });
  wait_until([&] { return told > 0; });
  EXPECT_EQ(scores, judge.score(prompts));
  int64_t tokens = 0;
  for (const ScoredPrompt& one : prompts) tokens += std::ssize(one.prompt.input_ids);
  EXPECT_EQ(usage.prompt_tokens, tokens);
  EXPECT_EQ(usage.cached_tokens, static_cast<int64_t>(prompts[0].shared_tokens));  // the first two share a beginning
  EXPECT_EQ(scorer.counts().scored, 4);
  Conversation unanswered = asked("a", std::nullopt);
  unanswered.messages.pop_back();
  try {
    scorer.score({asked("fine", std::nullopt), unanswered}, [](ScoreResult) {}, [](NoScores, const std::string&) {});
    ADD_FAILURE() << "taken";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("conversation 1: the last message must be the assistant's"));
  }
  ticket->cancel();
  service.stop();
  EXPECT_EQ(talker->ends(), 1);
  EXPECT_EQ(told, 1);
}

/// Why a score came to nothing.
struct ScoreEar {
  auto done() {
    return [this](const ScoreResult&) { ++scored; };
  }
  auto failed() {
    return [this](NoScores reason, const std::string&) {
      why = reason;
      ++ends;
    };
  }
  std::atomic<int> scored = 0, ends = 0;
  std::atomic<NoScores> why = NoScores::failed;
};

TEST_F(ModelServiceTest, ScoresUnderWayAndInLineAreCancelledAndTheNextOneIsScored) {
  const RewardModel judge(folder.path(), {.packed = WeightFormat::float32});
  ModelService service;
  Scorer& scorer = service.add_scorer(judge, /*pass_tokens=*/1);
  ScoreEar first, second, third;
  const auto under_way = scorer.score(long_talks(), first.done(), first.failed());
  const auto in_line = scorer.score(long_talks(), second.done(), second.failed());
  scorer.score({asked("a cat", std::nullopt)}, third.done(), third.failed());
  EXPECT_GT(under_way->prompt_tokens(), 100 * 300 / 4);
  service.start();
  wait_until([&] { return scorer.counts().running == 1; });
  in_line->cancel();
  wait_until([&] { return second.ends == 1; });
  EXPECT_EQ(first.ends + first.scored, 0);
  under_way->cancel();
  wait_until([&] { return third.scored == 1; });
  EXPECT_EQ(first.ends, 1);
  EXPECT_EQ(first.why, NoScores::cancelled);
  EXPECT_EQ(second.why, NoScores::cancelled);
  EXPECT_EQ(first.scored + second.scored + third.ends, 0);
  under_way->cancel();  // over: nothing happens
  service.stop();
  EXPECT_EQ(first.ends + second.ends, 2);
}

TEST_F(ModelServiceTest, ScoresThatTheEndCutsShortAreToldThatItIsTheEnd) {
  const RewardModel judge(folder.path(), {.packed = WeightFormat::float32});
  ModelService service;
  Scorer& scorer = service.add_scorer(judge, /*pass_tokens=*/1);
  ScoreEar first, second;
  scorer.score(long_talks(), first.done(), first.failed());
  scorer.score(long_talks(), second.done(), second.failed());
  service.start();
  wait_until([&] { return scorer.counts().running == 1; });
  service.stop();
  for (const ScoreEar* ear : {&first, &second}) {
    EXPECT_EQ(ear->ends, 1);
    EXPECT_EQ(ear->why, NoScores::closing);
    EXPECT_EQ(ear->scored, 0);
  }
}

}  // namespace
}  // namespace r1v
