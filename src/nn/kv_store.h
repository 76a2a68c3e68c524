// Where attention keeps keys and values between passes: the only thing a model knows about a cache.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <span>

namespace r1v {

class KvPool;  // kernels/paged_kv.h

/// Keys and values in blocks, for networks that read and write them in place (kernels/paged_attention.h).
class PagedStore {
 public:
  virtual ~PagedStore() = default;
  virtual KvPool& pool() = 0;
  /// The blocks of a sequence in order, with room for all rows of the pass. Valid during the pass.
  virtual std::span<const int32_t> table(int64_t sequence) const = 0;
};

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

  /// The same store as blocks; null where it keeps them otherwise.
  virtual PagedStore* paged() { return nullptr; }
};

}  // namespace r1v
