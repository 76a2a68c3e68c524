#include "engine/growing_kv.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace r1v {
namespace {

// Rows whose entries tell where they belong: base, base + 1, ...
at::Tensor rows_from(int64_t base, int64_t count) {
  return (at::arange(count, at::kFloat) + base).view({count, 1, 1}).expand({count, 2, 3}).contiguous();
}

void append(GrowingKv& kv, int64_t sequence, int64_t past, int64_t count, int64_t base) {
  for (int64_t layer = 0; layer < 2; ++layer) {
    kv.append(layer, sequence, past, rows_from(base + 1000 * layer, count), -rows_from(base + 1000 * layer, count));
  }
}

TEST(GrowingKv, GivesBackAllRowsOldFirstHoweverOftenItGrew) {
  GrowingKv kv;
  int64_t past = 0;
  for (const int64_t count : {5, 1, 1, 200, 1, 3, 700}) {
    const KvStore::View view = kv.append(0, 7, past, rows_from(past, count), -rows_from(past, count));
    past += count;
    EXPECT_TRUE(view.keys_SGH.equal(rows_from(0, past))) << past;
    EXPECT_TRUE(view.values_SGH.equal(-rows_from(0, past))) << past;
  }
  EXPECT_EQ(kv.length(7), 911);
  EXPECT_EQ(kv.length(8), 0);
}

TEST(GrowingKv, AForkStartsEqualAndGoesItsOwnWay) {
  GrowingKv kv;
  append(kv, 1, 0, 10, 0);
  kv.fork(1, 2);
  kv.rename(1, 3);
  append(kv, 2, 10, 1, 500);
  append(kv, 3, 10, 1, 900);
  const KvStore::View second = kv.append(1, 2, 11, rows_from(1, 1), rows_from(1, 1));
  EXPECT_EQ(second.keys_SGH[9][0][0].item<float>(), 1009.0F);
  EXPECT_EQ(second.keys_SGH[10][0][0].item<float>(), 1500.0F);
  const KvStore::View third = kv.append(1, 3, 11, rows_from(1, 1), rows_from(1, 1));
  EXPECT_EQ(third.keys_SGH[9][1][2].item<float>(), 1009.0F);
  EXPECT_EQ(third.keys_SGH[10][1][2].item<float>(), 1900.0F);
  EXPECT_EQ(kv.num_sequences(), 2U);
  kv.release(2);
  kv.release(3);
  EXPECT_EQ(kv.num_sequences(), 0U);
}

TEST(GrowingKv, APastThatIsNotWhatItHoldsIsOurBug) {
  GrowingKv kv;
  append(kv, 1, 0, 4, 0);
  EXPECT_THROW(append(kv, 1, 3, 1, 0), InternalError);
  EXPECT_THROW(kv.fork(1, 1), InternalError);
  EXPECT_THROW(kv.rename(5, 6), InternalError);
}

}  // namespace
}  // namespace r1v
