// SwiGLU and GELU feed-forward blocks.
#include "nn/mlp.h"

#include "kernels/gelu.h"
#include "kernels/swiglu.h"

namespace r1v {

SwigluMlp::SwigluMlp(int64_t width, int64_t inner_width, Bias with_bias)
    : gate_proj_(width, inner_width, with_bias),
      up_proj_(width, inner_width, with_bias),
      down_proj_(inner_width, width, with_bias) {
  child("gate_proj", gate_proj_);
  child("up_proj", up_proj_);
  child("down_proj", down_proj_);
}

at::Tensor SwigluMlp::forward(const at::Tensor& x) const {
  return down_proj_.forward(swiglu(gate_proj_.forward(x), up_proj_.forward(x)));
}

GeluMlp::GeluMlp(int64_t width, int64_t inner_width)
    : fc1_(width, inner_width, Bias::present), fc2_(inner_width, width, Bias::present) {
  child("fc1", fc1_);
  child("fc2", fc2_);
}

at::Tensor GeluMlp::forward(const at::Tensor& x) const {
  const at::Tensor inner = fc1_.forward(x);
  return fc2_.forward(fc1_.packed ? steady_gelu(inner) : at::gelu(inner));
}

}  // namespace r1v
