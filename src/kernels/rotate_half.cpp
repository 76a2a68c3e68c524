// The rotation: the definition, and one loop over tokens; its gradient turns the other way.
#include "kernels/rotate_half.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "kernels/fast_rows.h"
#include "kernels/row_loops.h"

namespace r1v {
namespace {

constexpr int64_t kTokensATask = 32;

at::Tensor turn(const at::Tensor& x_THK2, const at::Tensor& cos_TK, const at::Tensor& sin_TK, float direction) {
  const int64_t tokens = x_THK2.size(0), heads = x_THK2.size(1), half = x_THK2.size(2) / 2;
  const at::Tensor y_THK2 = at::empty_like(x_THK2);
  with_number_type(x_THK2, [&]<typename Number>(Number*) {
    at::parallel_for(0, tokens, kTokensATask, [&, loops = row_loops<Number>()](int64_t begin, int64_t end) {
      for (int64_t token = begin; token < end; ++token) {
        const int64_t offset = token * heads * 2 * half;
        loops->rope(numbers<Number>(x_THK2) + offset, numbers<float>(cos_TK) + token * half,
                    numbers<float>(sin_TK) + token * half, direction, numbers<Number>(y_THK2) + offset, heads, half);
      }
    });
  });
  return y_THK2;
}

struct RotateHalfFunction : torch::autograd::Function<RotateHalfFunction> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& cos,
                            const at::Tensor& sin) {
    context->save_for_backward({cos, sin});
    return turn(x, cos, sin, 1.0f);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const torch::autograd::variable_list saved = context->get_saved_variables();
    return {turn(gradients[0].contiguous(), saved[0], saved[1], -1.0f), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor rotate_half(const at::Tensor& x_THK2, const at::Tensor& cos_TK, const at::Tensor& sin_TK) {
  if (!has_fast_rows(x_THK2)) return rotate_half_reference(x_THK2, cos_TK, sin_TK);
  const at::Tensor x = x_THK2.contiguous(), cos = cos_TK.contiguous(), sin = sin_TK.contiguous();
  return wants_gradient(x) ? RotateHalfFunction::apply(x, cos, sin) : turn(x, cos, sin, 1.0f);
}

at::Tensor rotate_half_reference(const at::Tensor& x_THK2, const at::Tensor& cos_TK, const at::Tensor& sin_TK) {
  const at::Tensor cos_T1K = cos_TK.unsqueeze(1), sin_T1K = sin_TK.unsqueeze(1);
  const std::vector<at::Tensor> half = x_THK2.chunk(2, -1);
  return at::cat({half[0] * cos_T1K - half[1] * sin_T1K, half[1] * cos_T1K + half[0] * sin_T1K}, -1)
      .to(x_THK2.scalar_type());
}

}  // namespace r1v
