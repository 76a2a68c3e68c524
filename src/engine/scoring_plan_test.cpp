// Passes by hand, and for random answers: every row once, in order, never too many, and no block of two at once.
#include "engine/scoring_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/rng.h"

namespace r1v {
namespace {

constexpr int64_t kBeginning = ScoringSpan::kBeginning;

TEST(ScoringPlan, AnswersFillPassesBehindTheirBeginning) {
  const std::vector<ScoringPass> expected = {{{kBeginning, 0, 10}},
                                             {{kBeginning, 10, 2}},  // 12 rows; answers wait until it is whole
                                             {{0, 12, 4}, {1, 12, 6}},
                                             {{1, 18, 1}, {2, 12, 3}}};  // 4 + 7 + 3 rows, ten a pass
  EXPECT_EQ(scoring_passes(12, std::vector<ScoringAnswer>{{12, 16}, {12, 19}, {12, 15}}, 10, true), expected);
}

TEST(ScoringPlan, WhereRowsFeelTheirCompanyASpanIsAPassOfItsOwn) {
  const std::vector<ScoringPass> expected = {
      {{kBeginning, 0, 10}}, {{kBeginning, 10, 2}}, {{0, 12, 4}}, {{1, 12, 10}}, {{1, 22, 1}}};
  EXPECT_EQ(scoring_passes(12, std::vector<ScoringAnswer>{{12, 16}, {12, 23}}, 10, false), expected);
  const std::vector<ScoringPass> alone = {{{kBeginning, 0, 10}}, {{kBeginning, 10, 2}}, {{0, 12, 10}}, {{0, 22, 1}}};
  EXPECT_EQ(scoring_passes(12, std::vector<ScoringAnswer>{{12, 23}}, 10, false), alone);
}

TEST(ScoringPlan, AnAnswerGoesOnFromTheLastWholeBlockThatItHasInCommon) {
  // Blocks of 4 rows behind a beginning of 6. 15 rows in common: 3 whole blocks, 12 rows; 7: less than the beginning
  // and its last block, nothing; 16 of 16: one row stays to be read.
  const std::vector<int64_t> ends = {20, 22, 9, 16}, common = {6, 15, 7, 16};
  const std::vector<ScoringAnswer> expected = {{6, 20}, {12, 22}, {6, 9}, {12, 16}};
  EXPECT_EQ(scoring_answers(6, ends, common, 4), expected);
}

TEST(ScoringPlan, BlocksInCommonAreKeptUntilTheNextAnswerHasThem) {
  const std::vector<ScoringAnswer> answers = {{2, 10}, {8, 10}, {2, 4}};  // blocks of 4: 3, then 2 in common and 1 more
  const auto passes = scoring_passes(2, answers, 8, true);                // the first answer fills a pass
  ScoringBlocks blocks(2, answers, passes, 4);
  EXPECT_EQ(blocks.count(), 5);  // the beginning's, three of the first answer, one of the second
  blocks.begin(0);
  const std::vector<int32_t> first = blocks.answer(0);
  blocks.end(0);
  EXPECT_EQ(blocks.answer(0), first);
  blocks.begin(1);
  EXPECT_EQ(blocks.answer(1).at(0), first.at(0));
  EXPECT_EQ(blocks.answer(1).at(1), first.at(1));
  EXPECT_NE(blocks.answer(1).at(2), first.at(2));
  EXPECT_FALSE(blocks.has_begun(0));
  EXPECT_TRUE(blocks.copies_last(0));
  EXPECT_FALSE(blocks.copies_last(1));
}

/// Sorted answers with much in common, as random strings over two letters.
struct RandomAnswers {
  std::vector<int64_t> ends, common;
  RandomAnswers(Rng& rng, int64_t shared) {
    std::set<std::vector<int64_t>> sorted;
    for (int64_t i = rng.integer(1, 9); i > 0; --i) {
      std::vector<int64_t> letters(static_cast<size_t>(rng.integer(1, 60)));
      for (int64_t& letter : letters) letter = rng.chance(0.03) ? 1 : 0;
      sorted.insert(letters);
    }
    const std::vector<int64_t>* before = nullptr;
    for (const std::vector<int64_t>& letters : sorted) {
      ends.push_back(shared + std::ssize(letters));
      common.push_back(shared + (before ? std::ranges::mismatch(*before, letters).in1 - before->begin() : 0));
      before = &letters;
    }
  }
};

TEST(ScoringPlan, EveryRowIsReadInOrderAndNoBlockIsWrittenByTwo) {
  Rng rng(3);
  int64_t num_followers = 0;
  for (int round = 0; round < 500; ++round) {
    const int64_t shared = rng.integer(0, 40), pass_rows = rng.integer(1, 50), block_tokens = rng.integer(1, 8);
    const RandomAnswers random(rng, shared);
    const auto answers = scoring_answers(shared, random.ends, random.common, block_tokens);
    const auto passes = scoring_passes(shared, answers, pass_rows, /*is_together=*/rng.chance(0.7));
    ScoringBlocks blocks(shared, answers, passes, block_tokens);
    std::map<int64_t, int64_t> read;
    std::map<int32_t, int64_t> writer;  // of the block, among answers that are not over
    const auto forget_free_blocks = [&] {
      std::set<int32_t> used;  // by those that go on, and by the one that the next goes on from
      for (int64_t i = 0; i < std::ssize(answers); ++i) used.insert(blocks.answer(i).begin(), blocks.answer(i).end());
      std::erase_if(writer, [&](const auto& entry) { return !used.contains(entry.first); });
    };
    int64_t ended = 0;
    for (const ScoringPass& pass : passes) {
      int64_t sum = 0;
      for (const ScoringSpan& span : pass) {
        sum += span.count;
        const bool is_answer = span.answer != kBeginning;
        const ScoringAnswer rows = is_answer ? answers[span.answer] : ScoringAnswer{0, shared};
        const bool is_new = !read.contains(span.answer);
        EXPECT_EQ(span.past, is_new ? rows.first : read[span.answer]);
        read[span.answer] = span.past + span.count;
        if (!is_answer) continue;
        EXPECT_EQ(read[kBeginning], shared);
        if (!is_new) continue;
        forget_free_blocks();
        blocks.begin(span.answer);
        const std::vector<int32_t>& table = blocks.answer(span.answer);
        EXPECT_EQ(std::ssize(table), (rows.end + block_tokens - 1) / block_tokens);
        for (int64_t i = 0; i < std::ssize(table); ++i) {
          EXPECT_LT(table[i], blocks.count());
          if (i < rows.first / block_tokens) continue;  // not its own
          EXPECT_TRUE(std::ranges::find(blocks.beginning(), table[i]) == blocks.beginning().end());
          EXPECT_TRUE(writer.emplace(table[i], span.answer).second) << "another one is not over";
        }
        if (rows.first <= shared) continue;
        ++num_followers;
        // The blocks in common are those of the answer before, which was read at least as far.
        EXPECT_GE(read[span.answer - 1], rows.first);
        EXPECT_GE(random.common[span.answer], rows.first);
      }
      EXPECT_LE(sum, pass_rows);
      for (const ScoringSpan& span : pass) {
        if (span.answer == kBeginning || read[span.answer] < answers[span.answer].end) continue;
        EXPECT_EQ(span.answer, ended++);
        blocks.end(span.answer);
      }
    }
    EXPECT_EQ(ended, std::ssize(answers));
  }
  EXPECT_GT(num_followers, 500);
}

}  // namespace
}  // namespace r1v
