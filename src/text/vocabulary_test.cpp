// Bytes and ids find each other; collisions are refused.
#include "text/vocabulary.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace r1v {
namespace {

TEST(ByteAlphabet, IsThatOfGpt2) {
  // 0x20 is the 33rd byte without a printable form: U+0100 + 32 = U+0120; 0x0A is the 11th: U+010A; 0xAD the last:
  // U+0143.
  EXPECT_EQ(alphabet_from_bytes(" a\n\xAD\xE9"),
            "\xC4\xA0"
            "a\xC4\x8A\xC5\x83\xC3\xA9");
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) {
    const std::string one(1, static_cast<char>(byte));
    ASSERT_TRUE(bytes_from_alphabet(alphabet_from_bytes(one), bytes));
    EXPECT_EQ(bytes, one);
  }
  EXPECT_FALSE(bytes_from_alphabet(" ", bytes));         // a bare space is not in the alphabet
  EXPECT_FALSE(bytes_from_alphabet("\xC5\x84", bytes));  // U+0144, one beyond
  EXPECT_FALSE(bytes_from_alphabet("\xE4\xB8\xAD", bytes));
}

TEST(Vocabulary, FindsEveryTokenOfAnyLength) {
  Vocabulary vocabulary;
  for (int64_t id = 0; id < 5000; ++id) {
    vocabulary.add(id, std::string(static_cast<size_t>(id % 23), 'x') + std::to_string(id), "test");
  }
  for (int64_t id = 0; id < 5000; ++id) {
    const std::string bytes = std::string(static_cast<size_t>(id % 23), 'x') + std::to_string(id);
    EXPECT_EQ(vocabulary.find(bytes), id);
    EXPECT_EQ(vocabulary.bytes(id), bytes);
  }
  EXPECT_EQ(vocabulary.find("x"), -1);
  EXPECT_EQ(vocabulary.find(std::string("0\0", 2)), -1);  // as "0" in the first eight bytes, but longer
}

TEST(Vocabulary, RefusesCollisionsAndWildIds) {
  Vocabulary vocabulary;
  vocabulary.add(3, "a", "test");
  EXPECT_THROW(vocabulary.add(3, "b", "test"), InputError);
  EXPECT_THROW(vocabulary.add(4, "a", "test"), InputError);
  EXPECT_THROW(vocabulary.add(-1, "b", "test"), InputError);
  EXPECT_THROW(vocabulary.add(int64_t{1} << 40, "b", "test"), InputError);
  EXPECT_FALSE(vocabulary.has(2));
  EXPECT_EQ(vocabulary.size(), 4);
}

}  // namespace
}  // namespace r1v
