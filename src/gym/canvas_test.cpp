// Marks and pixels of single drawing calls.
#include "gym/canvas.h"

#include <gtest/gtest.h>

#include "gym/shapes.h"
#include "gym/words.h"

namespace r1v {
namespace {

std::vector<int> pixel(const Picture& picture, int x, int y) {
  const size_t at = static_cast<size_t>(3 * (y * picture.width + x));
  return {picture.rgb[at], picture.rgb[at + 1], picture.rgb[at + 2]};
}

TEST(Canvas, EveryVisibleCharacterLeavesAMarkInOrder) {
  Canvas canvas(112, 112, paint("white"));
  canvas.text("a 7-2", {56, 40}, {.size = 20});
  Rng rng(1);
  const GymPicture out = canvas.finish(rng, 1);
  std::string labels;
  double last_x = 0;
  for (const Mark& mark : out.marks) {
    EXPECT_EQ(mark.kind, "char");
    EXPECT_GT(mark.cx, last_x);
    last_x = mark.cx;
    labels += mark.label;
  }
  EXPECT_EQ(labels, "a7-2");  // the space is not visible, the minus sign keeps the name "-"
  // Digits and capitals are 0.729 em high and centred on the anchor: 7 at 20 px spans about 40 - 7.3 .. 40 + 7.3.
  EXPECT_NEAR(out.marks[1].cy, 40, 0.5);
  EXPECT_NEAR(out.marks[1].height, 14.6, 0.5);
}

TEST(Canvas, InkLiesWhereTheMarkSays) {
  Canvas canvas(60, 60, paint("white"));
  canvas.text("8", {30, 30}, {.size = 40});
  Rng rng(1);
  const GymPicture out = canvas.finish(rng, 1);
  int left = 60, right = 0, top = 60, bottom = 0;
  for (int y = 0; y < 60; ++y) {
    for (int x = 0; x < 60; ++x) {
      if (pixel(out.picture, x, y)[0] > 200) continue;
      left = std::min(left, x), right = std::max(right, x + 1), top = std::min(top, y),
      bottom = std::max(bottom, y + 1);
    }
  }
  const Mark& mark = out.marks.at(0);
  EXPECT_NEAR(mark.cx - mark.width / 2, left, 1);
  EXPECT_NEAR(mark.cx + mark.width / 2, right, 1);
  EXPECT_NEAR(mark.cy - mark.height / 2, top, 1);
  EXPECT_NEAR(mark.cy + mark.height / 2, bottom, 1);
}

TEST(Canvas, FilledShapesHaveTheirColorInTheMiddle) {
  for (const std::string& name : kShapes) {
    if (name == "moon") continue;  // its middle is empty
    Canvas canvas(50, 50, paint("white"));
    canvas.shape(name, {25, 25}, 40, {.paint = paint("blue")});
    Rng rng(1);
    const GymPicture out = canvas.finish(rng, 1);
    const std::vector<int> middle = pixel(out.picture, 25, 25);
    EXPECT_NEAR(middle[0], 0.12 * 255, 1) << name;
    EXPECT_NEAR(middle[1], 0.30 * 255, 1) << name;
    EXPECT_NEAR(middle[2], 0.85 * 255, 1) << name;
    EXPECT_EQ(out.marks.at(0).kind, name);
    EXPECT_EQ(out.marks.at(0).color, "blue");
    EXPECT_NEAR(out.marks.at(0).cx, 25, 3) << name;
    EXPECT_LE(out.marks.at(0).width, 41) << name;
  }
}

TEST(Canvas, OutlinesFitTheUnitSquare) {
  for (const std::string& name : kShapes) {
    for (const Point& point : shape_outline(name)) {
      EXPECT_LE(std::abs(point.x), 0.51) << name;
      EXPECT_LE(std::abs(point.y), 0.51) << name;
    }
  }
}

TEST(Canvas, StampCoversWhatTheMapCovers) {
  // A 2 x 2 map with only its right column covered, enlarged to 40 x 40 at (10, 10): ink in x 30..50 and half
  // of 20..30.
  Canvas canvas(60, 60, paint("white"));
  canvas.stamp({0, 255, 0, 255}, 2, 2, 10, 10, 40, 40, paint("black"), "1");
  Rng rng(1);
  const GymPicture out = canvas.finish(rng, 1);
  EXPECT_EQ(pixel(out.picture, 12, 30)[0], 255);
  EXPECT_LT(pixel(out.picture, 40, 30)[0], 30);
  EXPECT_EQ(out.marks.at(0).label, "1");
  EXPECT_GT(out.marks.at(0).cx, 33);
}

TEST(Canvas, FittingSizeStopsAtTheLimit) {
  const Canvas canvas(112, 112, paint("white"));
  const double size = canvas.fitting_size("cherries", {.size = 30}, 60);
  EXPECT_LE(canvas.text_width("cherries", {.size = size}), 60);
  EXPECT_GT(canvas.text_width("cherries", {.size = size + 1}), 60);
}

}  // namespace
}  // namespace r1v
