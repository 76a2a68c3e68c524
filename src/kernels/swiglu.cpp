// SwiGLU's gate: the definition, and one loop that keeps nothing but its inputs for backward.
#include "kernels/swiglu.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "kernels/fast_rows.h"
#include "kernels/row_loops.h"

namespace r1v {
namespace {

constexpr int64_t kNumbersATask = 1 << 14;

at::Tensor forward_run(const at::Tensor& gate, const at::Tensor& up) {
  const at::Tensor y = at::empty_like(gate);
  with_number_type(gate, [&]<typename Number>(Number*) {
    at::parallel_for(0, gate.numel(), kNumbersATask, [&, loops = row_loops<Number>()](int64_t begin, int64_t end) {
      loops->swiglu(numbers<Number>(gate) + begin, numbers<Number>(up) + begin, numbers<Number>(y) + begin,
                    end - begin);
    });
  });
  return y;
}

struct SwigluFunction : torch::autograd::Function<SwigluFunction> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& gate, const at::Tensor& up) {
    context->save_for_backward({gate, up});
    return forward_run(gate, up);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const torch::autograd::variable_list saved = context->get_saved_variables();
    const at::Tensor dy = gradients[0].contiguous(), &gate = saved[0], &up = saved[1];
    const at::Tensor dgate = at::empty_like(gate), dup = at::empty_like(up);
    with_number_type(gate, [&]<typename Number>(Number*) {
      at::parallel_for(0, gate.numel(), kNumbersATask, [&, loops = row_loops<Number>()](int64_t begin, int64_t end) {
        loops->swiglu_backward(numbers<Number>(dy) + begin, numbers<Number>(gate) + begin, numbers<Number>(up) + begin,
                               numbers<Number>(dgate) + begin, numbers<Number>(dup) + begin, end - begin);
      });
    });
    return {dgate, dup};
  }
};

}  // namespace

at::Tensor swiglu(const at::Tensor& gate, const at::Tensor& up) {
  if (!has_fast_rows(gate, up)) return swiglu_reference(gate, up);
  if (wants_gradient(gate, up)) return SwigluFunction::apply(gate.contiguous(), up.contiguous());
  return forward_run(gate.contiguous(), up.contiguous());
}

at::Tensor swiglu_reference(const at::Tensor& gate, const at::Tensor& up) { return at::silu(gate) * up; }

}  // namespace r1v
