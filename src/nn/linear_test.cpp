// Gradients of a layer with products so large that another library makes them.
#include "nn/linear.h"

#include <gtest/gtest.h>

namespace r1v {
namespace {

// 1,024 x 1,024 x 640 multiplications: above matrix_product's bound in every one of the three products.
constexpr int64_t kRows = 640, kWidth = 1024;

struct Gradients {
  at::Tensor y, x, weight, bias;
};

/// Of the sum of y * dy; the weight is frozen where it does not learn.
template <typename Forward>
Gradients gradients(at::ScalarType type, bool weight_learns, const Forward& forward) {
  at::manual_seed(3);
  const at::Tensor dy = at::randn({2, kRows / 2, kWidth});
  at::Tensor x = at::randn({2, kRows / 2, kWidth}).to(type).requires_grad_(true);
  at::Tensor weight = (at::randn({kWidth, kWidth}) / 32).to(type).requires_grad_(weight_learns);
  at::Tensor bias = at::randn({kWidth}).to(type).requires_grad_(weight_learns);
  const at::Tensor y = forward(x, weight, bias);
  (y * dy.to(type)).sum().backward();
  return {y.detach(), x.grad(), weight.grad(), bias.grad()};
}

Gradients of_layer(bool weight_learns) {
  return gradients(at::kFloat, weight_learns,
                   [](const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
                     Linear layer(kWidth, kWidth, Bias::present);
                     layer.weight = weight;
                     layer.bias = bias;
                     return layer.forward(x);
                   });
}

Gradients of_definition(bool weight_learns) {
  return gradients(at::kDouble, weight_learns,
                   [](const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
                     return x.matmul(weight.t()) + bias;
                   });
}

void expect_near(const at::Tensor& found, const at::Tensor& expected, const char* what) {
  ASSERT_EQ(found.sizes(), expected.sizes()) << what;
  const double error = (found.to(at::kDouble) - expected).square().mean().sqrt().item<double>();
  EXPECT_LT(error, 4e-6 * expected.square().mean().sqrt().item<double>()) << what;
}

TEST(Linear, LargeProductsHaveTheGradientsOfTheDefinition) {
  const Gradients found = of_layer(true), expected = of_definition(true);
  expect_near(found.y, expected.y, "y");
  expect_near(found.x, expected.x, "dx");
  expect_near(found.weight, expected.weight, "dW");
  expect_near(found.bias, expected.bias, "db");
}

TEST(Linear, AFrozenWeightPassesGradientsOnAndGetsNone) {
  const Gradients found = of_layer(false), expected = of_definition(false);
  expect_near(found.x, expected.x, "dx");
  EXPECT_FALSE(found.weight.defined());
  EXPECT_FALSE(found.bias.defined());
}

TEST(Linear, AFrozenWeightKeepsNoInput) {
  at::Tensor x = at::randn({4, 8}).requires_grad_(true);
  Linear layer(8, 8, Bias::none);
  layer.weight = at::randn({8, 8});
  at::Tensor y;
  c10::weak_intrusive_ptr<c10::StorageImpl> input{c10::intrusive_ptr<c10::StorageImpl>()};
  {
    const at::Tensor inner = x * 2;
    input = inner.storage().getWeakStorageImpl();
    y = layer.forward(inner);
  }
  EXPECT_TRUE(input.expired());
  y.sum().backward();
  EXPECT_TRUE(x.grad().allclose(2 * layer.weight.sum(0).expand({4, 8})));
}

}  // namespace
}  // namespace r1v
