#include "base/base64.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace r1v {
namespace {

// source: RFC 4648, section 10.
TEST(Base64, TestVectorsOfTheRfc) {
  EXPECT_EQ(decode_base64("", "x"), "");
  EXPECT_EQ(decode_base64("Zg==", "x"), "f");
  EXPECT_EQ(decode_base64("Zm8=", "x"), "fo");
  EXPECT_EQ(decode_base64("Zm9v", "x"), "foo");
  EXPECT_EQ(decode_base64("Zm9vYg==", "x"), "foob");
  EXPECT_EQ(decode_base64("Zm9vYmE=", "x"), "fooba");
  EXPECT_EQ(decode_base64("Zm9vYmFy", "x"), "foobar");
  const std::string word = "foobar";
  const std::vector<std::string> texts = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
  for (size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(encode_base64(word.substr(0, i)), texts[i]);
  EXPECT_EQ(encode_base64("\xff\xfe\xfd"), "//79");
}

TEST(Base64, NothingElseIsTaken) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zm9", "Zm9=v", "Z===", "====", "Zm 9", "Zm9\n", "Zm-_", "Zg==Zg=="}) {
    EXPECT_THROW(decode_base64(text, "x"), InputError) << text;
  }
}

}  // namespace
}  // namespace r1v
