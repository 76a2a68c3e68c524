// Cutting the sheet of handwritten digits.
#include "gym/digits.h"

#include <utility>

#include "base/error.h"

namespace r1v {

namespace {

constexpr int kColumns = 100, kPerClass = 500, kHeldBack = 50;

}  // namespace

DigitPool::DigitPool(const Picture& sheet, const std::string& where) : sheet_(sheet) {
  if (sheet.width != 2000 || sheet.height != 1000) {
    throw InputError(
        cat(where, ": expected the 2000 x 1000 sheet of handwritten digits, found ", sheet.width, " x ", sheet.height));
  }
}

HandwrittenDigit DigitPool::draw(int digit, Split split, Rng& rng) const {
  R1V_CHECK(digit >= 0 && digit <= 9, "digit ", digit);
  const int first = split == Split::train ? 0 : split == Split::dev ? kPerClass - 2 * kHeldBack : kPerClass - kHeldBack;
  const int count = split == Split::train ? kPerClass - 2 * kHeldBack : kHeldBack;
  return cut(digit * kPerClass + first + static_cast<int>(rng.integer(0, count - 1)));
}

HandwrittenDigit DigitPool::cut(int index) const {
  HandwrittenDigit out{.digit = index / kPerClass, .index = index, .coverage = {}};
  const int left = index % kColumns * kSide, top = index / kColumns * kSide;
  for (int y = top; y < top + kSide; ++y) {
    for (int x = left; x < left + kSide; ++x) {
      out.coverage.push_back(sheet_.rgb[static_cast<size_t>(3 * (y * sheet_.width + x))]);
    }
  }
  return out;
}

DigitPool read_digit_pool(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) {
    throw InputError(
        cat("the sheet of handwritten digits is missing: ", path.string(),
            " (digits.png of the Debian package opencv-doc; scripts/setup.sh fetches it, or name it with --digits)"));
  }
  return DigitPool(read_picture(path), path.string());
}

}  // namespace r1v
