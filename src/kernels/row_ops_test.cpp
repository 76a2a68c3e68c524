// RMSNorm, SwiGLU and the rotary rotation: against hand arithmetic, their definitions and finite differences.
#include <gtest/gtest.h>

#include "kernels/gelu.h"
#include "kernels/gradients_testing.h"
#include "kernels/rms_norm.h"
#include "kernels/rotate_half.h"
#include "kernels/swiglu.h"

namespace r1v {
namespace {

at::Tensor random(at::IntArrayRef shape, uint64_t seed) {
  at::manual_seed(seed);
  return at::randn(shape, at::kDouble);
}

/// Values and gradients of `op` in every number type against the float64 definition and its finite differences.
void check_op(const std::function<at::Tensor(const TensorList&)>& op,
              const std::function<at::Tensor(const TensorList&)>& definition, const TensorList& inputs) {
  for (const auto& [dtype, tolerance] : number_types()) {
    TensorList typed, exact;  // the judge sees the same rounded inputs
    for (const at::Tensor& input : inputs) {
      typed.push_back(input.to(dtype));
      exact.push_back(typed.back().to(at::kDouble));
    }
    const at::Tensor probe = random(inputs.front().sizes(), 9).to(dtype).to(at::kDouble);
    const std::string name = at::toString(dtype);
    EXPECT_EQ(op(typed).scalar_type(), dtype);
    expect_near(op(typed), definition(exact), tolerance, name + " value");
    const TensorList found = autograd_gradients(op, typed, probe),
                     expected = difference_gradients(definition, exact, probe);
    for (size_t i = 0; i < found.size(); ++i) {
      // a gradient that sums over rows sums their roundings too
      expect_near(found[i], expected[i], 4 * tolerance, name + " gradient " + std::to_string(i));
    }
  }
}

TEST(RmsNorm, DividesByTheRootOfTheMeanSquareThenScales) {
  // mean square of (3, 4) = 12.5; epsilon 0.5 -> sqrt(13); (3, 4) / sqrt(13) * (2, 1)
  const at::Tensor y = rms_norm(at::tensor({3.0f, 4.0f}).view({1, 2}), at::tensor({2.0f, 1.0f}), 0.5);
  expect_near(y, at::tensor({6.0, 4.0}).view({1, 2}) / std::sqrt(13.0), 1e-6, "y");
}

TEST(RmsNorm, MatchesItsDefinitionForWidthsThatDoAndDoNotFillVectors) {
  for (const int64_t width : {5, 16, 40}) {
    check_op([](const TensorList& in) { return rms_norm(in[0], in[1], 1e-6); },
             [](const TensorList& in) { return rms_norm_reference(in[0], in[1], 1e-6); },
             {random({7, width}, 1), 1 + 0.1 * random({width}, 2)});
  }
}

TEST(RmsNorm, SumsTheWeightGradientOverManyRowsAlikeForAnyNumberOfThreads) {
  const at::Tensor x = random({1000, 32}, 3).to(at::kFloat), weight = at::ones({32}), probe = random({1000, 32}, 4);
  const auto op = [](const TensorList& in) { return rms_norm(in[0], in[1], 1e-6); };
  at::set_num_threads(1);
  const at::Tensor one = autograd_gradients(op, {x, weight}, probe)[1];
  at::set_num_threads(3);
  EXPECT_TRUE(at::equal(one, autograd_gradients(op, {x, weight}, probe)[1]));
  at::set_num_threads(1);
  // y = x r: the weight's gradient is sum over rows of probe x r
  const at::Tensor exact = x.to(at::kDouble);
  expect_near(one, (probe * exact * at::rsqrt(exact.square().mean(-1, true) + 1e-6)).sum(0), 1e-5, "weight gradient");
}

TEST(RmsNorm, TakesRowsThatAreNotContiguous) {
  const at::Tensor wide = random({6, 48}, 5).to(at::kFloat), weight = at::ones({16});
  const at::Tensor part = wide.narrow(1, 16, 16);
  EXPECT_TRUE(at::equal(rms_norm(part, weight, 1e-6), rms_norm(part.contiguous(), weight, 1e-6)));
}

TEST(Swiglu, GatesByTheLogisticOfTheGate) {
  // silu(0) = 0; silu(ln 3) = ln 3 * 3/4; large gates pass or vanish
  const at::Tensor y = swiglu(at::tensor({0.0, std::log(3.0), 100.0, -100.0}).to(at::kFloat), at::full({4}, 2.0f));
  expect_near(y, at::tensor({0.0, 1.5 * std::log(3.0), 200.0, 0.0}), 1e-6, "y");
}

TEST(Swiglu, MatchesItsDefinition) {
  for (const int64_t width : {3, 64}) {
    check_op([](const TensorList& in) { return swiglu(in[0], in[1]); },
             [](const TensorList& in) { return swiglu_reference(in[0], in[1]); },
             {3 * random({5, width}, 6), random({5, width}, 7)});
  }
}

TEST(Gelu, IsXTimesTheNormalDistribution) {
  const at::Tensor x = at::linspace(-9, 9, 100003);
  const at::Tensor expected = at::gelu(x.to(at::kDouble));
  EXPECT_LE((steady_gelu(x).to(at::kDouble) - expected).abs().max().item<double>(), 1e-6);
  const at::Tensor some = x.narrow(0, 777, 30);  // another place in another stretch: the same bits
  EXPECT_TRUE(at::equal(steady_gelu(some.clone()), steady_gelu(x).narrow(0, 777, 30)));
}

TEST(RotateHalf, TurnsPairsThatStandHalfAHeadApart) {
  // a quarter turn: cos 0, sin 1 takes (a, b) to (-b, a); no turn leaves them
  const at::Tensor x = at::tensor({1.0f, 2.0f, 3.0f, 4.0f}).view({1, 1, 4});
  const at::Tensor y = rotate_half(x, at::tensor({0.0f, 1.0f}).view({1, 2}), at::tensor({1.0f, 0.0f}).view({1, 2}));
  expect_near(y, at::tensor({-3.0, 2.0, 1.0, 4.0}).view({1, 1, 4}), 1e-7, "y");
}

TEST(RotateHalf, MatchesItsDefinition) {
  for (const int64_t half : {4, 32}) {
    const at::Tensor angle = random({3, half}, 8).to(at::kFloat);
    const at::Tensor cos = angle.cos(), sin = angle.sin();
    check_op([&](const TensorList& in) { return rotate_half(in[0], cos, sin); },
             [&](const TensorList& in) { return rotate_half_reference(in[0], cos, sin); },
             {random({3, 2, 2 * half}, 9)});
  }
}

}  // namespace
}  // namespace r1v
