// The pull reader accepts what JSON allows and names the byte where it does not.
#include "base/json_reader.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace r1v {
namespace {

TEST(JsonReader, WalksAnObjectInOrder) {
  JsonReader reader(R"( {"a\u00e9" : "x\n\ud83d\ude00", "n":-12 ,"skip":{"q":[1,"]}"]},"list":[ "p" , 7 ] } )", "t");
  std::string_view key;
  reader.enter_object();
  ASSERT_TRUE(reader.next_key(key));
  EXPECT_EQ(key, "a\xC3\xA9");
  EXPECT_EQ(reader.string(), "x\n\xF0\x9F\x98\x80");
  ASSERT_TRUE(reader.next_key(key));
  EXPECT_EQ(reader.integer(), -12);
  ASSERT_TRUE(reader.next_key(key));
  EXPECT_EQ(reader.raw(), R"({"q":[1,"]}"]})");
  ASSERT_TRUE(reader.next_key(key));
  reader.enter_array();
  ASSERT_TRUE(reader.next_element());
  EXPECT_EQ(reader.peek(), '"');
  EXPECT_EQ(reader.string(), "p");
  ASSERT_TRUE(reader.next_element());
  EXPECT_EQ(reader.raw(), "7");
  EXPECT_FALSE(reader.next_element());
  EXPECT_FALSE(reader.next_key(key));
  reader.end();
}

// Reads {"k": "string"} documents to the end.
void read_strings(std::string_view text) {
  JsonReader reader(text, "test");
  std::string_view key;
  reader.enter_object();
  while (reader.next_key(key)) reader.string();
  reader.end();
}

TEST(JsonReader, RefusesWhatIsNotJson) {
  EXPECT_NO_THROW(read_strings(R"({"a":"b"})"));
  for (const char* bad : {"", "{", R"({"a")", R"({"a":})", R"({"a":"b")", R"({"a":"b",})", R"({,"a":"b"})",
                          R"({"a":"b"}x)", R"({"a":"b" "c":"d"})", R"({"a":"\x"})", R"({"a":"\u12"})",
                          R"({"a":"\ud800"})", R"({"a":"\ud800\u0041"})", "{\"a\":\"\n\"}", "{\"a\":\"\xFF\"}",
                          "{\"a\":\"\xC0\x80\"}", "{\"a\":\"\xED\xA0\x80\"}", "{\"a\":\"\xE2\x82\"}", R"({"a":1})"}) {
    EXPECT_THROW(read_strings(bad), InputError) << bad;
  }
}

TEST(JsonReader, NamesPlaceFoundAndExpected) {
  try {
    read_strings(R"({"a":12})");
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "test: not valid JSON: found \"12}\" at byte 5, expected a string");
  }
}

TEST(JsonReader, RefusesFractionsAsIntegersAndDeepNesting) {
  EXPECT_THROW(JsonReader("1.5", "t").integer(), InputError);
  EXPECT_THROW(JsonReader("99999999999999999999", "t").integer(), InputError);
  EXPECT_EQ(JsonReader("128 ", "t").integer(), 128);
  EXPECT_THROW(JsonReader("04", "t").integer(), InputError);
  EXPECT_THROW(JsonReader("-01", "t").integer(), InputError);
  EXPECT_THROW(JsonReader("", "t").integer(), InputError);
  EXPECT_EQ(JsonReader("0", "t").integer(), 0);
  const std::string deep(200, '[');
  EXPECT_THROW(JsonReader(deep, "t").raw(), InputError);
}

}  // namespace
}  // namespace r1v
