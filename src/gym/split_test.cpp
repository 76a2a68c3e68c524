// No content is in two splits, whatever the seeds.
#include "gym/split.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/error.h"
#include "gym/families.h"
#include "gym/gym_fixture.h"

namespace r1v {
namespace {

TEST(Split, ContentsOfTheSplitsAreDisjoint) {
  const DigitPool pool(made_up_sheet(), "made up");
  for (const TaskFamily& family : gym_families()) {
    std::map<std::string, Split> owner;
    for (const Split split : {Split::train, Split::dev, Split::test}) {
      for (uint64_t i = 0; i < 20; ++i) {
        const uint64_t base_seed = i % 2;  // different base seeds must not leak either
        const Task task = make_task(family, split, i, static_cast<int>(i % 2) + 1, base_seed, &pool);
        const auto [known, is_new] = owner.emplace(task.question + dump_json(task.scene), split);
        EXPECT_EQ(known->second, split) << family.name << ": " << known->first;
        EXPECT_EQ(split_of_content(task), split) << family.name;
      }
    }
  }
}

TEST(Split, IndicesAndSeedsGiveDifferentTasks) {
  const TaskFamily& family = gym_families()[0];
  std::set<std::string> contents;
  for (uint64_t i = 0; i < 50; ++i) contents.insert(dump_json(make_task(family, Split::train, i, 3, i / 25).scene));
  EXPECT_GE(contents.size(), 48u);
}

TEST(Split, HandwritingWithoutItsSheetIsAnInputError) {
  for (const TaskFamily& family : gym_families()) {
    if (family.make_with_digits) {
      EXPECT_THROW(make_task(family, Split::train, 0, 1, 0), InputError);
    }
  }
}

TEST(Split, NamesAreReadBothWays) {
  EXPECT_EQ(split_of_name("dev"), Split::dev);
  EXPECT_EQ(name_of(Split::test), "test");
  EXPECT_THROW(split_of_name("valid"), InputError);
}

}  // namespace
}  // namespace r1v
