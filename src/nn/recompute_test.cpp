// Recomputing changes memory and time, never numbers.
#include "nn/recompute.h"

#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

namespace r1v {
namespace {

struct Layers {
  at::Tensor first = at::linspace(-1, 1, 12).reshape({4, 3}).set_requires_grad(true);
  at::Tensor second = at::linspace(2, -1, 12).reshape({3, 4}).set_requires_grad(true);
  at::Tensor input = at::linspace(0, 1, 6).reshape({2, 3}).set_requires_grad(true);
  int calls = 0;

  at::Tensor layer(const at::Tensor& x, const at::Tensor& weight) {
    ++calls;
    return at::linear(x, weight).tanh();
  }
};

TEST(Recompute, GivesTheGradientsOfAPlainCall) {
  Layers plain, again;
  plain.layer(plain.layer(plain.input, plain.first), plain.second).square().sum().backward();
  const at::Tensor middle = recomputed([&](const at::Tensor& x) { return again.layer(x, again.first); }, again.input);
  const at::Tensor out = recomputed([&](const at::Tensor& x) { return again.layer(x, again.second); }, middle);
  EXPECT_EQ(again.calls, 2);
  out.square().sum().backward();
  EXPECT_EQ(again.calls, 4);
  EXPECT_TRUE(at::equal(again.input.grad(), plain.input.grad()));
  EXPECT_TRUE(at::equal(again.first.grad(), plain.first.grad()));
  EXPECT_TRUE(at::equal(again.second.grad(), plain.second.grad()));
}

TEST(Recompute, ReachesParametersWhoseInputIsConstant) {
  Layers layers;
  const at::Tensor constant = layers.input.detach();
  recomputed([&](const at::Tensor& x) { return layers.layer(x, layers.first); }, constant).sum().backward();
  EXPECT_TRUE(layers.first.grad().defined());
}

TEST(Recompute, IsAPlainCallWithoutGradients) {
  const at::NoGradGuard no_grad;
  Layers layers;
  const at::Tensor out = recomputed([&](const at::Tensor& x) { return layers.layer(x, layers.first); }, layers.input);
  EXPECT_FALSE(out.requires_grad());
  EXPECT_EQ(layers.calls, 1);
}

}  // namespace
}  // namespace r1v
