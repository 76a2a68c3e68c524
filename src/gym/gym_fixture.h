// Test data: a sheet of made-up digits, so that no test needs the real one.
#pragma once

#include "gym/digits.h"

namespace r1v {

/// 2000 x 1000; the digit with index i is a filled box whose last row has i as 13 binary pixels from the left.
inline Picture made_up_sheet() {
  Picture sheet{.width = 2000, .height = 1000, .rgb = std::vector<uint8_t>(2000 * 1000 * 3, 0)};
  const auto set = [&](int x, int y) {
    for (int i = 0; i < 3; ++i) sheet.rgb[static_cast<size_t>(3 * (y * 2000 + x) + i)] = 255;
  };
  for (int index = 0; index < 5000; ++index) {
    const int left = index % 100 * 20, top = index / 100 * 20;
    for (int y = 4; y < 16; ++y) {
      for (int x = 6; x < 14; ++x) set(left + x, top + y);
    }
    for (int bit = 0; bit < 13; ++bit) {
      if (index >> bit & 1) set(left + bit, top + 19);
    }
  }
  return sheet;
}

}  // namespace r1v
