// Characters classes and UTF-8 steps against the reference and Python's rules.
#include "text/unicode.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace r1v {
namespace {

const char* name_of(CharClass kind) {
  switch (kind) {
    case CharClass::letter:
      return "letter";
    case CharClass::number:
      return "number";
    case CharClass::space:
    case CharClass::newline:
      return "space";
    case CharClass::other:
      return "other";
  }
  return "?";
}

TEST(CharTable, AgreesWithTheReferenceOnEveryCodePoint) {
  std::vector<const char*> expected(0x110000, "other");
  const Json golden = read_json_file(R1V_SOURCE_DIR "/tests/golden/char_classes.json");
  for (const char* name : {"letter", "number", "space"}) {
    for (const Json& range : golden.at(name)) {
      for (size_t code = range.at(0); code <= range.at(1).get<size_t>(); ++code) expected[code] = name;
    }
  }
  for (char32_t code = 0; code < 0x110000; ++code) {
    if (code >= 0xD800 && code <= 0xDFFF) continue;  // surrogates are no characters
    ASSERT_STREQ(name_of(char_table().char_class(code)), expected[code]) << "code point " << uint32_t{code};
  }
  EXPECT_EQ(char_table().char_class('\n'), CharClass::newline);
  EXPECT_EQ(char_table().char_class('\r'), CharClass::newline);
}

TEST(ReplaceInvalidUtf8, MakesOneMarkOfEachLongestPrefixOfACharacter) {
  // Expected: Python 3.11, bytes.decode("utf-8", "replace").
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(replace_invalid_utf8("a\xE2\x82\xAC z"), "a\xE2\x82\xAC z");
  EXPECT_EQ(replace_invalid_utf8("\xFF\xFE"), mark + mark);
  EXPECT_EQ(replace_invalid_utf8("\xE2\x82"), mark);  // truncated: one
  EXPECT_EQ(replace_invalid_utf8("\xE2\x82"
                                 "A"),
            mark + "A");  // cut short by "A": one
  EXPECT_EQ(replace_invalid_utf8("\xF0\x9F\x98\xF0\x9F"), mark + mark);
  EXPECT_EQ(replace_invalid_utf8("\xC0\x80"), mark + mark);             // overlong: no prefix of any character
  EXPECT_EQ(replace_invalid_utf8("\xED\xA0\x80"), mark + mark + mark);  // surrogate
  EXPECT_EQ(replace_invalid_utf8("\xF4\x90\x80\x80"), mark + mark + mark + mark);  // beyond U+10FFFF
  EXPECT_EQ(replace_invalid_utf8("\x80\xE2\x80"), mark + mark);
}

TEST(Nfc, ComposesReordersAndLeavesAsciiAlone) {
  EXPECT_FALSE(may_need_nfc("plain ascii, \xC3\xA9t\xC3\xA9, \xE6\xB7\xB1\xE5\xBA\xA6"));
  EXPECT_TRUE(may_need_nfc("e\xCC\x81"));
  EXPECT_EQ(nfc("e\xCC\x81"), "\xC3\xA9");                                 // e + U+0301
  EXPECT_EQ(nfc("o\xCC\x87\xCC\xA3"), "\xE1\xBB\x8D\xCC\x87");             // U+0323 (220) goes before U+0307 (230)
  EXPECT_EQ(nfc("\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8"), "\xEA\xB0\x81");  // Hangul U+1100 U+1161 U+11A8 -> U+AC01
  EXPECT_EQ(nfc("\xE2\x84\xAB"), "\xC3\x85");                              // U+212B angstrom -> U+00C5
  EXPECT_EQ(nfc("\xE0\xA5\x98"), "\xE0\xA4\x95\xE0\xA4\xBC");              // U+0958 is excluded from composition
}

TEST(Nfc, SortsALongRunOfMarksQuickly) {
  // 200,000 marks in the worst order; a quadratic sort would need minutes.
  std::string text = "a";
  for (int i = 0; i < 100000; ++i) text += "\xCC\x87\xCC\xA3";
  const std::string normal = nfc(text);
  EXPECT_EQ(normal.substr(0, 5), "\xE1\xBA\xA1\xCC\xA3");  // a + U+0323 = U+1EA1, then the other U+0323
  EXPECT_TRUE(normal.ends_with("\xCC\x87"));
}

}  // namespace
}  // namespace r1v
