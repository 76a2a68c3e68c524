// Rotary frequencies, YaRN's ramp, and the rotation.
#include "nn/rope.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.h"
#include "kernels/rotate_half.h"

namespace r1v {
namespace {

double magnitude_scale(double factor, double mscale) {
  return factor <= 1.0 ? 1.0 : 0.1 * mscale * std::log(factor) + 1.0;
}

double yarn_attention_factor(const YarnConfig& yarn) {
  if (yarn.attention_factor) return *yarn.attention_factor;
  const double mscale = yarn.mscale.value_or(0.0);
  const double all = yarn.mscale_all_dim.value_or(0.0);
  if (mscale == 0.0 || all == 0.0) return magnitude_scale(yarn.factor, 1.0);
  return magnitude_scale(yarn.factor, mscale) / magnitude_scale(yarn.factor, all);
}

/// The dimension whose wave turns `rotations` times within the original context.
double correction_dimension(double rotations, double width, double theta, double original_max_position) {
  return width * std::log(original_max_position / (rotations * 2.0 * std::numbers::pi)) / (2.0 * std::log(theta));
}

/// 1 where a frequency is kept, 0 where it is divided by the factor, linear between.
at::Tensor kept_share_K(const YarnConfig& yarn, int64_t head_width, double theta) {
  const double width = static_cast<double>(head_width);
  const double original = static_cast<double>(yarn.original_max_position);
  double low = correction_dimension(yarn.beta_fast, width, theta, original);
  double high = correction_dimension(yarn.beta_slow, width, theta, original);
  if (yarn.truncate) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, width - 1.0);
  if (low == high) high += 0.001;  // the reference's guard against dividing by zero
  const at::Tensor ramp_K = (at::arange(head_width / 2, at::kFloat) - low) / (high - low);
  return 1 - ramp_K.clamp(0, 1);
}

}  // namespace

Rope::Rope(int64_t head_width, double theta, const std::optional<YarnConfig>& yarn, std::vector<int64_t> mrope_section)
    : mrope_section_(std::move(mrope_section)) {
  const at::Tensor exponent_K = at::arange(0, head_width, 2, at::kLong).to(at::kFloat) / head_width;
  const at::Tensor period_K = at::pow(at::Scalar(theta), exponent_K);
  inverse_frequency_K_ = period_K.reciprocal();
  if (!yarn) return;
  const at::Tensor kept_K = kept_share_K(*yarn, head_width, theta);
  const at::Tensor stretched_K = (period_K * yarn->factor).reciprocal();
  inverse_frequency_K_ = stretched_K * (1 - kept_K) + inverse_frequency_K_ * kept_K;
  attention_scaling_ = yarn_attention_factor(*yarn);
}

RopeTable Rope::table(const at::Tensor& positions) const {
  const at::Tensor inverse_K = inverse_frequency_K_.to(positions.device());
  at::Tensor angle_TK;
  if (positions.dim() == 1) {
    angle_TK = positions.to(at::kFloat).unsqueeze(1) * inverse_K;
  } else {
    R1V_CHECK(!mrope_section_.empty(), "three position streams for a model without M-RoPE");
    std::vector<at::Tensor> sections;
    int64_t begin = 0;
    for (size_t i = 0; i < mrope_section_.size(); ++i) {
      const at::Tensor stream_T1 = positions[static_cast<int64_t>(i % 3)].to(at::kFloat).unsqueeze(1);
      sections.push_back(stream_T1 * inverse_K.narrow(0, begin, mrope_section_[i]));
      begin += mrope_section_[i];
    }
    angle_TK = at::cat(sections, 1);
  }
  return {.cos_TK = angle_TK.cos() * attention_scaling_, .sin_TK = angle_TK.sin() * attention_scaling_};
}

RopeTable rows_of(const RopeTable& known, const at::Tensor& positions, const std::vector<int64_t>& mrope_section) {
  if (positions.dim() == 1) {
    return {.cos_TK = known.cos_TK.index_select(0, positions), .sin_TK = known.sin_TK.index_select(0, positions)};
  }
  std::vector<at::Tensor> cos, sin;
  int64_t begin = 0;
  for (size_t i = 0; i < mrope_section.size(); ++i) {
    const int64_t count = mrope_section[i];
    const at::Tensor stream = positions[static_cast<int64_t>(i % 3)];
    cos.push_back(known.cos_TK.narrow(1, begin, count).index_select(0, stream));
    sin.push_back(known.sin_TK.narrow(1, begin, count).index_select(0, stream));
    begin += count;
  }
  return {.cos_TK = at::cat(cos, 1), .sin_TK = at::cat(sin, 1)};
}

at::Tensor apply_rope(const at::Tensor& x_THK, const RopeTable& table) {
  return rotate_half(x_THK, table.cos_TK, table.sin_TK);
}

}  // namespace r1v
