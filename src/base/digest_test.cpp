// Digests: every byte and every border counts.
#include "base/digest.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace r1v {
namespace {

TEST(Digest, EveryByteAndEveryBorderBetweenPiecesChangesIt) {
  const std::string text = "What is 2 + 3?";  // eight bytes and six
  std::set<uint64_t> digests = {digest_bytes(0, text)};
  for (size_t i = 0; i < text.size(); ++i) {
    std::string other = text;
    other[i] = '#';
    digests.insert(digest_bytes(0, other));
    digests.insert(digest_bytes(digest_bytes(0, text.substr(0, i)), text.substr(i)));
  }
  EXPECT_EQ(digests.size(), 2 * text.size() + 1);
  EXPECT_EQ(digest_bytes(0, text), digest_bytes(0, std::string(text)));
}

TEST(Digest, IsWrittenInSixteenDigits) {
  EXPECT_EQ(digest_text(0x0123456789abcdefULL), "0123456789abcdef");
  EXPECT_EQ(digest_text(10), "000000000000000a");
}

}  // namespace
}  // namespace r1v
