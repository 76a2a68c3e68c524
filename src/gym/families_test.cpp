// What every family promises, checked on many tasks of every level.
#include "gym/families.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "base/error.h"
#include "gym/gym_fixture.h"
#include "gym/solution.h"
#include "gym/split.h"
#include "verify/verify.h"

namespace r1v {
namespace {

constexpr uint64_t kTasks = 8;

const DigitPool& pool() {
  static const DigitPool made_up(made_up_sheet(), "made up");
  return made_up;
}

template <typename Check>
void for_each_task(const Check& check) {
  for (const TaskFamily& family : gym_families()) {
    for (int level = 1; level <= 5; ++level) {
      for (uint64_t i = 0; i < kTasks; ++i) {
        const Task task = make_task(family, Split::train, i, level, 3, &pool());
        SCOPED_TRACE(cat(family.name, " level ", level, " task ", i, ": ", task.question));
        check(family, task);
      }
    }
  }
}

size_t num_words(const std::string& text) {
  std::istringstream in(text);
  size_t count = 0;
  for (std::string word; in >> word;) ++count;
  return count;
}

TEST(Families, TheSameSeedGivesTheSameTask) {
  for (const TaskFamily& family : gym_families()) {
    const Task one = make_task(family, Split::dev, 5, 3, 11, &pool()),
               two = make_task(family, Split::dev, 5, 3, 11, &pool());
    EXPECT_EQ(one.question + one.answer + one.solution + dump_json(one.scene),
              two.question + two.answer + two.solution + dump_json(two.scene));
    ASSERT_EQ(one.pictures.size(), two.pictures.size());
    for (size_t i = 0; i < one.pictures.size(); ++i)
      EXPECT_EQ(one.pictures[i].picture.rgb, two.pictures[i].picture.rgb) << family.name;
  }
}

TEST(Families, TasksAreCompleteAndNameTheirFamilyAndLevel) {
  for_each_task([](const TaskFamily& family, const Task& task) {
    EXPECT_EQ(task.family, family.name);
    EXPECT_EQ(task.pictures.empty(), !family.has_picture);
    EXPECT_EQ(task.transcript.empty(), !family.has_picture);
    EXPECT_TRUE(task.kind == "number" || task.kind == "choice" || task.kind == "word" || task.kind == "expression")
        << task.kind;
    EXPECT_FALSE(task.scene.empty());
    EXPECT_FALSE(task.distractors.empty());
    for (const Distractor& wrong : task.distractors) {
      EXPECT_NE(wrong.answer, task.answer);
      EXPECT_FALSE(wrong.slip.empty());
    }
    EXPECT_EQ(task.solution.find("\\boxed"), std::string::npos);
    EXPECT_EQ(task.solution.find('<' + std::string("think")), std::string::npos);
  });
}

TEST(Families, TheReplyIsRightAndItsDistractorsAreWrong) {
  for_each_task([](const TaskFamily&, const Task& task) {
    const AnswerKind kind = answer_kind(task.kind);
    EXPECT_EQ(verify_answer(task.answer, assistant_text(task), kind).correct, true)
        << task.answer << ": " << verify_answer(task.answer, assistant_text(task), kind).reason;
    for (const Distractor& wrong : task.distractors) {
      EXPECT_EQ(verify_answer(task.answer, assistant_text(wrong_thinking(task, wrong), wrong.answer), kind).correct,
                false)
          << wrong.answer << " for " << task.answer;
    }
  });
}

TEST(Families, MarksLieInsideTheirPicture) {
  for_each_task([](const TaskFamily&, const Task& task) {
    size_t num_marks = 0;
    for (const GymPicture& picture : task.pictures) {
      num_marks += picture.marks.size();
      const int width = picture.picture.width, height = picture.picture.height;
      EXPECT_EQ(picture.picture.rgb.size(), static_cast<size_t>(3 * width * height));
      for (const Mark& mark : picture.marks) {
        EXPECT_GE(mark.cx - mark.width / 2, -1) << mark.kind << " " << mark.label;
        EXPECT_LE(mark.cx + mark.width / 2, width + 1) << mark.kind << " " << mark.label;
        EXPECT_GE(mark.cy - mark.height / 2, -1) << mark.kind << " " << mark.label;
        EXPECT_LE(mark.cy + mark.height / 2, height + 1) << mark.kind << " " << mark.label;
        EXPECT_TRUE(mark.value >= -1 && mark.value <= 99) << mark.value;
      }
    }
    EXPECT_EQ(num_marks > 0, !task.pictures.empty());
  });
}

TEST(Families, LevelsOneAndTwoAreSmallAndShort) {
  for_each_task([](const TaskFamily&, const Task& task) {
    EXPECT_LE(num_words(task.question), 30u);
    if (task.level > 2) return;
    for (const GymPicture& picture : task.pictures) {
      EXPECT_LE(picture.picture.width, 224);
      EXPECT_EQ(picture.picture.height, 112);
      for (const Mark& mark : picture.marks) {
        const bool is_digit = mark.kind == "char" && mark.label >= "0" && mark.label <= "9";
        if (is_digit) {
          EXPECT_GE(mark.height, 8) << mark.label;
        }
      }
    }
    EXPECT_LE(num_words(task.solution), 50u) << task.solution;
  });
}

TEST(Families, NoAnswerIsTooFrequent) {
  // A guesser who knows family and level but sees nothing stays below two in five.
  for (const TaskFamily& family : gym_families()) {
    for (const int level : {1, 2}) {
      std::map<std::string, int> counts;
      for (uint64_t i = 0; i < 100; ++i) ++counts[make_task(family, Split::train, i, level, 5, &pool()).answer];
      const auto most = std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; });
      EXPECT_LE(most->second, 40) << family.name << " level " << level << ": " << most->first;
    }
  }
}

}  // namespace
}  // namespace r1v
