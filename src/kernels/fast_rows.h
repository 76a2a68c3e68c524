// When the hand-written row loops may run on given tensors, and how their dtypes are told apart.
#pragma once

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "kernels/instruction_set.h"

namespace r1v {

/// CPU tensors of one dtype, float32 or bfloat16, on a processor that has the loops.
template <typename... Others>
bool has_fast_rows(const at::Tensor& x, const Others&... others) {
  const auto fits = [&](const at::Tensor& other) { return other.is_cpu() && other.scalar_type() == x.scalar_type(); };
  return instruction_set() != InstructionSet::none &&
         (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16) && fits(x) && (fits(others) && ...);
}

template <typename... Tensors>
bool wants_gradient(const Tensors&... tensors) {
  return at::GradMode::is_enabled() && (tensors.requires_grad() || ...);
}

/// Calls `visit` with a null pointer of the number type that x holds: float, or uint16_t for bfloat16.
template <typename Visit>
void with_number_type(const at::Tensor& x, const Visit& visit) {
  if (x.scalar_type() == at::kFloat)
    visit(static_cast<float*>(nullptr));
  else
    visit(static_cast<uint16_t*>(nullptr));
}

template <typename Number>
Number* numbers(const at::Tensor& tensor) {
  return static_cast<Number*>(tensor.data_ptr());
}

/// Rows that one task walks: fixed, so that sums over rows do not depend on the number of threads.
constexpr int64_t kRowsATask = 128;

}  // namespace r1v
