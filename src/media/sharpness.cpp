// One pass over the grey rows.
#include "media/sharpness.h"

#include <cstddef>
#include <vector>

#include "base/error.h"

namespace r1v {
namespace {

std::vector<double> grey_values(const Picture& picture) {
  std::vector<double> grey(picture.rgb.size() / 3);
  for (size_t i = 0; i < grey.size(); ++i) {
    const uint8_t* pixel = picture.rgb.data() + 3 * i;
    grey[i] = 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
  }
  return grey;
}

/// The place beside the border that stands for the one behind it; in a row of one pixel, itself.
int mirrored(int at, int size) {
  if (size == 1) return 0;
  if (at < 0) return 1;
  return at == size ? size - 2 : at;
}

}  // namespace

double laplacian_variance(const Picture& picture) {
  R1V_CHECK(picture.width > 0 && picture.height > 0, "a picture without pixels");
  const std::vector<double> grey = grey_values(picture);
  const int width = picture.width, height = picture.height;
  const auto value = [&](int x, int y) {
    return grey[static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)];
  };
  double sum = 0, squares = 0;
  for (int y = 0; y < height; ++y) {
    const int above = mirrored(y - 1, height), below = mirrored(y + 1, height);
    for (int x = 0; x < width; ++x) {
      const double laplacian = value(x, above) + value(x, below) + value(mirrored(x - 1, width), y) +
                               value(mirrored(x + 1, width), y) - 4 * value(x, y);
      sum += laplacian;
      squares += laplacian * laplacian;
    }
  }
  const auto pixels = static_cast<double>(grey.size());
  return squares / pixels - (sum / pixels) * (sum / pixels);
}

}  // namespace r1v
