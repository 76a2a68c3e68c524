// Plans, and that attention over packed documents is attention over each alone.
#include "nn/attention.h"

#include <gtest/gtest.h>

namespace r1v {
namespace {

TEST(PackedPlan, CountsPositionsFromZeroInEveryDocument) {
  const TokenPlan plan = packed_plan({3, 1, 2});
  EXPECT_TRUE(at::equal(plan.positions, at::tensor({0, 1, 2, 0, 0, 1}).to(at::kLong)));
  ASSERT_EQ(plan.spans.size(), 3u);
  EXPECT_EQ(plan.spans[2].count, 2);
}

TEST(Attention, OfAPackedDocumentDoesNotDependOnItsNeighbours) {
  at::manual_seed(1);
  Attention attention({.width = 32, .num_heads = 2, .num_kv_heads = 1, .head_width = 16});
  attention.walk([](const std::string&, at::Tensor& parameter) { parameter = at::randn(parameter.sizes()) * 0.3; });
  const Rope rope(16, 1e4, std::nullopt);
  const at::Tensor x_TD = at::randn({40, 32});
  const TokenPlan both = packed_plan({17, 23}), second = packed_plan({23});
  const at::Tensor packed = attention.forward(x_TD, rope.table(both.positions), both, 0).narrow(0, 17, 23);
  const at::Tensor alone = attention.forward(x_TD.narrow(0, 17, 23), rope.table(second.positions), second, 0);
  EXPECT_LE((packed - alone).abs().max().item<float>(), 1e-6f);
}

TEST(FullAttention, GivesEveryRowTheMeanOfEqualKeys) {
  // equal keys: each of the 2 sequences' rows is the mean of that sequence's values, (0 + 1 + 2) / 3 and (3 + 4 + 5) /
  // 3
  const at::Tensor ones = at::ones({2, 3, 16});
  const at::Tensor values = at::arange(6, at::kFloat).view({2, 3, 1}).expand({2, 3, 16}).contiguous();
  const at::Tensor out = full_attention(ones, ones, values, 1);
  EXPECT_NEAR(out[0][2][5].item<float>(), 1.0f, 1e-6f);
  EXPECT_NEAR(out[1][0][5].item<float>(), 4.0f, 1e-6f);
}

}  // namespace
}  // namespace r1v
