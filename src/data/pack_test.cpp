// Bins and the layout of a packed batch, by hand.
#include "data/pack.h"

#include <gtest/gtest.h>

namespace r1v {
namespace {

using Bins = std::vector<std::vector<size_t>>;

TEST(FirstFit, FillsGapsBehindLongSamplesInOrder) {
  // Capacity 10: 7 opens a bin; 6 a second; 3 fits the first (7 + 3); 4 the second (6 + 4); 5 a third; 5 fills it.
  EXPECT_EQ(first_fit({7, 6, 3, 4, 5, 5}, 10), (Bins{{0, 2}, {1, 3}, {4, 5}}));
}

TEST(FirstFit, GivesATooLongSampleABinOfItsOwn) { EXPECT_EQ(first_fit({4, 12, 6}, 10), (Bins{{0, 2}, {1}})); }

TEST(FirstFit, OfNothingIsNothing) { EXPECT_TRUE(first_fit({}, 10).empty()); }

TEST(PackSamples, ShiftsLabelsInsideEachDocumentOnly) {
  const Sample first{.input_ids = {1, 2, 3}, .labels = {-100, 2, 3}};
  const Sample second{.input_ids = {4, 5}, .labels = {4, 5}, .pixels = at::ones({2, 3, 1, 1})};
  const Sample* samples[] = {&first, &second};
  const PackedBatch batch = pack_samples(samples);
  // The last token of a document predicts nothing; label 4, the first token of the second one, is predicted by nobody.
  EXPECT_TRUE(at::equal(batch.input_ids_T, at::tensor({1, 2, 3, 4, 5}, at::kLong)));
  EXPECT_TRUE(at::equal(batch.targets_T, at::tensor({2, 3, -100, 5, -100}, at::kLong)));
  EXPECT_EQ(batch.lengths, (std::vector<int64_t>{3, 2}));
  EXPECT_EQ(batch.num_targets, 3);
  EXPECT_EQ(batch.pixels.size(0), 2);
}

}  // namespace
}  // namespace r1v
