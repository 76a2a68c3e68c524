// Keys and values of every sequence in buffers of their own that grow by doubling: simple, contiguous, exact.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "nn/kv_store.h"

namespace r1v {

/// A sequence begins with its first append. Buffers take dtype and device of what is appended.
class GrowingKv final : public KvStore {
 public:
  View append(int64_t layer, int64_t sequence, int64_t past, const at::Tensor& keys_TGH,
              const at::Tensor& values_TGH) override;

  /// Rows held in every layer; 0 for a sequence that is not there.
  int64_t length(int64_t sequence) const;
  /// `to`, which must be new, starts with a copy of all rows of `from`.
  void fork(int64_t from, int64_t to);
  /// The same, but `from` is gone afterwards and nothing is copied.
  void rename(int64_t from, int64_t to);
  void release(int64_t sequence) { sequences_.erase(sequence); }
  size_t num_sequences() const { return sequences_.size(); }

 private:
  struct Layer {
    at::Tensor keys_CGH;  // C = capacity in rows, of which `length` are held
    at::Tensor values_CGH;
    int64_t length = 0;
  };
  std::unordered_map<int64_t, std::vector<Layer>> sequences_;
};

}  // namespace r1v
