// The gradient of a vocabulary head, summed over blocks of rows.
#pragma once

#include <ATen/ATen.h>

#include "kernels/matrix_product.h"

namespace r1v {

/// sum over blocks of d_logits^T rows, [V, D]: as large as the head, so the first block makes it and others add to it.
class HeadGradient {
 public:
  HeadGradient(const at::Tensor& head_weight_VD, bool is_wanted)
      : head_weight_VD_(head_weight_VD), is_wanted_(is_wanted) {}

  bool is_wanted() const { return is_wanted_; }

  void add(const at::Tensor& d_logits_BV, const at::Tensor& rows_BD) {
    if (!is_wanted_) return;
    if (sum_VD_.defined())
      sum_VD_.addmm_(d_logits_BV.t(), rows_BD);
    else
      sum_VD_ = matrix_product(d_logits_BV.t(), rows_BD);
  }

  /// Undefined where it is not wanted; zeros without a block.
  at::Tensor take() { return is_wanted_ && !sum_VD_.defined() ? at::zeros_like(head_weight_VD_) : std::move(sum_VD_); }

 private:
  const at::Tensor& head_weight_VD_;
  bool is_wanted_;
  at::Tensor sum_VD_;
};

}  // namespace r1v
