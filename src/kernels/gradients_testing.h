// For tests of ops: how far a result is from the judge, and gradients by finite differences.
#pragma once

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace r1v {

using TensorList = std::vector<at::Tensor>;

/// Fails with the worst element when |actual - expected| exceeds tolerance * (1 + |expected|) somewhere.
inline void expect_near(const at::Tensor& actual, const at::Tensor& expected, double tolerance,
                        const std::string& name) {
  ASSERT_EQ(actual.sizes(), expected.sizes()) << name;
  const at::Tensor a = actual.detach().to(at::kDouble).flatten(), e = expected.detach().to(at::kDouble).flatten();
  const at::Tensor excess = (a - e).abs() / (1 + e.abs());
  if (excess.numel() == 0) return;
  const int64_t worst = excess.argmax().item<int64_t>();
  EXPECT_LE(excess[worst].item<double>(), tolerance)
      << name << ": element " << worst << " is " << a[worst].item<double>() << ", expected " << e[worst].item<double>();
}

/// The gradients of sum(op(inputs) * probe) by autograd, in the dtype of the inputs.
inline TensorList autograd_gradients(const std::function<at::Tensor(const TensorList&)>& op, TensorList inputs,
                                     const at::Tensor& probe) {
  for (at::Tensor& input : inputs) input = input.detach().clone().requires_grad_();
  (op(inputs) * probe.to(inputs.front().scalar_type())).sum().backward();
  TensorList gradients;
  for (const at::Tensor& input : inputs) gradients.push_back(input.grad());
  return gradients;
}

/// The same by central differences of the op in float64: exact to about 1e-9 for smooth ops of order one.
inline TensorList difference_gradients(const std::function<at::Tensor(const TensorList&)>& op, const TensorList& inputs,
                                       const at::Tensor& probe) {
  constexpr double kStep = 1e-5;
  TensorList points;
  for (const at::Tensor& input : inputs) points.push_back(input.detach().to(at::kDouble).contiguous().clone());
  TensorList gradients;
  for (const at::Tensor& point : points) {
    at::Tensor gradient = at::zeros_like(point);
    for (int64_t i = 0; i < point.numel(); ++i) {
      double& number = point.data_ptr<double>()[i];
      const double kept = number;
      number = kept + kStep;
      const double above = (op(points) * probe).sum().item<double>();
      number = kept - kStep;
      const double below = (op(points) * probe).sum().item<double>();
      number = kept;
      gradient.data_ptr<double>()[i] = (above - below) / (2 * kStep);
    }
    gradients.push_back(gradient);
  }
  return gradients;
}

struct DtypeTolerance {
  at::ScalarType dtype;
  double tolerance;
};

/// float32: some hundred roundings of 6e-8. bfloat16: a few roundings of 2^-8.
inline const std::vector<DtypeTolerance>& number_types() {
  static const std::vector<DtypeTolerance> types{{at::kFloat, 1e-5}, {at::kBFloat16, 2e-2}};
  return types;
}

}  // namespace r1v
