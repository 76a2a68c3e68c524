// Merging by hand-made ranks, and the two loops against each other.
#include "text/bpe.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/rng.h"

namespace r1v {
namespace {

using Ids = std::vector<int64_t>;

// Ids 0..255 are the bytes; further tokens are made by joining pairs, in order of rank.
class Builder {
 public:
  Builder() {
    for (int byte = 0; byte < 256; ++byte) vocabulary.add(byte, std::string(1, static_cast<char>(byte)), "test");
  }
  Builder& join(const std::string& left, const std::string& right) {
    const int64_t id = vocabulary.size();
    vocabulary.add(id, left + right, "test");
    merges.add(vocabulary.find(left), vocabulary.find(right), {rank++, static_cast<int32_t>(id)});
    return *this;
  }
  Bpe build(bool ignore_merges = false, std::vector<int64_t> special_ids = {}) {
    std::vector<bool> special(static_cast<size_t>(vocabulary.size()));
    for (const int64_t id : special_ids) special[static_cast<size_t>(id)] = true;
    return Bpe(vocabulary, merges, {.ignore_merges = ignore_merges, .special = special}, "test");
  }
  Vocabulary vocabulary;
  MergeTable merges;
  uint32_t rank = 0;
};

Ids encode(const Bpe& bpe, std::string_view word) {
  Ids ids;
  bpe.encode_word(word, ids);
  return ids;
}

TEST(Bpe, MergesTheLowestRankFirstAndThereTheLeftmost) {
  const Bpe bpe = Builder().join("b", "c").join("a", "b").join("a", "a").build();  // ids 256 bc, 257 ab, 258 aa
  EXPECT_THAT(encode(bpe, "abc"), testing::ElementsAre('a', 256));                 // bc before ab
  EXPECT_THAT(encode(bpe, "aaa"), testing::ElementsAre(258, 'a'));                 // leftmost
  EXPECT_THAT(encode(bpe, "aab"), testing::ElementsAre('a', 257));                 // ab before aa
  EXPECT_THAT(encode(bpe, "ab"), testing::ElementsAre(257));
}

TEST(Bpe, TakesAWordThatIsATokenOnlyIfMergingFindsItOrTheFileSaysSo) {
  Builder builder;
  builder.join("b", "c").join("a", "b").vocabulary.add(258, "abc", "test");  // no merge leads to "abc"
  EXPECT_THAT(encode(builder.build(), "abc"), testing::ElementsAre('a', 256));
  EXPECT_THAT(encode(builder.build(/*ignore_merges=*/true), "abc"), testing::ElementsAre(258));
  EXPECT_THAT(encode(builder.build(true, {258}), "abc"), testing::ElementsAre('a', 256));  // never a control token
}

TEST(Bpe, ShortAndLongWordsMergeAlike) {
  // A word of 49 bytes takes the heap, its parts cut by "|" (which nothing merges with) take the scan.
  Builder builder;
  builder.join("a", "b")
      .join("b", "a")
      .join("ab", "a")
      .join("b", "b")
      .join("ab", "ab")
      .join("aba", "bb")
      .join("a", "a");
  const Bpe bpe = builder.build();
  Rng rng(5);
  for (int i = 0; i < 2000; ++i) {
    std::string whole;
    Ids expected;
    while (whole.size() < 60) {
      std::string part;
      for (auto k = rng.integer(1, 30); k > 0; --k) part += rng.chance(0.5) ? 'a' : 'b';
      bpe.encode_word(part, expected);
      expected.push_back('|');
      whole += part + "|";
    }
    ASSERT_EQ(encode(bpe, whole), expected) << whole;
  }
}

TEST(Bpe, HugeWordsTakeLinearithmicTime) {
  const Bpe bpe = Builder().join("a", "a").join("aa", "aa").build();
  EXPECT_EQ(encode(bpe, std::string(1 << 19, 'a')).size(), size_t{1} << 17);  // four a's a token
}

TEST(Bpe, RefusesMissingBytesAndMergesIntoControlTokens) {
  Vocabulary vocabulary;
  vocabulary.add(0, "a", "test");
  EXPECT_THROW(Bpe(vocabulary, MergeTable(), {.special = std::vector<bool>(1)}, "test"), InputError);
  Builder builder;
  builder.join("a", "b");
  EXPECT_THROW(builder.build(false, {256}), InputError);
  EXPECT_THROW(builder.build(false, {'a'}), InputError);
}

}  // namespace
}  // namespace r1v
