// Rotary positions in the half-split ("rotate_half") form, with YaRN.
#pragma once

#include <ATen/ATen.h>

#include <optional>
#include <vector>

#include "nn/yarn.h"

namespace r1v {

/// cos and sin of every token's angles; K = half the head width.
struct RopeTable {
  at::Tensor cos_TK;
  at::Tensor sin_TK;
};

/// Inverse frequencies stay float32 whatever the model's dtype.
class Rope {
 public:
  /// source: transformers 5.23, modeling_rope_utils.py (default and yarn).
  /// mrope_section  M-RoPE of Qwen2-VL: section i of the frequencies follows position stream i mod 3; empty without.
  Rope(int64_t head_width, double theta, const std::optional<YarnConfig>& yarn,
       std::vector<int64_t> mrope_section = {});

  /// Angles for one pass, float32 whatever the model's dtype. Once a pass, shared by all layers.
  /// positions   [T], or [3, T] (time, row, column) with M-RoPE; [T] then means three equal streams.
  RopeTable table(const at::Tensor& positions) const;

  const std::vector<int64_t>& mrope_section() const { return mrope_section_; }
  const at::Tensor& inverse_frequency_K() const { return inverse_frequency_K_; }
  double attention_scaling() const { return attention_scaling_; }

 private:
  at::Tensor inverse_frequency_K_;
  double attention_scaling_ = 1.0;
  std::vector<int64_t> mrope_section_;
};

/// Rows of a table of positions 0, 1, 2, ...: the angles of `positions` ([T] or [3, T], as in Rope::table), whose bits
/// do not depend on company as computing them again would.
RopeTable rows_of(const RopeTable& known, const at::Tensor& positions, const std::vector<int64_t>& mrope_section);

/// Turns the pairs (j, j + K) of every head: x_THK is [T, heads, 2K]. Differentiable in x.
at::Tensor apply_rope(const at::Tensor& x_THK, const RopeTable& table);

}  // namespace r1v
