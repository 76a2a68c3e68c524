// The two feed-forward blocks of the family: SwiGLU (language model) and GELU (vision tower).
#pragma once

#include "nn/linear.h"

namespace r1v {

/// down(silu(gate(x)) * up(x)); language models have no biases, Qwen2.5-VL's tower has.
class SwigluMlp final : public Module {
 public:
  SwigluMlp(int64_t width, int64_t inner_width, Bias with_bias = Bias::none);

  at::Tensor forward(const at::Tensor& x) const;

 private:
  Linear gate_proj_;
  Linear up_proj_;
  Linear down_proj_;
};

/// fc2(gelu(fc1(x))), exact (erf) GELU, with biases.
class GeluMlp final : public Module {
 public:
  GeluMlp(int64_t width, int64_t inner_width);

  at::Tensor forward(const at::Tensor& x) const;

 private:
  Linear fc1_;
  Linear fc2_;
};

}  // namespace r1v
