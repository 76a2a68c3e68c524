// Laplacians worked out by hand.
#include "media/sharpness.h"

#include <gtest/gtest.h>

namespace r1v {
namespace {

Picture grey_picture(int width, int height, const std::vector<uint8_t>& values) {
  Picture picture{.width = width, .height = height};
  for (const uint8_t value : values) picture.rgb.insert(picture.rgb.end(), 3, value);
  return picture;
}

TEST(LaplacianVariance, OneBrightPixelOfFourByFour) {
  // The pixel (1, 1) is 100, all others 0. Its own Laplacian is -400. Each of its four neighbours sees it once (100);
  // (0, 1) and (1, 0) lie on the border, whose mirror image is row or column 1 again: they see it twice (200).
  // Sum: -400 + 2 * 200 + 2 * 100 = 200, mean 200 / 16 = 12.5.
  // Squares: 160000 + 2 * 40000 + 2 * 10000 = 260000, / 16 = 16250. Variance: 16250 - 156.25 = 16093.75.
  std::vector<uint8_t> values(16, 0);
  values[5] = 100;
  EXPECT_NEAR(laplacian_variance(grey_picture(4, 4, values)), 16093.75, 1e-6);
}

TEST(LaplacianVariance, FlatPicturesHaveNone) {
  EXPECT_NEAR(laplacian_variance(grey_picture(4, 4, std::vector<uint8_t>(16, 77))), 0, 1e-9);
  EXPECT_NEAR(laplacian_variance(grey_picture(1, 1, {200})), 0, 1e-9);
}

TEST(LaplacianVariance, ColoursWeighAsTheEyeSeesThem) {
  // Two pixels side by side, black and pure green: grey 0 and 0.587 * 255 = 149.685. Each sees the other twice.
  // Laplacians: 2 * 149.685 = 299.37 and -299.37; the variance is 299.37^2 = 89622.3969.
  Picture picture{.width = 2, .height = 1, .rgb = {0, 0, 0, 0, 255, 0}};
  EXPECT_NEAR(laplacian_variance(picture), 89622.3969, 1e-4);
}

}  // namespace
}  // namespace r1v
