#include "media/resize.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "media/golden_test.h"

namespace r1v {
namespace {

// Written by tests/golden/make_tiling.py: [width, height, out width, out height, hash]; the seed is the index.
void expect_golden_resizes(const ResizeKernel& kernel) {
  uint64_t seed = 0;
  for (const Json& entry : golden_tiling("resizes")) {
    const Picture out = resize_bicubic(golden_noise(entry[0], entry[1], seed++), entry[2], entry[3], kernel);
    EXPECT_EQ(out.width, entry[2].get<int>());
    EXPECT_EQ(out.height, entry[3].get<int>());
    EXPECT_EQ(fnv1a(out.rgb.data(), out.rgb.size()), golden_hash(entry[4])) << dump_json(entry);
  }
}

TEST(ResizeBicubic, ThePlainKernelGivesPillowsBytes) { expect_golden_resizes(kResizePlain); }

TEST(ResizeBicubic, TheAvx2KernelGivesPillowsBytes) {
  if (!__builtin_cpu_supports("avx2")) GTEST_SKIP() << "this processor has no AVX2";
  expect_golden_resizes(kResizeAvx2);
}

TEST(ResizeBicubic, KernelsAgreeOnOddShapes) {
  if (!__builtin_cpu_supports("avx2")) GTEST_SKIP() << "this processor has no AVX2";
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const auto size = [&](uint64_t index, uint64_t top) {
      return static_cast<int>(1 + golden_random(index, seed) % top);
    };
    const Picture in = golden_noise(size(0, 60), size(1, 60), seed);
    const int width = size(2, 90), height = size(3, 90);
    EXPECT_EQ(resize_bicubic(in, width, height, kResizeAvx2).rgb, resize_bicubic(in, width, height, kResizePlain).rgb)
        << in.width << " x " << in.height << " to " << width << " x " << height;
  }
}

TEST(ResizeBicubic, WeightsOfAHalvingAreSymmetricAndSumToOne) {
  // 8 to 4: centre of output 1 is 3.0, support 4, so inputs 0..6 (int(-1 + 0.5) = 0 up to int(7.5) = 7).
  const ResizeWeights weights = bicubic_weights(8, 4);
  EXPECT_EQ(weights.first[1], 0);
  EXPECT_EQ(weights.count[1], 7);
  // The neighbours at distance 0.25 (scaled): 1.5 * 0.25^3 - 2.5 * 0.25^2 + 1 = 0.8671875, both alike.
  EXPECT_EQ(weights.weights[weights.stride + 2], weights.weights[weights.stride + 3]);
  int sum = 0;
  for (size_t i = 0; i < weights.stride; ++i) sum += weights.weights[weights.stride + i];
  EXPECT_NEAR(sum, 1 << 22, 7);  // each of 7 is rounded by at most a half
}

TEST(ResizeBicubic, AFlatPictureStaysFlat) {
  const Picture in{.width = 5, .height = 7, .rgb = std::vector<uint8_t>(5 * 7 * 3, 201)};
  EXPECT_EQ(resize_bicubic(in, 90, 2).rgb, std::vector<uint8_t>(90 * 2 * 3, 201));
}

}  // namespace
}  // namespace r1v
