// Handwritten digits cut out of one picture, each split with its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/rng.h"
#include "gym/task.h"

namespace r1v {

/// One digit: 20 x 20 values, 0 nothing .. 255 full ink.
struct HandwrittenDigit {
  int digit = 0;
  int index = 0;  // its place in the pool, 0..4999
  std::vector<uint8_t> coverage;
};

/// The 5000 digits of OpenCV's digits.png (Debian package opencv-doc): 50 rows of 100, five rows a class, white on
/// black. Of each class the last 50 belong to test, the 50 before them to dev and the first 400 to train.
class DigitPool {
 public:
  static constexpr int kSide = 20;

  /// throws InputError: not 2000 x 1000.
  DigitPool(const Picture& sheet, const std::string& where);

  /// A digit of this class that belongs to this split.
  HandwrittenDigit draw(int digit, Split split, Rng& rng) const;

 private:
  HandwrittenDigit cut(int index) const;

  Picture sheet_;
};

/// throws InputError: missing (says how to get it), not a picture, wrong size.
DigitPool read_digit_pool(const std::filesystem::path& path);

}  // namespace r1v
