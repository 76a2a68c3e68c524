// Global norm and clipping.
#include "train/gradients.h"

#include <c10/core/GradMode.h>

#include <cmath>

namespace r1v {

double clip_gradients(const std::vector<at::Tensor>& parameters, double max_norm) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> gradients;
  for (const at::Tensor& parameter : parameters) {
    if (parameter.grad().defined()) gradients.push_back(parameter.grad());
  }
  if (gradients.empty()) return 0.0;
  double sum_of_squares = 0.0;
  for (const at::Tensor& norm : at::_foreach_norm(gradients)) {
    const double value = norm.item<double>();
    sum_of_squares += value * value;
  }
  const double norm = std::sqrt(sum_of_squares);
  if (max_norm > 0.0 && norm > max_norm) at::_foreach_mul_(gradients, max_norm / (norm + 1e-6));
  return norm;
}

void drop_gradients(const std::vector<at::Tensor>& parameters) {
  for (const at::Tensor& parameter : parameters) parameter.mutable_grad().reset();
}

}  // namespace r1v
