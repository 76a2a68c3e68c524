// Keys and values in blocks: the layout by hand, rounding by hand, what is written comes back.
#include "kernels/paged_kv.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "kernels/gradients_testing.h"

namespace r1v {
namespace {

constexpr KvFormat kFormats[] = {KvFormat::float32, KvFormat::bfloat16, KvFormat::int8};

KvLayout small_layout(KvFormat format) {
  return {.format = format, .num_layers = 2, .num_kv_heads = 2, .head_width = 16};
}

void write_all(KvPool& pool, int64_t layer, std::span<const int32_t> table, int64_t first, const at::Tensor& keys_SGH,
               const at::Tensor& values_SGH) {
  pool.write(layer, table, first, keys_SGH.size(0), keys_SGH.const_data_ptr<float>(),
             values_SGH.const_data_ptr<float>(), keys_SGH.size(1) * keys_SGH.size(2));
}

TEST(KvLayout, CountsTheBytesOfABlock) {
  // 32 tokens of 16 numbers, keys and values: 1024 numbers; int8 adds 64 scales of 4 bytes.
  EXPECT_EQ(small_layout(KvFormat::float32).head_bytes(), 4096);
  EXPECT_EQ(small_layout(KvFormat::bfloat16).head_bytes(), 2048);
  EXPECT_EQ(small_layout(KvFormat::int8).head_bytes(), 1280);
  EXPECT_EQ(small_layout(KvFormat::int8).layer_bytes(), 2560);
  EXPECT_EQ(small_layout(KvFormat::int8).block_bytes(), 5120);
}

TEST(KvPool, TurnsKeysAndLeavesValuesPlain) {
  KvPool pool(small_layout(KvFormat::float32), 3);
  const at::Tensor keys = at::arange(2 * 16, at::kFloat).view({1, 2, 16}), values = keys + 100;
  const std::vector<int32_t> table{2, 1};
  write_all(pool, 1, table, 33, keys, values);  // token 1 of the second block of the sequence, which is block 1
  const auto* const head = reinterpret_cast<const float*>(pool.at(1, 1) + pool.layout().head_bytes());  // head 1
  EXPECT_EQ(head[5 * 32 + 1], 16.0f + 5);             // key: number 5 of token 1
  EXPECT_EQ(head[32 * 16 + 1 * 16 + 5], 116.0f + 5);  // value: behind the keys, token 1, number 5
  EXPECT_EQ(pool.at(1, 1) - pool.at(0, 0), (1 * 3 + 1) * pool.layout().layer_bytes());
}

TEST(KvPool, LaysInt8InPairsWithScalesBehindThem) {
  KvPool pool(small_layout(KvFormat::int8), 3);
  at::Tensor keys = at::arange(2 * 16, at::kFloat).view({1, 2, 16}), values = keys + 50;
  keys[0][1][15] = values[0][1][15] = 127;  // scale 1
  const std::vector<int32_t> table{2, 1};
  write_all(pool, 1, table, 33, keys, values);  // token 1 of the second block of the sequence, which is block 1
  const auto* const head = reinterpret_cast<const int8_t*>(pool.at(1, 1) + pool.layout().head_bytes());  // head 1
  EXPECT_EQ(head[2 * 64 + 2 * 1 + 1], 16 + 5);            // key: number 5 of token 1
  EXPECT_EQ(head[3 * 64 + 2 * 1 + 0], 16 + 6);            // number 6
  EXPECT_EQ(head[32 * 16 + 0 * 32 + 2 * 5 + 1], 66 + 5);  // value: behind the keys, token 1, number 5
  const auto* const scales = reinterpret_cast<const float*>(head + 2 * 32 * 16);
  EXPECT_EQ(scales[1], 1.0f);
  EXPECT_EQ(scales[32 + 1], 1.0f);
}

TEST(KvPool, RoundsToInt8WithAScaleForEveryTokenAndHead) {
  KvPool pool({.format = KvFormat::int8, .num_layers = 1, .num_kv_heads = 2, .head_width = 16}, 1);
  at::Tensor keys = at::zeros({1, 2, 16}), values = at::zeros({1, 2, 16});
  const float row[] = {127.0f, 0.5f, 1.5f, 2.5f, -2.5f, -3.4f, -127.0f};  // scale 1; ties go to the even integer
  const float expected[] = {127.0f, 0.0f, 2.0f, 2.0f, -2.0f, -3.0f, -127.0f};
  for (int64_t i = 0; i < 7; ++i) {
    keys[0][0][i] = row[i];
    values[0][1][i] = row[i] / 8;  // scale 1/8
  }
  const std::vector<int32_t> table{0};
  write_all(pool, 0, table, 0, keys, values);
  const KvPool::Rows rows = pool.read(0, table, 1);
  for (int64_t i = 0; i < 7; ++i) {
    EXPECT_EQ(rows.keys_SGH[0][0][i].item<float>(), expected[i]) << i;
    EXPECT_EQ(rows.values_SGH[0][1][i].item<float>(), expected[i] / 8) << i;
  }
  EXPECT_TRUE(at::equal(rows.keys_SGH[0][1], at::zeros({16})));  // nothing but zeros: no division by zero
}

TEST(KvPool, Int8IsHalfAScaleOffAtMost) {
  at::manual_seed(1);
  KvPool pool({.format = KvFormat::int8, .num_layers = 1, .num_kv_heads = 3, .head_width = 64}, 4);
  const at::Tensor keys = at::randn({100, 3, 64}) * at::logspace(-30, 30, 100).view({100, 1, 1}), values = keys.flip(0);
  const std::vector<int32_t> table{3, 0, 1, 2};
  write_all(pool, 0, table, 0, keys, values);
  const KvPool::Rows rows = pool.read(0, table, 100);
  const auto off = [](const at::Tensor& found, const at::Tensor& expected) {
    return ((found - expected).abs() / expected.abs().amax(-1, true)).max().item<float>();
  };
  EXPECT_LE(off(rows.keys_SGH, keys), 0.5f / 127 * 1.0001f);
  EXPECT_LE(off(rows.values_SGH, values), 0.5f / 127 * 1.0001f);
}

TEST(KvPool, Int8DoesNotHideWhatIsNotANumber) {
  KvPool pool(small_layout(KvFormat::int8), 1);
  at::Tensor keys = at::ones({1, 2, 16});
  keys[0][1][3] = NAN;
  const std::vector<int32_t> table{0};
  write_all(pool, 0, table, 0, keys, at::full({1, 2, 16}, INFINITY));
  const KvPool::Rows rows = pool.read(0, table, 1);
  EXPECT_TRUE(rows.keys_SGH[0][1].isnan().all().item<bool>());
  EXPECT_TRUE(at::equal(rows.keys_SGH[0][0], at::ones({16})));
  EXPECT_FALSE(rows.values_SGH.isfinite().any().item<bool>());
}

TEST(KvPool, RoundsToBfloat16AsTheLibraryDoes) {
  at::manual_seed(2);
  KvPool pool(small_layout(KvFormat::bfloat16), 2);
  const at::Tensor keys = at::randn({40, 2, 16}), values = at::randn({40, 2, 16});
  const std::vector<int32_t> table{1, 0};
  write_all(pool, 1, table, 0, keys, values);
  const KvPool::Rows rows = pool.read(1, table, 40);
  EXPECT_TRUE(at::equal(rows.keys_SGH, keys.to(at::kBFloat16).to(at::kFloat)));
  EXPECT_TRUE(at::equal(rows.values_SGH, values.to(at::kBFloat16).to(at::kFloat)));
}

TEST(KvPool, StoresTheSameInOnePieceAndRowByRow) {
  at::manual_seed(3);
  for (const KvFormat format : kFormats) {
    KvPool whole(small_layout(format), 5), pieces(small_layout(format), 5);
    const at::Tensor keys = at::randn({150, 2, 16}), values = at::randn({150, 2, 16});
    const std::vector<int32_t> table{0, 1, 2, 3, 4}, other{4, 2, 0, 1, 3};
    at::set_num_threads(2);
    write_all(whole, 0, table, 0, keys, values);
    at::set_num_threads(1);
    for (int64_t i = 0; i < 150; ++i) write_all(pieces, 0, other, i, keys.narrow(0, i, 1), values.narrow(0, i, 1));
    const KvPool::Rows a = whole.read(0, table, 150), b = pieces.read(0, other, 150);
    EXPECT_TRUE(at::equal(a.keys_SGH, b.keys_SGH)) << format_name(format);
    EXPECT_TRUE(at::equal(a.values_SGH, b.values_SGH)) << format_name(format);
    EXPECT_EQ(at::equal(a.keys_SGH, keys), format == KvFormat::float32);
  }
}

TEST(KvPool, TakesRowsThatLieApart) {
  at::manual_seed(4);
  KvPool pool(small_layout(KvFormat::float32), 1);
  const at::Tensor qkv = at::randn({5, 100});
  const float* const from = qkv.const_data_ptr<float>();
  const std::vector<int32_t> table{0};
  pool.write(0, table, 3, 5, from + 10, from + 50, 100);
  const KvPool::Rows rows = pool.read(0, table, 8);
  EXPECT_TRUE(at::equal(rows.keys_SGH.narrow(0, 3, 5).reshape({5, 32}), qkv.narrow(1, 10, 32)));
  EXPECT_TRUE(at::equal(rows.values_SGH.narrow(0, 3, 5).reshape({5, 32}), qkv.narrow(1, 50, 32)));
}

TEST(KvPool, CopiesABlockInAllLayers) {
  at::manual_seed(5);
  KvPool pool(small_layout(KvFormat::int8), 3);
  const std::vector<int32_t> from{0}, to{2};
  std::vector<KvPool::Rows> before;
  for (int64_t layer = 0; layer < 2; ++layer) {
    write_all(pool, layer, from, 0, at::randn({32, 2, 16}), at::randn({32, 2, 16}));
    before.push_back(pool.read(layer, from, 32));
  }
  pool.copy_block(0, 2);
  for (int64_t layer = 0; layer < 2; ++layer) {
    write_all(pool, layer, from, 0, at::zeros({32, 2, 16}), at::zeros({32, 2, 16}));
    const KvPool::Rows copy = pool.read(layer, to, 32);
    EXPECT_TRUE(at::equal(copy.keys_SGH, before[static_cast<size_t>(layer)].keys_SGH));
    EXPECT_TRUE(at::equal(copy.values_SGH, before[static_cast<size_t>(layer)].values_SGH));
  }
}

int64_t resident_pages() {
  int64_t all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident;
}

TEST(KvPool, CostsNothingUntilItIsWritten) {
  const KvLayout layout{.format = KvFormat::int8, .num_layers = 24, .num_kv_heads = 2, .head_width = 64};
  const int64_t before = resident_pages();
  KvPool pool(layout, (int64_t{2} << 30) / layout.block_bytes());  // 2 GB
  const std::vector<int32_t> table{static_cast<int32_t>(pool.blocks() - 1)};
  for (int64_t layer = 0; layer < 24; ++layer)
    write_all(pool, layer, table, 0, at::ones({1, 2, 64}), at::ones({1, 2, 64}));
  // 24 layers touch 3 pages each; 4096 pages (16 MB) leave room for everything else that the process may need
  EXPECT_LT(resident_pages() - before, 4096);
}

}  // namespace
}  // namespace r1v
