// Products of two float matrices that change between calls, as training makes them.
#pragma once

#include <ATen/ATen.h>

namespace r1v {

/// a b, [M, K] x [K, N] -> [M, N], as at::mm up to the order of the sums; records no gradient. The same shapes and
/// strides give the same bits. The result of large products may be a transposed view.
///
/// Large float32 products go to oneDNN: it makes 107 GFLOP/s of a Zen 4 core where MKL, which knows no AVX-512 on
/// processors of other makers, makes 95. What oneDNN keeps for a new shape costs it 0.4 ms once, so small ones do not.
at::Tensor matrix_product(const at::Tensor& a_MK, const at::Tensor& b_KN);

/// Whether this LibTorch was built with oneDNN; otherwise everything is at::mm.
bool has_onednn_products();

}  // namespace r1v
