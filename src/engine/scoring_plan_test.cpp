// Passes by hand, and for random answers: every row once, in order, never too many, and no block of two at once.
#include "engine/scoring_plan.h"

#include <gtest/gtest.h>

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
  EXPECT_EQ(scoring_passes(12, std::vector<int64_t>{4, 7, 3}, 10, true), expected);
}

TEST(ScoringPlan, WhereRowsFeelTheirCompanyASpanIsAPassOfItsOwn) {
  const std::vector<ScoringPass> expected = {
      {{kBeginning, 0, 10}}, {{kBeginning, 10, 2}}, {{0, 12, 4}}, {{1, 12, 10}}, {{1, 22, 1}}};
  EXPECT_EQ(scoring_passes(12, std::vector<int64_t>{4, 11}, 10, false), expected);
  const std::vector<ScoringPass> alone = {{{kBeginning, 0, 10}}, {{kBeginning, 10, 2}}, {{0, 12, 10}}, {{0, 22, 1}}};
  EXPECT_EQ(scoring_passes(12, std::vector<int64_t>{11}, 10, false), alone);
}

TEST(ScoringPlan, EveryRowIsReadOnceInOrderAndNoBlockIsUsedTwice) {
  Rng rng(3);
  for (int round = 0; round < 500; ++round) {
    const int64_t shared = rng.integer(0, 40), pass_rows = rng.integer(1, 50), block_tokens = rng.integer(1, 8);
    std::vector<int64_t> rows;
    for (int64_t i = rng.integer(1, 9); i > 0; --i) rows.push_back(rng.integer(1, 60));
    const auto passes = scoring_passes(shared, rows, pass_rows, /*is_together=*/rng.chance(0.7));
    ScoringBlocks blocks(shared, rows, passes, block_tokens);
    std::map<int64_t, int64_t> read;
    int64_t ended = 0;
    for (const ScoringPass& pass : passes) {
      int64_t sum = 0;
      std::multiset<int32_t> used(blocks.beginning().begin(), blocks.beginning().end());
      for (const ScoringSpan& span : pass) {
        sum += span.count;
        const bool is_answer = span.answer != kBeginning;
        const bool is_new = is_answer && !read.contains(span.answer);
        EXPECT_EQ(span.past, is_new ? shared : read[span.answer]);
        read[span.answer] = span.past + span.count;
        if (!is_answer) continue;
        EXPECT_EQ(read[kBeginning], shared);
        if (is_new) blocks.begin(span.answer);
        const std::vector<int32_t>& table = blocks.answer(span.answer);
        EXPECT_EQ(std::ssize(table), (shared + rows[span.answer] + block_tokens - 1) / block_tokens);
        used.insert(table.begin() + shared / block_tokens, table.end());
      }
      EXPECT_LE(sum, pass_rows);
      for (const int32_t block : used) {
        EXPECT_EQ(used.count(block), 1u);
        EXPECT_LT(block, blocks.count());
      }
      for (const ScoringSpan& span : pass) {
        if (span.answer == kBeginning || read[span.answer] < shared + rows[span.answer]) continue;
        EXPECT_EQ(span.answer, ended++);
        blocks.end(span.answer);
      }
    }
    EXPECT_EQ(ended, std::ssize(rows));
  }
}

}  // namespace
}  // namespace r1v
