// What every kind of pair promises, on tasks of every family and level.
#include "gym/preference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "gym/families.h"
#include "gym/gym_fixture.h"
#include "gym/hallucinate.h"
#include "gym/ramble.h"
#include "gym/solution.h"
#include "gym/split.h"
#include "verify/verify.h"

namespace r1v {
namespace {

const DigitPool& pool() {
  static const DigitPool made_up(made_up_sheet(), "made up");
  return made_up;
}

ExportOptions options_of(int level) {
  ExportOptions options;
  options.families = find_families({});
  options.levels = {level};
  options.digits = &pool();
  return options;
}

template <typename Check>
void for_each_task(const ExportOptions& options, int64_t rounds, const Check& check) {
  for (int64_t i = 0; i < rounds * std::ssize(options.families); ++i) {
    const Task task = exported_task(options, i);
    SCOPED_TRACE(cat(task.family, " level ", task.level, " task ", i, ": ", task.question));
    check(task, i);
  }
}

bool is_right(const Task& task, const std::string& text) {
  return verify_answer(task.answer, text, answer_kind(task.kind)).correct == true;
}

TEST(Words, AreWordsAndNumbersWithoutSigns) {
  EXPECT_EQ(words_of("points: red (-2,5)."), (std::vector<std::string>{"points", "red", "-2", "5"}));
  EXPECT_EQ(words_of("A-C 4; 3.1 12-5"), (std::vector<std::string>{"A", "C", "4", "3.1", "12", "5"}));
  EXPECT_TRUE(words_of(" . ").empty());
}

TEST(Words, AreCountedWithTheirRepetitions) {
  EXPECT_EQ(words_only_in({"red", "red", "star"}, {"star", "red", "blue"}), 1u);
  EXPECT_EQ(words_only_in({"a", "b"}, {"b", "a"}), 0u);
}

TEST(Ramble, ComesToTheRightAnswerWithMoreWords) {
  for (const int level : {1, 4}) {
    for_each_task(options_of(level), 3, [](const Task& task, int64_t i) {
      Rng rng(static_cast<uint64_t>(i));
      const std::string thinking = ramble(task, rng);
      EXPECT_GT(thinking.size(), task.solution.size());
      EXPECT_EQ(thinking.find("\\boxed"), std::string::npos);
      EXPECT_TRUE(is_right(task, assistant_text(thinking, task.answer)));
    });
  }
}

TEST(FalseClaim, KeepsTheAnswerAndSaysSomethingElse) {
  for (const int level : {1, 3}) {
    const ExportOptions options = options_of(level);
    Siblings siblings(options);
    for_each_task(options, 4, [&](const Task& task, int64_t i) {
      if (task.pictures.empty()) return;
      Rng rng(static_cast<uint64_t>(i));
      const FalseClaim claim = false_claim(task, siblings, rng);
      EXPECT_NE(claim.chosen, claim.rejected);
      EXPECT_EQ(claim.question == task.question, !claim.is_description);
      if (claim.is_description) {
        EXPECT_NE(claim.chosen.find(task.transcript), std::string::npos);
        EXPECT_EQ(claim.rejected.find(task.transcript), std::string::npos);
      } else {
        EXPECT_EQ(claim.chosen, assistant_text(task));
        EXPECT_TRUE(is_right(task, claim.rejected));
      }
    });
  }
}

TEST(FalseClaim, OneChangedFactIsNoOtherOrderOfTheSame) {
  // Two equal dice exchanged would be the same picture; two different ones in another order say the same of it.
  Rng rng(1);
  const std::vector<Sibling> none;
  EXPECT_EQ(change_fact("dice", "dice 4, 4", none, rng), std::nullopt);
  EXPECT_EQ(change_fact("count_objects", "red star; blue star", none, rng), std::nullopt);
  EXPECT_EQ(change_fact("count_objects", "red star; blue moon", none, rng).has_value(), true);
  EXPECT_EQ(change_fact("clock", "short hand at 3, long hand at 12", none, rng), std::nullopt);
}

TEST(FalseClaim, ExchangedPartsOfAPieStillMakeAHundred) {
  const std::vector<Sibling> none;
  const std::set<std::string> expected = {"red 30, blue 10, pink 60", "red 60, blue 30, pink 10",
                                          "red 10, blue 60, pink 30"};
  std::set<std::string> found;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Rng rng(seed);
    found.insert(change_fact("pie_chart", "red 10, blue 30, pink 60", none, rng).value());
  }
  EXPECT_EQ(found, expected);
}

TEST(FalseClaim, AChangedFactIsNotUsedByTheSteps) {
  Task task;
  task.family = "bar_chart";
  task.question = "Who has the most points?";
  task.answer = "ben";
  task.transcript = "anna 3, ben 9, carl 5, dora 1";
  task.solution = "I see anna 3, ben 9, carl 5, dora 1. The largest is 9: ben. So ben.";
  const std::vector<Sibling> others = {{"", "", "", "", {"anna", "4", "ben", "12", "carl", "0"}}};
  // Of the values in others only 4 keeps the largest and the smallest, in the place of 3 or 5; or 3 and 5 change
  // places.
  const std::string rest = ". The largest is 9: ben. So ben.";
  const std::set<std::string> allowed = {"I see anna 4, ben 9, carl 5, dora 1" + rest,
                                         "I see anna 3, ben 9, carl 4, dora 1" + rest,
                                         "I see anna 5, ben 9, carl 3, dora 1" + rest};
  std::set<std::string> found;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Rng rng(seed);
    if (const auto changed = change_unused_fact(task, others, rng)) found.insert(*changed);
  }
  EXPECT_EQ(found, allowed);
}

TEST(Siblings, AreTheSameWhateverIsAskedFirst) {
  const ExportOptions options = options_of(1);
  Siblings one(options), two(options);
  two.of("dice", 1);
  EXPECT_EQ(one.of("ruler", 1).front().solution, two.of("ruler", 1).front().solution);
}

TEST(Preference, KindsTakeTurnsWithinEveryFamilyAndLevel) {
  ExportOptions options;
  options.families = find_families({"dice", "coins", "ruler"});
  options.levels = {1, 2, 3};
  std::map<std::tuple<std::string, int, PreferenceKind>, int> counts;
  for (int64_t i = 0; i < 54; ++i) {
    const std::string family = options.families[static_cast<size_t>(i % 3)]->name;
    ++counts[{family, options.levels[static_cast<size_t>(i / 3 % 3)], preference_kind(options, i, true)}];
  }
  EXPECT_EQ(counts.size(), 27u);  // 3 families x 3 levels x 3 kinds, twice each
  EXPECT_TRUE(std::ranges::all_of(counts, [](const auto& entry) { return entry.second == 2; }));
  for (int64_t i = 0; i < 20; ++i) EXPECT_NE(preference_kind(options, i, false), PreferenceKind::hallucination);
}

TEST(Preference, PairsSayWhereTheyComeFrom) {
  ExportOptions options = options_of(2);
  Siblings siblings(options);
  const Task task = exported_task(options, 0);
  for (const PreferenceKind kind : options.kinds) {
    Rng rng(7);
    const Json pair = preference_pair(task, kind, siblings, rng);
    EXPECT_EQ(pair["source"], "gym/" + name_of(kind));
    EXPECT_EQ(pair["transcript"], task.transcript);
    EXPECT_EQ(pair.contains("answer"), pair["question"] == task.question);
    EXPECT_EQ(preference_kind_of_name(name_of(kind)), kind);
  }
  EXPECT_THROW(preference_kind_of_name("rude"), InputError);
}

}  // namespace
}  // namespace r1v
