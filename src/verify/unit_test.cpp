// Conversions by hand.
#include "verify/unit.h"

#include <gtest/gtest.h>

#include "verify/clean.h"

namespace r1v {
namespace {

struct Case {
  const char* a;
  const char* b;
  int64_t top, bottom;  // a / b
};

TEST(ReadUnit, ConvertsWithinADimension) {
  const Case kCases[] = {
      {"km", "m", 1000, 1},        {"cm^2", "m^2", 1, 10000},    {"\\text{ cm}^{2}", "square meters", 1, 10000},
      {"ft", "inches", 12, 1},     {"km/h", "m/s", 1000, 3600},  {"kilometers per hour", "m s^{-1}", 1000, 3600},
      {"hours", "minutes", 60, 1}, {"liters", "cm^3", 1000, 1},  {"kJ", "N m", 1000, 1},
      {"pounds", "pounds", 0, 0},  {"dollars", "cents", 100, 1}, {"Litres", "ml", 1000, 1}};
  for (const Case& one : kCases) {
    const auto a = read_unit(clean_math(one.a)), b = read_unit(clean_math(one.b));
    if (one.top == 0) {
      EXPECT_FALSE(a) << one.a;  // pounds of what?
      continue;
    }
    ASSERT_TRUE(a && b) << one.a << " " << one.b;
    EXPECT_TRUE(a->measures_the_same(*b)) << one.a << " " << one.b;
    EXPECT_EQ(a->top * b->bottom * one.bottom, b->top * a->bottom * one.top) << one.a << " " << one.b;
  }
}

TEST(ReadUnit, TellsDimensionsApart) {
  EXPECT_FALSE(read_unit("cm")->measures_the_same(*read_unit("cm^2")));
  EXPECT_FALSE(read_unit("kg")->measures_the_same(*read_unit("s")));
  EXPECT_TRUE(read_unit("m")->is_ambiguous);
  for (const char* text : {"", "apples", "square units", "x", "cm apples", "^2", "C"}) {
    EXPECT_FALSE(read_unit(text)) << text;
  }
}

}  // namespace
}  // namespace r1v
