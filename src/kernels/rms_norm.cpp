// RMSNorm: the definition, and row loops that keep only one number a row for backward.
#include "kernels/rms_norm.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "kernels/fast_rows.h"
#include "kernels/row_loops.h"

namespace r1v {
namespace {

struct Normed {
  at::Tensor y;
  at::Tensor scale_R;  // 1 / sqrt(mean + epsilon), float32
};

Normed forward_rows(const at::Tensor& x, const at::Tensor& weight, double epsilon) {
  const int64_t width = x.size(-1), rows = width == 0 ? 0 : x.numel() / width;
  Normed out{at::empty_like(x), at::empty({rows}, x.options().dtype(at::kFloat))};
  with_number_type(x, [&]<typename Number>(Number*) {
    const auto* loops = row_loops<Number>();
    at::parallel_for(0, rows, kRowsATask, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        numbers<float>(out.scale_R)[row] =
            loops->rms_norm(numbers<Number>(x) + row * width, numbers<Number>(weight),
                            numbers<Number>(out.y) + row * width, width, static_cast<float>(epsilon));
      }
    });
  });
  return out;
}

/// Gradients of x and weight. The weight's is summed task by task, then over the tasks.
std::pair<at::Tensor, at::Tensor> backward_rows(const at::Tensor& gradient, const at::Tensor& x,
                                                const at::Tensor& weight, const at::Tensor& scale_R) {
  const int64_t width = x.size(-1), rows = scale_R.size(0);
  const int64_t tasks = (rows + kRowsATask - 1) / kRowsATask;
  const at::Tensor dx = at::empty_like(x);
  const at::Tensor partial_KD = at::zeros({tasks, width}, scale_R.options());
  with_number_type(x, [&]<typename Number>(Number*) {
    const auto* loops = row_loops<Number>();
    at::parallel_for(0, tasks, 1, [&](int64_t first, int64_t last) {
      for (int64_t row = first * kRowsATask; row < std::min(rows, last * kRowsATask); ++row) {
        loops->rms_norm_backward(numbers<Number>(gradient) + row * width, numbers<Number>(x) + row * width,
                                 numbers<Number>(weight), numbers<float>(scale_R)[row],
                                 numbers<Number>(dx) + row * width,
                                 numbers<float>(partial_KD) + row / kRowsATask * width, width);
      }
    });
  });
  return {dx, partial_KD.sum(0).to(weight.scalar_type())};
}

struct RmsNormFunction : torch::autograd::Function<RmsNormFunction> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            double epsilon) {
    const Normed out = forward_rows(x, weight, epsilon);
    context->save_for_backward({x, weight, out.scale_R});
    return out.y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const torch::autograd::variable_list saved = context->get_saved_variables();
    const auto [dx, dweight] = backward_rows(gradients[0].contiguous(), saved[0], saved[1], saved[2]);
    return {dx, dweight, at::Tensor()};
  }
};

}  // namespace

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double epsilon) {
  if (!has_fast_rows(x, weight)) return rms_norm_reference(x, weight, epsilon);
  if (wants_gradient(x, weight)) return RmsNormFunction::apply(x.contiguous(), weight.contiguous(), epsilon);
  return forward_rows(x.contiguous(), weight.contiguous(), epsilon).y;
}

at::Tensor rms_norm_reference(const at::Tensor& x, const at::Tensor& weight, double epsilon) {
  const at::Tensor wide = x.scalar_type() == at::kDouble ? x : x.to(at::kFloat);
  const at::Tensor scale = at::rsqrt(wide.square().mean(-1, /*keepdim=*/true) + epsilon);
  return (wide * scale).to(x.scalar_type()) * weight;
}

}  // namespace r1v
