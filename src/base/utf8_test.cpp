// What is UTF-8 and what only looks like it.
#include "base/utf8.h"

#include <gtest/gtest.h>

namespace r1v {
namespace {

TEST(Utf8, TakesTheFirstAndLastCharacterOfEachLength) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8(std::string_view("\0\x7f", 2)));
  for (const char* text : {"\u0080\u07ff", "\u0800\ud7ff\ue000\uffff", "\U00010000\U0010ffff"})
    EXPECT_TRUE(is_utf8(text));
}

TEST(Utf8, RefusesWhatRfc3629Forbids) {
  for (const char* bytes : {"\x80", "\xbf", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc3\x28", "\xe2\x28\xa1",  // parts
                            "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf",                      // overlong
                            "\xed\xa0\x80", "\xed\xbf\xbf",                             // surrogates
                            "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xfe", "\xff"}) {  // beyond
    EXPECT_FALSE(is_utf8(bytes)) << bytes;
  }
}

}  // namespace
}  // namespace r1v
