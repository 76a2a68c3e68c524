// Where attention keeps keys and values between passes: the only thing a model knows about a cache.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>

namespace r1v {

/// Keys and values of many sequences. G = key/value heads, H = head width.
class KvStore {
 public:
  virtual ~KvStore() = default;
  /// Appends `count` new rows of one sequence in one layer and returns everything held for it, old rows first:
  /// keys and values [past + count, G, H]. `past` must equal what the sequence already holds in that layer.
  struct View {
    at::Tensor keys_SGH;
    at::Tensor values_SGH;
  };
  virtual View append(int64_t layer, int64_t sequence, int64_t past, const at::Tensor& keys_TGH,
                      const at::Tensor& values_TGH) = 0;
};

}  // namespace r1v
