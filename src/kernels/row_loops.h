// The inner loops of the row-wise ops, one table of functions for each instruction set.
#pragma once

#include <cstdint>

namespace r1v {

/// Numbers are float or Bfloat (uint16_t, upper half of a float); all arithmetic is float.
template <typename Number>
struct RowLoops {
  /// y = x * r * w with r = 1 / sqrt(mean(x^2) + epsilon), a row; x * r is rounded to Number first. Returns r.
  float (*rms_norm)(const Number* x, const Number* weight, Number* y, int64_t width, float epsilon);
  /// dx = r * (g w - x r * mean(g w x r)); weight_gradient += g x r.
  void (*rms_norm_backward)(const Number* gradient, const Number* x, const Number* weight, float r, Number* dx,
                            float* weight_gradient, int64_t width);
  /// y = silu(gate) * up, silu rounded to Number first.
  void (*swiglu)(const Number* gate, const Number* up, Number* y, int64_t count);
  void (*swiglu_backward)(const Number* gradient, const Number* gate, const Number* up, Number* gate_gradient,
                          Number* up_gradient, int64_t count);
  /// y = x Phi(x), Phi the normal distribution function, to 1e-6 of |x|: the exact ("erf") GELU.
  void (*gelu)(const Number* x, Number* y, int64_t count);
  float (*maximum)(const Number* x, int64_t count);
  /// x = exp(x - top), 0 where x is minus infinity.
  void (*exponentials)(Number* x, int64_t count, float top);
  /// Of e = exp((x - top) * scale), a row: the sums of e and of e * (x - top) * scale, in double. Not a number when a
  /// number of the row is not finite.
  void (*softmax_sums)(const Number* x, int64_t count, float top, float scale, double* sum, double* weighted);
  /// One token's heads, each of 2 * half numbers: (a, b) -> (a cos - b sin, b cos + a sin), sin times `direction`.
  void (*rope)(const Number* x, const float* cos, const float* sin, float direction, Number* y, int64_t heads,
               int64_t half);
};

/// The fastest table that this processor runs; null where there is none (then the references are used).
template <typename Number>
const RowLoops<Number>* row_loops();

extern const RowLoops<float> kRowLoopsAvx2;
extern const RowLoops<uint16_t> kRowLoopsBfloatAvx2;
extern const RowLoops<float> kRowLoopsAvx512;
extern const RowLoops<uint16_t> kRowLoopsBfloatAvx512;

}  // namespace r1v
