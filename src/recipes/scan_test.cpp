#include "recipes/scan.h"

#include <gtest/gtest.h>

#include "recipes/tower_targets.h"

namespace r1v {
namespace {

// One tile of 112 px, patches of 14 px: visual token (row, column) covers 28 px. "4" stands in token (1, 0), "+x" both in
// token (1, 1), a red circle has its centre in token (3, 2); everything else shows nothing.
TEST(Scan, EveryVisualTokenHasItsPlace) {
  const std::vector<Mark> marks = {
      {.kind = "char", .label = "4", .color = "black", .cx = 10, .cy = 40, .width = 10, .height = 14},
      {.kind = "char", .label = "+", .color = "black", .cx = 33, .cy = 40, .width = 8, .height = 14},
      {.kind = "char", .label = "x", .color = "black", .cx = 50, .cy = 40, .width = 8, .height = 14},
      {.kind = "circle", .label = "", .color = "red", .cx = 63, .cy = 105, .width = 12, .height = 12}};
  PatchClasses classes;
  const TileLimits limits{.edge = 112, .min_tiles = 1, .max_tiles = 6, .thumbnail = true};
  const auto labels = patch_labels(marks, 112, 112, limits, 14, classes);
  EXPECT_EQ(scan_text(labels, 8, 2, classes.chars.names(), classes.colors.names()),
            "....4+..........\n"
            "..... x..........\n"
            ".............. red.");
}

TEST(Scan, NoColoursNoThirdLine) {
  const std::vector<Mark> marks = {
      {.kind = "char", .label = "u", .color = "black", .cx = 20, .cy = 20, .width = 10, .height = 14}};
  PatchClasses classes;
  const TileLimits limits{.edge = 112, .min_tiles = 1, .max_tiles = 6, .thumbnail = true};
  const auto labels = patch_labels(marks, 112, 112, limits, 14, classes);
  EXPECT_EQ(scan_text(labels, 8, 2, classes.chars.names(), classes.colors.names()), "#...............\n................");
}

}  // namespace
}  // namespace r1v
