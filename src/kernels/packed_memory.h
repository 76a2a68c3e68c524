// Room in huge pages for the weights of one model, which are read from front to back for every token.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>

namespace r1v {

/// Weights lie close together, so that small ones fill huge pages too: with small pages, a virtual machine reads at
/// half the speed of its memory. What is never written takes no memory.
class PackedMemory {
 public:
  /// Unwritten bytes from a cache line's start on. Every tensor keeps what it lies in alive.
  at::Tensor bytes(int64_t count);

 private:
  at::Tensor block_;
  int64_t used_ = 0;
};

}  // namespace r1v
