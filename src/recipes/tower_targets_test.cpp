#include "recipes/tower_targets.h"

#include <gtest/gtest.h>

namespace r1v {
namespace {

constexpr TileLimits kLimits{.edge = 112, .min_tiles = 1, .max_tiles = 6, .thumbnail = true};

int8_t label(const std::vector<int8_t>& labels, int64_t tile, int64_t row, int64_t column, PatchQuestion question) {
  return labels[static_cast<size_t>(((tile * 8 + row) * 8 + column) * kPatchQuestions +
                                    static_cast<int64_t>(question))];
}

TEST(PatchLabels, ACharacterIsAskedForInTheHalfPatchOfItsCentre) {
  // Centre (17, 30): column 17 / 14 = 1 (left half: 17 - 14 = 3 < 7), row 30 / 14 = 2.
  PatchClasses classes;
  const auto labels = patch_labels({{.kind = "char", .label = "7", .cx = 17, .cy = 30, .width = 9, .height = 14}}, 112,
                                   112, kLimits, 14, classes);
  ASSERT_EQ(labels.size(), static_cast<size_t>(64 * kPatchQuestions));  // one tile, no thumbnail
  EXPECT_EQ(label(labels, 0, 2, 1, PatchQuestion::left_char), classes.chars.index("7"));
  EXPECT_EQ(label(labels, 0, 2, 1, PatchQuestion::right_char), 0);
}

TEST(PatchLabels, AShapeCoversThePatchesWhoseMiddlesLieInItAndTheSmallerShapeWins) {
  PatchClasses classes;
  const std::vector<Mark> marks = {
      {.kind = "square", .color = "red", .cx = 56, .cy = 56, .width = 56, .height = 56},
      {.kind = "bar", .color = "blue", .cx = 49, .cy = 49, .width = 4, .height = 4, .value = 12}};
  const auto labels = patch_labels(marks, 112, 112, kLimits, 14, classes);
  // The square spans 28..84: patches 2..5. The bar's centre lies in patch (3, 3); its box is thinner than a patch.
  EXPECT_EQ(label(labels, 0, 2, 2, PatchQuestion::kind), classes.kinds.index("square"));
  EXPECT_EQ(label(labels, 0, 1, 2, PatchQuestion::kind), 0);
  EXPECT_EQ(label(labels, 0, 3, 3, PatchQuestion::kind), classes.kinds.index("bar"));
  EXPECT_EQ(label(labels, 0, 3, 3, PatchQuestion::value), 13);  // 12 + 1, 0 means no value
  EXPECT_EQ(label(labels, 0, 4, 4, PatchQuestion::centers), 1);
}

TEST(PatchLabels, ALargeDigitIsTheValueOfEveryPatchThatItCovers) {
  // Box x 35..77, y 28..84: middles 35..77 by 14 from 7 are columns 2..5 (35, 49, 63, 77), rows 2..5.
  PatchClasses classes;
  const auto labels = patch_labels({{.kind = "char", .label = "7", .cx = 56, .cy = 56, .width = 42, .height = 56}}, 112,
                                   112, kLimits, 14, classes);
  EXPECT_EQ(label(labels, 0, 2, 2, PatchQuestion::value), 8);  // 7 + 1, 0 means no value
  EXPECT_EQ(label(labels, 0, 5, 5, PatchQuestion::value), 8);
  EXPECT_EQ(label(labels, 0, 1, 3, PatchQuestion::value), 0);
  EXPECT_EQ(label(labels, 0, 2, 6, PatchQuestion::value), 0);
}

TEST(PatchLabels, WidePicturesAreCutAndTheThumbnailComesLast) {
  // 224 x 112 -> tiles 2 x 1 and a thumbnail shrunk by half horizontally.
  PatchClasses classes;
  const std::vector<Mark> marks = {{.kind = "char", .label = "a", .cx = 120, .cy = 5, .width = 8, .height = 10},
                                        {.kind = "char", .label = "b", .cx = 10, .cy = 100, .width = 4, .height = 5}};
  const auto labels = patch_labels(marks, 224, 112, kLimits, 14, classes);
  ASSERT_EQ(labels.size(), static_cast<size_t>(3 * 64 * kPatchQuestions));
  EXPECT_EQ(label(labels, 1, 0, 0, PatchQuestion::right_char), classes.chars.index("a"));  // 120 - 112 = 8 >= 7
  EXPECT_EQ(label(labels, 2, 0, 4, PatchQuestion::left_char), classes.chars.index("a"));   // 60 = 4 * 14 + 4
  EXPECT_EQ(label(labels, 0, 7, 0, PatchQuestion::right_char), kNoQuestion);               // 5 pixels high: not legible
}

}  // namespace
}  // namespace r1v
