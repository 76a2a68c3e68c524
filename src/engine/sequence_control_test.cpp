// Sequences under a grammar, with their thinking ended from outside, with reports: logits that a script writes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/rng.h"
#include "engine/fake_grammar_test.h"
#include "engine/scripted_sequence_test.h"
#include "engine/sequence.h"

namespace r1v {
namespace {

using namespace testing_folder;  // NOLINT: a test's own helpers
using testing_grammar::one_of;

class SequenceControlTest : public ScriptedSequenceTest {
 protected:
  explicit SequenceControlTest(ThinkTags tags = ThinkTags::tokens) : ScriptedSequenceTest(tags) {}

  /// Logits by which the model wants `id` most, then `second`, then the ids in order.
  static std::vector<float> wants(int64_t id, int64_t second) {
    std::vector<float> logits(kRows);
    for (size_t i = 0; i < logits.size(); ++i) logits[i] = -0.01F * static_cast<float>(i);
    logits[static_cast<size_t>(second)] = 20.0F;
    logits[static_cast<size_t>(id)] = 50.0F;
    return logits;
  }

  struct Told {
    std::string thinking, answer;
    std::vector<TokenReport> reports;
    bool operator==(const Told&) const = default;
  };
  /// Feeds what the model wants until the sequence ends; after the script it wants 'x' for ever.
  static Told feed(Sequence& sequence, const std::vector<int64_t>& script, int64_t second = 'n') {
    Told told;
    for (size_t i = 0; i < 1000 && !sequence.is_finished(); ++i) {
      const StreamPiece piece = sequence.advance(wants(i < script.size() ? script[i] : 'x', second));
      EXPECT_EQ(piece.tokens, static_cast<int64_t>(i) + 1);
      told.thinking += piece.thinking;
      told.answer += piece.answer;
      told.reports.insert(told.reports.end(), piece.reports.begin(), piece.reports.end());
    }
    return told;
  }
};

class ThinkTagControlTest : public SequenceControlTest {
 protected:
  ThinkTagControlTest() : SequenceControlTest(GetParam()) {}
};
INSTANTIATE_TEST_SUITE_P(OneTokenOrSeveral, ThinkTagControlTest, testing::Values(ThinkTags::tokens, ThinkTags::text));

TEST_F(SequenceControlTest, AGrammarHoldsFromTheFirstTokenWithoutThinkingAndEndsAtOnceWhereNothingElseMayCome) {
  Sequence sequence = make({.grammar = one_of({"yes", "no"})});
  // 'x' may not come: the second wish, then what is left.
  EXPECT_EQ(feed(sequence, {'x', 'x'}).answer, "no");
  EXPECT_EQ(sequence.completion().finish, FinishReason::stop);
  EXPECT_EQ(sequence.completion().ids, (std::vector<int64_t>{'n', 'o'}));
}

TEST_F(SequenceControlTest, EndOfSequenceComesOnlyWhereTheGrammarLetsTheAnswerEnd) {
  const auto grammar = one_of({"no", "nobody"});
  Sequence early = make({.grammar = grammar});
  EXPECT_EQ(feed(early, {kImEnd, kImEnd, kImEnd}).answer, "no");
  EXPECT_EQ(early.completion().ids, (std::vector<int64_t>{'n', 'o', kImEnd}));
  EXPECT_EQ(early.completion().finish, FinishReason::stop);
  Sequence late = make({.grammar = grammar});
  EXPECT_EQ(feed(late, {'n', 'o', 'b'}).answer, "nobody");
  Sequence deaf = make({.grammar = grammar, .ignore_eos = true});
  EXPECT_EQ(feed(deaf, {'n', 'o', kImEnd}).answer, "nobody");
}

TEST_F(SequenceControlTest, MaxTokensStillCutsAGrammar) {
  Sequence sequence = make({.max_tokens = 3, .grammar = one_of({"nobody"})});
  EXPECT_EQ(feed(sequence, {}).answer, "nob");
  EXPECT_EQ(sequence.completion().finish, FinishReason::length);
}

TEST_F(SequenceControlTest, AnAnswerInAGrammarTakesTheShortestWayWhereItsTokensRunOut) {
  const auto grammar = one_of({"no", "nobody knows", "nobody"});
  for (const int64_t most : {2, 5, 6, 11, 12, 13}) {
    Sequence sequence = make({.max_tokens = most, .grammar = grammar});
    const std::string answer = feed(sequence, ids("nobody knows")).answer;
    EXPECT_EQ(answer, most < 6 ? "no" : most < 12 ? "nobody" : "nobody knows") << most;
    EXPECT_EQ(sequence.completion().finish, most < 12 ? FinishReason::budget : FinishReason::stop) << most;
  }
  Sequence deaf = make({.max_tokens = 8, .grammar = grammar, .ignore_eos = true});
  EXPECT_EQ(feed(deaf, ids("nobody knows")).answer, "nobody k");
}

TEST_F(SequenceControlTest, RepeatingItselfEndsNoAnswerOfAGrammar) {
  const std::string zeros = std::string(300, '0');
  Sequence sequence = make({.max_tokens = 1000, .grammar = one_of({zeros})});
  EXPECT_EQ(feed(sequence, std::vector<int64_t>(300, '0')).answer, zeros);
  EXPECT_EQ(sequence.completion().finish, FinishReason::stop);
}

TEST_P(ThinkTagControlTest, ThinkingLeavesRoomForAnAnswerInAGrammar) {
  const auto grammar = one_of({"yes", "no"});
  for (const int64_t most : {40, 60}) {
    Sequence sequence = make({.max_tokens = most, .grammar = grammar}, true);
    const Told told = feed(sequence, std::vector<int64_t>(100, 'h'));
    EXPECT_EQ(told.answer, "no");
    EXPECT_GT(told.thinking.size(), 20u);
    EXPECT_EQ(sequence.completion().finish, FinishReason::budget);
    EXPECT_LE(sequence.completion().ids.size(), static_cast<size_t>(most));
  }
  Sequence stuck = make({.max_tokens = 1000, .grammar = grammar}, true);
  const Told told = feed(stuck, std::vector<int64_t>(900, 'h'));
  EXPECT_EQ(told.answer, "no");
  EXPECT_LE(told.thinking.size(), 200u) << "a loop in the thinking leads to the answer";
}

TEST_P(ThinkTagControlTest, ThinkingIsFreeAndTheAnswerIsTheGrammarsWhoeverClosesIt) {
  for (const std::string thought : {"hm</think>", "hm\n</think>", "hm</think>\n", "hm\n</think>\n\n"}) {
    Sequence itself = make({.grammar = one_of({"yes", "no"})}, true);
    const Told told = feed(itself, ids(thought));
    EXPECT_EQ(told.thinking, "hm");
    EXPECT_EQ(told.answer, "no");
    EXPECT_EQ(itself.completion().text, thought.substr(0, thought.find("</think>")) + "</think>\n\nno");
  }
  Sequence budget = make({.thinking_budget = 2, .grammar = one_of({"yes", "no"})}, true);
  const Told told = feed(budget, ids("abcd"));
  EXPECT_EQ(told.thinking, "ab");
  EXPECT_EQ(told.answer, "no");
  EXPECT_EQ(budget.completion().finish, FinishReason::budget);
}

TEST_P(ThinkTagControlTest, AnEndOfSequenceInsideTheThinkingLeadsToTheAnswerAllTheSame) {
  Sequence sequence = make({.grammar = one_of({"yes", "no"})}, true);
  std::vector<int64_t> script = ids("hm");
  script.push_back(kImEnd);
  const Told told = feed(sequence, script);
  EXPECT_EQ(told.thinking, "hm");
  EXPECT_EQ(told.answer, "no");
  EXPECT_EQ(sequence.completion().finish, FinishReason::stop);
  EXPECT_EQ(sequence.completion().text, "hm\n</think>\n\nno");
}

TEST_P(ThinkTagControlTest, AnEndedThinkingIsClosedByTheNextTokensAndCountsAsCutByABudget) {
  for (size_t after = 0; after < 8; ++after) {
    Sequence sequence = make({}, true);
    const std::string thought = "so many";
    for (size_t i = 0; i < std::min(after, thought.size()); ++i) sequence.advance(wants(thought[i], 'n'));
    sequence.end_thinking();
    sequence.end_thinking();  // once is enough
    std::vector<int64_t> script(sequence.forced().size(), 'q');
    EXPECT_EQ(sequence.forced().size(), ids(after == 0 ? "</think>\n\n" : "\n</think>\n\n").size());
    for (const int64_t id : {int64_t{'o'}, int64_t{'k'}, kImEnd}) script.push_back(id);
    for (const int64_t id : script) sequence.advance(wants(id, 'n'));
    EXPECT_EQ(sequence.completion().thinking, thought.substr(0, after));
    EXPECT_EQ(sequence.completion().answer, "ok");
    EXPECT_EQ(sequence.completion().thinking_tokens, static_cast<int64_t>(std::min(after, thought.size())));
    EXPECT_EQ(sequence.completion().finish, FinishReason::budget);
  }
}

TEST_F(SequenceControlTest, EndingTheThinkingDoesNothingOnceItIsOver) {
  Sequence sequence = make({}, true);
  for (const int64_t id : ids("a</think>b")) sequence.advance(wants(id, 'n'));
  sequence.end_thinking();
  EXPECT_TRUE(sequence.forced().empty());
  sequence.advance(wants(kImEnd, 'n'));
  EXPECT_EQ(sequence.completion().answer, "b");
  EXPECT_EQ(sequence.completion().finish, FinishReason::stop);
}

TEST_F(SequenceControlTest, ReportsComeWithTheTextAndTellThinkingFromAnswer) {
  Sequence sequence = make({.stop = {"ZZ"}, .top_logprobs = 1}, true);
  std::vector<int64_t> script = ids("a\n</think>\n\nbZ");
  script.push_back(kImEnd);
  const Told told = feed(sequence, script);
  EXPECT_EQ(told.answer, "bZ");
  std::vector<int64_t> reported;
  std::vector<bool> is_thinking;
  for (const TokenReport& report : told.reports) {
    reported.push_back(report.id);
    is_thinking.push_back(report.is_thinking);
    ASSERT_EQ(report.top.size(), 1U);
    EXPECT_EQ(report.top[0].id, report.id);
  }
  EXPECT_EQ(reported, script);
  // "a", line break, tag, two line breaks; "b", "Z", the end
  EXPECT_EQ(is_thinking, (std::vector<bool>{true, true, true, true, true, false, false, false}));
  EXPECT_EQ(sequence.completion().reports.size(), script.size());
}

TEST_F(SequenceControlTest, WithoutTheWishThereAreNoReports) {
  Sequence sequence = make({});
  EXPECT_TRUE(feed(sequence, {'a', kImEnd}).reports.empty());
  EXPECT_TRUE(sequence.completion().reports.empty());
}

TEST_F(SequenceControlTest, PresenceAndFrequencyPenaltiesCountWhatTheOutputHolds) {
  // Three candidates at 3.0, 2.5 and 2.2. Presence 0.6: p drops to 2.4, then q (2.5) to 1.9, then p (2.4) again.
  std::vector<float> logits(kRows, -9.0F);
  logits['p'] = 3.0F;
  logits['q'] = 2.5F;
  logits['r'] = 2.2F;
  const auto text = [&](const SamplingParams& params) {
    Sequence sequence = make(params);
    std::string drawn;
    for (int i = 0; i < 6; ++i) drawn += sequence.advance(logits).answer;
    return drawn;
  };
  EXPECT_EQ(text({}), "pppppp");
  EXPECT_EQ(text({.presence_penalty = 0.6}), "pqpppp");
  // Frequency 0.6: p 3.0, 2.4, 1.8; q 2.5, 1.9; r 2.2, 1.6: the largest each time.
  EXPECT_EQ(text({.presence_penalty = 0.0, .frequency_penalty = 0.6}), "pqprqp");
  EXPECT_EQ(text({.logit_bias = {{'p', -100.0}, {'r', 0.5}}}), "rrrrrr");
}

}  // namespace
}  // namespace r1v
