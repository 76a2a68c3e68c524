#include "engine/prefix_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace r1v {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<TokenKey> text(const std::vector<int64_t>& ids) {
  std::vector<TokenKey> keys;
  for (const int64_t id : ids) keys.push_back({.value = id});
  return keys;
}

TEST(PrefixCache, FindsTheLongestChainThatIsThere) {
  PrefixCache cache(2);
  cache.insert(std::nullopt, text({1, 2}), 5);
  cache.insert(5, text({3, 4}), 8);
  cache.insert(8, text({5, 6}), 2);
  EXPECT_THAT(cache.longest(text({1, 2, 3, 4, 5, 6}), 9), ElementsAre(5, 8, 2));
  EXPECT_THAT(cache.longest(text({1, 2, 3, 4, 5, 6}), 2), ElementsAre(5, 8));
  EXPECT_THAT(cache.longest(text({1, 2, 3, 4, 5}), 9), ElementsAre(5, 8));  // the last block is not full
  EXPECT_THAT(cache.longest(text({1, 2, 9, 4, 5, 6}), 9), ElementsAre(5));
  EXPECT_THAT(cache.longest(text({3, 4}), 9),
              IsEmpty());  // the same tokens, elsewhere
}

TEST(PrefixCache, EqualTokensBehindDifferentBeginningsAreDifferentBlocks) {
  PrefixCache cache(2);
  cache.insert(std::nullopt, text({1, 2}), 0);
  cache.insert(std::nullopt, text({3, 4}), 1);
  cache.insert(0, text({7, 7}), 2);
  EXPECT_EQ(cache.find(0, text({7, 7})), 2);
  EXPECT_EQ(cache.find(1, text({7, 7})), std::nullopt);
}

TEST(PrefixCache, PicturesAreToldApartFromEachOtherAndFromText) {
  PrefixCache cache(2);
  const std::vector<TokenKey> picture = {{.picture = 11, .value = 0}, {.picture = 11, .value = 1}};
  const std::vector<TokenKey> other = {{.picture = 12, .value = 0}, {.picture = 12, .value = 1}};
  cache.insert(std::nullopt, picture, 0);
  EXPECT_EQ(cache.find(std::nullopt, picture), 0);
  EXPECT_EQ(cache.find(std::nullopt, other), std::nullopt);
  EXPECT_EQ(cache.find(std::nullopt, text({0, 1})), std::nullopt);
}

TEST(PrefixCache, WhatIsForgottenIsNotFound) {
  PrefixCache cache(2);
  cache.insert(std::nullopt, text({1, 2}), 0);
  cache.insert(0, text({3, 4}), 1);
  cache.forget(1);
  EXPECT_THAT(cache.longest(text({1, 2, 3, 4}), 9), ElementsAre(0));
  cache.insert(0, text({3, 4}), 6);
  EXPECT_THAT(cache.longest(text({1, 2, 3, 4}), 9), ElementsAre(0, 6));
  EXPECT_EQ(cache.num_blocks(), 2U);
}

}  // namespace
}  // namespace r1v
