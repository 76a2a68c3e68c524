// The row-wise loops themselves, included by one file for each instruction set.
#pragma once

#include "kernels/lanes.h"
#include "kernels/row_loops.h"

namespace r1v {
namespace {

/// Calls step(offset, count) for whole vectors (count 16) and for what is left.
template <typename Step>
R1V_LANES void each_lanes(int64_t width, const Step& step) {
  int64_t i = 0;
  for (; i + kLanes <= width; i += kLanes) step(i, kLanes);
  if (i < width) step(i, width - i);
}

template <typename Number>
R1V_LANES Lanes load_some(const Number* from, int64_t count) {
  return count == kLanes ? load(from) : load_part(from, count);
}

template <typename Number>
R1V_LANES void store_some(Number* to, Lanes lanes, int64_t count) {
  if (count == kLanes)
    store(to, lanes);
  else
    store_part(to, lanes, count);
}

template <typename Number>
float rms_norm_row(const Number* x, const Number* weight, Number* y, int64_t width, float epsilon) {
  Lanes squares = splat(0.0f);
  each_lanes(width, [&](int64_t i, int64_t count) {
    const Lanes value = load_some(x + i, count);
    squares += value * value;
  });
  const float r = 1.0f / __builtin_sqrtf(sum(squares) / static_cast<float>(width) + epsilon);
  each_lanes(width, [&](int64_t i, int64_t count) {
    store_some(y + i, rounded<Number>(load_some(x + i, count) * r) * load_some(weight + i, count), count);
  });
  return r;
}

template <typename Number>
void rms_norm_backward_row(const Number* gradient, const Number* x, const Number* weight, float r, Number* dx,
                           float* weight_gradient, int64_t width) {
  Lanes products = splat(0.0f);
  each_lanes(width, [&](int64_t i, int64_t count) {
    const Lanes g = load_some(gradient + i, count);
    const Lanes normed = load_some(x + i, count) * r;
    products += g * load_some(weight + i, count) * normed;
    store_some(weight_gradient + i, load_some(weight_gradient + i, count) + g * normed, count);
  });
  const float mean = sum(products) / static_cast<float>(width);
  each_lanes(width, [&](int64_t i, int64_t count) {
    const Lanes normed = load_some(x + i, count) * r;
    store_some(dx + i, r * (load_some(gradient + i, count) * load_some(weight + i, count) - normed * mean), count);
  });
}

template <typename Number>
void swiglu_run(const Number* gate, const Number* up, Number* y, int64_t count) {
  each_lanes(count, [&](int64_t i, int64_t some) {
    const Lanes g = load_some(gate + i, some);
    store_some(y + i, rounded<Number>(g / (1.0f + exp_lanes(-g))) * load_some(up + i, some), some);
  });
}

template <typename Number>
void swiglu_backward_run(const Number* gradient, const Number* gate, const Number* up, Number* gate_gradient,
                         Number* up_gradient, int64_t count) {
  each_lanes(count, [&](int64_t i, int64_t some) {
    const Lanes dy = load_some(gradient + i, some);
    const Lanes g = load_some(gate + i, some);
    const Lanes sigmoid = 1.0f / (1.0f + exp_lanes(-g));
    store_some(up_gradient + i, dy * g * sigmoid, some);
    store_some(gate_gradient + i, dy * load_some(up + i, some) * sigmoid * (1.0f + g * (1.0f - sigmoid)), some);
  });
}

/// The tail of the normal distribution beyond |x| is (a1 t + ... + a5 t^5) exp(-x^2 / 2) / 2 with t = 1 / (1 + p |x| /
/// sqrt(2)). source: Abramowitz and Stegun, 7.1.26 (error of erf below 1.5e-7).
template <typename Number>
void gelu_run(const Number* x, Number* y, int64_t count) {
  each_lanes(count, [&](int64_t i, int64_t some) {
    const Lanes value = load_some(x + i, some);
    const Lanes size = value < 0.0f ? -value : value;
    const Lanes t = 1.0f / (1.0f + (0.3275911f * 0.70710678f) * size);
    Lanes tail = splat(1.061405429f);
    constexpr float kLower[] = {-1.453152027f, 1.421413741f, -0.284496736f, 0.254829592f};  // a4 .. a1
    for (const float a : kLower) tail = tail * t + a;
    tail = tail * t * exp_lanes(size * size * -0.5f) * 0.5f;
    store_some(y + i, value < 0.0f ? value * tail : value - value * tail, some);
  });
}

template <typename Number>
float maximum_row(const Number* x, int64_t count) {
  Lanes most = splat(-__builtin_inff());
  each_lanes(count, [&](int64_t i, int64_t some) {
    const Lanes value = load_some(x + i, some);
    most = larger(lane_numbers() < static_cast<float>(some) ? value : most, most);
  });
  float top = most[0];
  for (int64_t lane = 1; lane < kLanes; ++lane) top = most[lane] > top ? most[lane] : top;
  return top;
}

template <typename Number>
void exponentials_row(Number* x, int64_t count, float top) {
  each_lanes(count, [&](int64_t i, int64_t some) {
    const Lanes value = load_some(x + i, some);
    store_some(x + i, value == -__builtin_inff() ? splat(0.0f) : exp_lanes(value - top), some);
  });
}

/// Lanes are added up in float32 for a stretch at a time: more would lose what double is for.
template <typename Number>
void softmax_sums_row(const Number* x, int64_t count, float top, float scale, double* sum_of, double* weighted_of) {
  constexpr int64_t kStretch = 64 * kLanes;
  double total = 0.0, weighted_total = 0.0;
  for (int64_t begin = 0; begin < count; begin += kStretch) {
    Lanes parts = splat(0.0f), weighted = splat(0.0f), faults = splat(0.0f);
    each_lanes(count - begin < kStretch ? count - begin : kStretch, [&](int64_t i, int64_t some) {
      const Lanes value = load_some(x + begin + i, some);
      const Lanes power = (value - top) * scale;
      const Lanes is_there = lane_numbers() < static_cast<float>(some) ? splat(1.0f) : splat(0.0f);
      const Lanes e = exp_lanes(power) * is_there;
      parts += e;
      weighted += e * power;
      faults += value - value;  // 0 for a number, NaN for infinity and NaN
    });
    total += sum(parts) + sum(faults);
    weighted_total += sum(weighted);
  }
  *sum_of = total;
  *weighted_of = weighted_total;
}

template <typename Number>
void rope_token(const Number* x, const float* cos, const float* sin, float direction, Number* y, int64_t heads,
                int64_t half) {
  for (int64_t head = 0; head < heads; ++head, x += 2 * half, y += 2 * half) {
    each_lanes(half, [&](int64_t i, int64_t count) {
      const Lanes a = load_some(x + i, count), b = load_some(x + half + i, count);
      const Lanes c = load_some(cos + i, count), s = load_some(sin + i, count) * direction;
      store_some(y + i, a * c - b * s, count);
      store_some(y + half + i, b * c + a * s, count);
    });
  }
}

template <typename Number>
constexpr RowLoops<Number> make_row_loops() {
  return {.rms_norm = rms_norm_row<Number>,
          .rms_norm_backward = rms_norm_backward_row<Number>,
          .swiglu = swiglu_run<Number>,
          .swiglu_backward = swiglu_backward_run<Number>,
          .gelu = gelu_run<Number>,
          .maximum = maximum_row<Number>,
          .exponentials = exponentials_row<Number>,
          .softmax_sums = softmax_sums_row<Number>,
          .rope = rope_token<Number>};
}

}  // namespace
}  // namespace r1v
