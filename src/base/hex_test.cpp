// Digits there and back.
#include "base/hex.h"

#include <gtest/gtest.h>

#include <array>

namespace r1v {
namespace {

TEST(Hex, IsTwoLowerCaseDigitsAByte) {
  const std::array<unsigned char, 4> bytes = {0x00, 0x0a, 0x9f, 0xff};
  EXPECT_EQ(hex_text(bytes), "000a9fff");
  EXPECT_EQ(hex_text({}), "");
}

TEST(Hex, DigitsOfEitherCaseHaveTheirValueAndNothingElseHas) {
  const std::string digits = "0123456789abcdef", capitals = "ABCDEF";
  for (size_t i = 0; i < digits.size(); ++i) EXPECT_EQ(hex_value(static_cast<char32_t>(digits[i])), i);
  for (size_t i = 0; i < capitals.size(); ++i) EXPECT_EQ(hex_value(static_cast<char32_t>(capitals[i])), 10 + i);
  for (const char32_t other : {U'/', U':', U'@', U'G', U'`', U'g', U'\0', U'\U0010FFFF'})
    EXPECT_EQ(hex_value(other), -1);
}

}  // namespace
}  // namespace r1v
