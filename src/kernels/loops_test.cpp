// The AVX2 loops, which a machine with AVX-512 would never run otherwise: same results as the AVX-512 loops.
#include <gtest/gtest.h>

#include "kernels/attention_loops.h"
#include "kernels/gradients_testing.h"
#include "kernels/instruction_set.h"
#include "kernels/row_loops.h"

namespace r1v {
namespace {

class Loops : public testing::Test {
 protected:
  void SetUp() override {
    if (instruction_set() != InstructionSet::avx512) GTEST_SKIP() << "this processor runs one set of loops only";
    at::manual_seed(1);
  }
};

at::Tensor filled(int64_t count) { return at::randn({count}); }

TEST_F(Loops, OfRowsAgree) {
  const int64_t width = 37;
  const at::Tensor x = filled(width), w = filled(width), g = filled(width);
  TensorList results;
  for (const RowLoops<float>* loops : {&kRowLoopsAvx2, &kRowLoopsAvx512}) {
    const at::Tensor out = at::zeros({7, width});
    float* const to = out.data_ptr<float>();
    const float *px = x.data_ptr<float>(), *pw = w.data_ptr<float>(), *pg = g.data_ptr<float>();
    const float r = loops->rms_norm(px, pw, to, width, 1e-6f);
    loops->rms_norm_backward(pg, px, pw, r, to + width, to + 2 * width, width);
    loops->swiglu(px, pw, to + 3 * width, width);
    loops->swiglu_backward(pg, px, pw, to + 4 * width, to + 5 * width, width);
    loops->rope(px, pw, pg, 1.0f, to + 6 * width, 1, width / 2);
    results.push_back(out);
  }
  expect_near(results[0], results[1], 1e-5, "AVX2 and AVX-512");
}

TEST_F(Loops, OfRowsInBfloatAgree) {
  const int64_t width = 37;
  const at::Tensor x = filled(width).to(at::kBFloat16), w = filled(width).to(at::kBFloat16);
  TensorList results;
  for (const RowLoops<uint16_t>* loops : {&kRowLoopsBfloatAvx2, &kRowLoopsBfloatAvx512}) {
    const at::Tensor out = at::zeros({2, width}, at::kBFloat16);
    auto* const to = static_cast<uint16_t*>(out.data_ptr());
    const auto *px = static_cast<const uint16_t*>(x.data_ptr()), *pw = static_cast<const uint16_t*>(w.data_ptr());
    loops->rms_norm(px, pw, to, width, 1e-6f);
    loops->swiglu(px, pw, to + width, width);
    results.push_back(out);
  }
  expect_near(results[0], results[1], 1.0 / 128, "AVX2 and AVX-512, one rounding apart");
}

TEST_F(Loops, OfAttentionAgree) {
  const int64_t rows = 50, group = 2, width = 32, out_stride = group * width;
  const at::Tensor q = filled(rows * out_stride), k = filled(rows * width), v = filled(rows * width),
                   g = filled(rows * out_stride);
  TensorList results;
  for (const AttentionLoops<float>* loops : {&kAttentionLoopsAvx2, &kAttentionLoopsAvx512}) {
    const at::Tensor out = at::zeros({2 * rows * out_stride + 2 * rows * width}), log_sum = at::zeros({rows * group});
    float* const to = out.data_ptr<float>();
    const AttentionTask<float> task{.q = q.data_ptr<float>(),
                                    .k = k.data_ptr<float>(),
                                    .v = v.data_ptr<float>(),
                                    .out = to,
                                    .log_sum = log_sum.data_ptr<float>(),
                                    .rows = rows,
                                    .held = rows,
                                    .group = group,
                                    .width = width,
                                    .q_stride = out_stride,
                                    .head_stride = width,
                                    .k_stride = width,
                                    .v_stride = width,
                                    .out_stride = out_stride,
                                    .log_sum_stride = group,
                                    .causal = true,
                                    .scale = 0.25f};
    std::vector<float> scratch(static_cast<size_t>(attention_gradient_scratch_size(rows, width)));
    loops->forward(task, scratch.data());
    float* const dq = to + rows * out_stride;
    loops->backward({.forward = task,
                     .out_gradient = g.data_ptr<float>(),
                     .dq = dq,
                     .dk = dq + rows * out_stride,
                     .dv = dq + rows * (out_stride + width),
                     .kv_gradient_stride = width},
                    scratch.data());
    results.push_back(out);
  }
  expect_near(results[0], results[1], 1e-5, "AVX2 and AVX-512");
}

}  // namespace
}  // namespace r1v
