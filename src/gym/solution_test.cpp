// Expected texts are worked by hand, column by column.
#include "gym/solution.h"

#include <gtest/gtest.h>

namespace r1v {
namespace {

TEST(Solution, AddsColumnByColumnWithCarries) {
  EXPECT_EQ(add_steps(5, 3), "5+3=8");
  EXPECT_EQ(add_steps(47, 38), "7+8=15, 4+3+1=8: 85");
  EXPECT_EQ(add_steps(12, 7), "2+7=9, 1+0=1: 19");
  EXPECT_EQ(add_steps(85, 47), "5+7=12, 8+4+1=13: 132");
}

TEST(Solution, SubtractsColumnByColumnWithBorrows) {
  EXPECT_EQ(subtract_steps(9, 4), "9-4=5");
  EXPECT_EQ(subtract_steps(52, 38), "12-8=4, 5-1-3=1: 14");
  EXPECT_EQ(subtract_steps(100, 1), "10-1=9, 10-1-0=9, 1-1-0=0: 99");
  EXPECT_EQ(subtract_steps(60, 20), "0-0=0, 6-2=4: 40");
}

TEST(Solution, MultipliesByOneDigit) {
  EXPECT_EQ(multiply_steps(7, 8), "7*8=56");
  EXPECT_EQ(multiply_steps(47, 6), "7*6=42, 4*6+4=28: 282");
  EXPECT_EQ(multiply_steps(30, 2), "0*2=0, 3*2=6: 60");
}

TEST(Solution, SumsFromLeftToRight) {
  EXPECT_EQ(sum_steps({4}), "4");
  EXPECT_EQ(sum_steps({3, 5, 4}), "3+5=8, 8+4=12");
  EXPECT_EQ(sum_steps({12, 30, 9}), "12+30: 2+0=2, 1+3=4: 42; 42+9: 2+9=11, 4+0+1=5: 51");
  EXPECT_EQ(sum_steps({2, 6, 10}), "2+6=8; 8+10: 8+0=8, 0+1=1: 18");
}

TEST(Solution, ReplyIsThinkingThenBox) {
  Task task;
  task.solution = "I see 3 + 4. 3+4=7. So 7.";
  task.answer = "7";
  EXPECT_EQ(assistant_text(task), "<think>\nI see 3 + 4. 3+4=7. So 7.\n</think>\n\n\\boxed{7}");
  EXPECT_EQ(wrong_thinking(task, {.answer = "8", .slip = ""}), "I see 3 + 4. 3+4=7. So 8.");
}

}  // namespace
}  // namespace r1v
