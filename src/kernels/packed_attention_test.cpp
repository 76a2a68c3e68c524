// Packed attention: against hand arithmetic, its definition and finite differences.
#include "kernels/packed_attention.h"

#include <gtest/gtest.h>

#include "kernels/gradients_testing.h"

namespace r1v {
namespace {

struct Shape {
  std::vector<AttentionSpan> spans;
  int64_t heads, kv_heads, width;
  AttentionMask mask;

  TensorList inputs(uint64_t seed) const {
    int64_t rows = 0, held = 0;
    for (const AttentionSpan& span : spans) {
      rows += span.rows;
      held += span.held;
    }
    at::manual_seed(seed);
    return {at::randn({rows, heads, width}, at::kDouble), at::randn({held, kv_heads, width}, at::kDouble),
            at::randn({held, kv_heads, width}, at::kDouble)};
  }
  at::Tensor fast(const TensorList& in) const { return packed_attention(in[0], in[1], in[2], spans, mask); }
  at::Tensor definition(const TensorList& in) const {
    return packed_attention_reference(in[0], in[1], in[2], spans, mask);
  }
};

/// Value and gradients in every number type against the definition in float64 and its own (ATen's) gradients.
void check(const Shape& shape) {
  for (const auto& [dtype, tolerance] : number_types()) {
    TensorList typed, exact;
    for (const at::Tensor& input : shape.inputs(1)) {
      typed.push_back(input.to(dtype));
      exact.push_back(typed.back().to(at::kDouble));
    }
    const at::Tensor probe = at::randn(typed[0].sizes()).to(dtype).to(at::kDouble);
    expect_near(shape.fast(typed), shape.definition(exact), tolerance, "value");
    const TensorList found = autograd_gradients([&](const TensorList& in) { return shape.fast(in); }, typed, probe);
    const TensorList expected =
        autograd_gradients([&](const TensorList& in) { return shape.definition(in); }, exact, probe);
    for (size_t i = 0; i < 3; ++i)
      expect_near(found[i], expected[i], 4 * tolerance, "gradient of input " + std::to_string(i));
  }
}

TEST(PackedAttention, AveragesWhatEachRowMaySee) {
  // Equal keys: a causal row sees the mean of the values so far. One span of 16 with values 0..15, and another after
  // it.
  const at::Tensor q = at::ones({17, 1, 16}), k = at::ones({17, 1, 16});
  const at::Tensor v = at::arange(17, at::kFloat).view({17, 1, 1}).expand({17, 1, 16}).contiguous();
  const at::Tensor out = packed_attention(q, k, v, {{16, 16}, {1, 1}}, AttentionMask::causal);
  expect_near(out.select(2, 3).squeeze(1).narrow(0, 0, 16), at::arange(16, at::kDouble) / 2, 1e-6, "running mean");
  EXPECT_EQ(out[16][0][0].item<float>(), 16.0f);  // the second span sees itself only
}

TEST(PackedAttention, DefinitionHasTheGradientsOfFiniteDifferences) {
  const Shape shape{{{3, 3}, {2, 4}}, 2, 1, 4, AttentionMask::causal};
  const TensorList inputs = shape.inputs(2);
  const auto op = [&](const TensorList& in) { return shape.definition(in); };
  const at::Tensor probe = at::randn(inputs[0].sizes(), at::kDouble);
  const TensorList found = autograd_gradients(op, inputs, probe), expected = difference_gradients(op, inputs, probe);
  for (size_t i = 0; i < 3; ++i) expect_near(found[i], expected[i], 1e-7, "input " + std::to_string(i));
}

TEST(PackedAttention, MatchesItsDefinitionForSpansOfAllLengths) {
  check({{{1, 1}, {5, 5}, {31, 31}, {32, 32}, {33, 33}, {70, 70}}, 4, 2, 32, AttentionMask::causal});
}

TEST(PackedAttention, MatchesItsDefinitionWithoutAMask) {
  check({{{17, 17}, {65, 65}}, 3, 3, 64, AttentionMask::full});
}

TEST(PackedAttention, MatchesItsDefinitionWhenEarlierRowsAreHeld) {
  check({{{20, 45}, {3, 3}, {40, 100}}, 6, 2, 16, AttentionMask::causal});
}

TEST(PackedAttention, MatchesItsDefinitionWhereTheLibrarySteps) {
  check({{{4, 9}, {1, 5}}, 4, 2, 8, AttentionMask::causal});  // width 8: no vectors of 16
}

TEST(PackedAttention, TakesRowsThatAreNotContiguous) {
  at::manual_seed(3);
  const at::Tensor qkv = at::randn({40, 3, 2, 16});
  const auto part = [&](int64_t i) { return qkv.select(1, i); };
  const std::vector<AttentionSpan> spans{{40, 40}};
  const at::Tensor expected =
      packed_attention(part(0).contiguous(), part(1).contiguous(), part(2).contiguous(), spans, AttentionMask::full);
  EXPECT_TRUE(at::equal(packed_attention(part(0), part(1), part(2), spans, AttentionMask::full), expected));
}

TEST(PackedAttention, IsTheSameForAnyNumberOfThreads) {
  const Shape shape{{{50, 50}, {60, 60}, {70, 70}}, 4, 2, 32, AttentionMask::causal};
  TensorList inputs = shape.inputs(4);
  for (at::Tensor& input : inputs) input = input.to(at::kFloat);
  at::set_num_threads(1);
  const at::Tensor one = shape.fast(inputs);
  at::set_num_threads(3);
  EXPECT_TRUE(at::equal(one, shape.fast(inputs)));
  at::set_num_threads(1);
}

}  // namespace
}  // namespace r1v
