// Sequences driven by logits that a script writes: no model.
#include "engine/sequence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/rng.h"
#include "engine/scripted_sequence_test.h"

namespace r1v {
namespace {

using namespace testing_folder;  // NOLINT: a test's own helpers

class SequenceTest : public ScriptedSequenceTest {
 protected:
  explicit SequenceTest(ThinkTags tags = ThinkTags::tokens) : ScriptedSequenceTest(tags) {}

  /// Logits that make one id certain, and `second` certain where the first is banned.
  static std::vector<float> certain(int64_t id, int64_t second = 'x') {
    std::vector<float> logits(kRows, -20.0F);
    logits[static_cast<size_t>(second)] = 20.0F;
    logits[static_cast<size_t>(id)] = 50.0F;
    return logits;
  }

  struct Told {
    std::string thinking, answer;
  };
  /// Feeds the script until the sequence ends; after the script the model wants 'x' for ever.
  Told feed(Sequence& sequence, const std::vector<int64_t>& script, size_t most_steps = 10000) {
    Told told;
    for (size_t i = 0; i < most_steps && !sequence.is_finished(); ++i) {
      const StreamPiece piece = sequence.advance(certain(i < script.size() ? script[i] : 'x'));
      told.thinking += piece.thinking;
      told.answer += piece.answer;
    }
    return told;
  }
};

class ThinkTagTest : public SequenceTest {
 protected:
  ThinkTagTest() : SequenceTest(GetParam()) {}
};
INSTANTIATE_TEST_SUITE_P(OneTokenOrSeveral, ThinkTagTest, testing::Values(ThinkTags::tokens, ThinkTags::text));

TEST_F(SequenceTest, EndsAtAnyEndOfSequenceIdWhichIsCountedButNotShown) {
  for (const int64_t eos : {kImEnd, kEndOfText}) {
    Sequence sequence = make({});
    const Told told = feed(sequence, {'h', 'i', eos});
    EXPECT_EQ(told.answer, "hi");
    EXPECT_EQ(sequence.completion().text, "hi");
    EXPECT_EQ(sequence.completion().finish, FinishReason::stop);
    EXPECT_EQ(sequence.completion().ids, (std::vector<int64_t>{'h', 'i', eos}));
    EXPECT_EQ(sequence.completion().logprobs.size(), 3U);
  }
}

TEST_F(SequenceTest, StopsAtMaxTokens) {
  Sequence sequence = make({.max_tokens = 4});
  EXPECT_EQ(feed(sequence, ids("abcdefgh")).answer, "abcd");
  EXPECT_EQ(sequence.completion().finish, FinishReason::length);
}

TEST_F(SequenceTest, ControlTokensAndRowsWithoutATokenAreNeverDrawn) {
  for (const int64_t id : {kImStart, kImgBegin, kImgEnd, kImgContext, int64_t{265}, int64_t{kRows - 1}}) {
    Sequence sequence = make({.max_tokens = 1});
    EXPECT_EQ(feed(sequence, {id}).answer, "x") << id;
  }
  Sequence grounding = make({.max_tokens = 1});
  EXPECT_EQ(feed(grounding, {kBox}).answer, "<box>");  // grounding answers need theirs
}

TEST_F(SequenceTest, IgnoreEosGoesOnToMaxTokensAndThroughLoops) {
  Sequence sequence = make({.max_tokens = 400, .ignore_eos = true});
  feed(sequence, {'a', kImEnd, 'b'});
  EXPECT_EQ(sequence.completion().finish, FinishReason::length);
  EXPECT_EQ(sequence.completion().ids.size(), 400U);
  EXPECT_EQ(sequence.completion().text.substr(0, 3), "abx");
}

TEST_F(SequenceTest, AStopStringAcrossTokensEndsTheTextBeforeIt) {
  Sequence sequence = make({.stop = {"\nUser:", "zzz"}});
  const Told told = feed(sequence, ids("fine.\nUser: and"));
  EXPECT_EQ(told.answer, "fine.");
  EXPECT_EQ(sequence.completion().answer, "fine.");
  EXPECT_EQ(sequence.completion().finish, FinishReason::stop);
  EXPECT_EQ(sequence.completion().ids.size(), std::string("fine.\nUser:").size());
}

TEST_F(SequenceTest, WhatOnlyBeganAsAStopStringIsShownInTheEnd) {
  Sequence sequence = make({.stop = {"STOP"}});
  std::vector<int64_t> script = ids("a STO");
  script.push_back(kImEnd);
  EXPECT_EQ(feed(sequence, script).answer, "a STO");
}

TEST_F(SequenceTest, ALoopEndsWithItsOwnReason) {
  Sequence sequence = make({.max_tokens = 4000});
  feed(sequence, ids("so "));  // then 'x' for ever: 128 of them are a loop
  EXPECT_EQ(sequence.completion().finish, FinishReason::loop);
  EXPECT_EQ(sequence.completion().ids.size(), 3U + 128U);
  Sequence allowed = make({.max_tokens = 300, .detect_loops = false});
  feed(allowed, {});
  EXPECT_EQ(allowed.completion().finish, FinishReason::length);
}

TEST_F(SequenceTest, CharactersInSeveralTokensComeOutWhole) {
  Sequence sequence = make({});
  std::string seen;
  for (const int64_t id : {int64_t{0xC3}, int64_t{0xA9}, int64_t{'!'}, kImEnd}) {  // e with an acute accent
    const StreamPiece piece = sequence.advance(certain(id));
    EXPECT_NE(piece.answer, "\xC3");
    seen += piece.answer;
  }
  EXPECT_EQ(seen, "\xC3\xA9!");
}

TEST_F(SequenceTest, CancellingGivesWhatIsThere) {
  Sequence sequence = make({.stop = {"bcd"}});
  sequence.advance(certain('a'));
  sequence.advance(certain('b'));
  EXPECT_EQ(sequence.cancel().answer, "b");  // was held back
  EXPECT_EQ(sequence.completion().text, "ab");
  EXPECT_EQ(sequence.completion().finish, FinishReason::cancelled);
}

TEST_P(ThinkTagTest, ThinkingIsCountedUpToItsTag) {
  Sequence sequence = make({}, /*starts_thinking=*/true);
  std::vector<int64_t> script = ids("hmm\n</think>\n\n42");
  script.push_back(kImEnd);
  const Told told = feed(sequence, script);
  EXPECT_EQ(told.thinking, "hmm");
  EXPECT_EQ(told.answer, "42");
  EXPECT_EQ(sequence.completion().thinking_tokens, 4);  // h m m and the line break, a token a byte
  EXPECT_EQ(sequence.completion().finish, FinishReason::stop);
}

TEST_P(ThinkTagTest, TheBudgetClosesTheThinkingAndTheAnswerFollows) {
  Sequence sequence = make({.max_tokens = 100, .thinking_budget = 5}, /*starts_thinking=*/true);
  std::vector<int64_t> script = ids("aaaaa");
  const std::vector<int64_t> close = ids("\n</think>\n\n");
  script.insert(script.end(), close.size(), 'q');  // wanted by the model, not heard
  for (const int64_t id : ids("yes")) script.push_back(id);
  script.push_back(kImEnd);
  const Told told = feed(sequence, script);
  EXPECT_EQ(told.thinking, "aaaaa");
  EXPECT_EQ(told.answer, "yes");
  EXPECT_EQ(sequence.completion().text, "aaaaa\n</think>\n\nyes");
  EXPECT_EQ(sequence.completion().thinking_tokens, 5);
  EXPECT_EQ(sequence.completion().finish, FinishReason::budget);
}

TEST_P(ThinkTagTest, ABudgetOfNothingAnswersAtOnce) {
  Sequence sequence = make({.max_tokens = 30, .thinking_budget = 0}, /*starts_thinking=*/true);
  const Told told = feed(sequence, {}, 20);
  EXPECT_EQ(told.thinking, "");
  EXPECT_EQ(sequence.completion().text.substr(0, 10), "</think>\n\n");
  EXPECT_EQ(sequence.completion().thinking_tokens, 0);
}

TEST_P(ThinkTagTest, ThinkingThatEndsInTimeIsLeftAlone) {
  Sequence sequence = make({.max_tokens = 100, .thinking_budget = 4}, /*starts_thinking=*/true);
  std::vector<int64_t> script = ids("ab\n");
  for (const int64_t id : ids("</think>")) script.push_back(id);
  // With a tag of eight one-byte tokens the budget falls inside it: it is completed, not begun again.
  if (GetParam() == ThinkTags::text) script.insert(script.end(), 2, 'q');
  for (const int64_t id : ids("\n\nok")) script.push_back(id);
  script.push_back(kImEnd);
  const Told told = feed(sequence, script, 60);
  EXPECT_EQ(told.thinking, "ab");
  EXPECT_LE(sequence.completion().thinking_tokens, 4);
  EXPECT_EQ(sequence.completion().text.find("</think>"), sequence.completion().text.rfind("</think>"));
  EXPECT_TRUE(told.answer == "ok" || GetParam() == ThinkTags::text) << told.answer;
}

TEST_F(SequenceTest, AnAnswerCutAfterTheBudgetIsReportedAsLength) {
  Sequence sequence = make({.max_tokens = 20, .thinking_budget = 2}, /*starts_thinking=*/true);
  feed(sequence, {});
  EXPECT_EQ(sequence.completion().finish, FinishReason::length);
}

TEST_F(SequenceTest, ThePenaltyCountsPromptAndOutput) {
  const std::vector<int64_t> prompt = {'p', 'p'};
  Sequence sequence(vocabulary_, {.temperature = 0.0, .repetition_penalty = 2.0}, prompt, false, 0);
  std::vector<float> logits(kRows, 0.0F);
  logits['p'] = 4.0F;  // 2 after the penalty
  logits['q'] = 3.0F;  // 1.5 once drawn
  logits['r'] = 1.9F;
  std::string text;
  for (int i = 0; i < 3; ++i) text += sequence.advance(logits).answer;
  EXPECT_EQ(text, "qpp");
}

TEST_F(SequenceTest, StormsEndWithPiecesThatAddUpToTheCompletion) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Rng rng(seed);
    SamplingParams params{.temperature = 1.0, .top_p = 1.0, .seed = seed, .max_tokens = rng.integer(1, 200)};
    if (rng.chance(0.5)) params.stop = {"ab", "\n</"};
    if (rng.chance(0.5) && params.max_tokens > 40) params.thinking_budget = rng.integer(0, params.max_tokens - 20);
    const bool starts_thinking = rng.chance(0.7);
    Sequence sequence(vocabulary_, params, {}, starts_thinking, 0);
    std::string thinking, answer;
    while (!sequence.is_finished()) {
      std::vector<float> logits(kRows, -30.0F);
      for (const char c : std::string("ab\n</\xC3\xA9")) logits[static_cast<unsigned char>(c)] = 1.0F;
      logits[kImEnd] = -4.0F;
      logits[kThinkEnd] = -3.0F;
      const StreamPiece piece = sequence.advance(logits);
      thinking += piece.thinking;
      answer += piece.answer;
    }
    const Completion& done = sequence.completion();
    EXPECT_EQ(done.thinking, thinking) << seed;
    EXPECT_EQ(done.answer, answer) << seed;
    EXPECT_EQ(done.ids.size(), done.logprobs.size()) << seed;
    EXPECT_LE(static_cast<int64_t>(done.ids.size()), params.max_tokens) << seed;
    if (params.thinking_budget >= 0 && starts_thinking) {
      EXPECT_LE(done.thinking_tokens, params.thinking_budget) << seed;
    }
    for (const std::string& stop : params.stop) EXPECT_EQ(done.text.find(stop), std::string::npos) << seed;
  }
}

}  // namespace
}  // namespace r1v
