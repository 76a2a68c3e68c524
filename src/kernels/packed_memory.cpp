// Takes addresses in large blocks and hands them out one after the other.
#include "kernels/packed_memory.h"

#include <sys/mman.h>

#include <algorithm>

#include "base/error.h"
#include "kernels/lazy_memory.h"

namespace r1v {
namespace {

constexpr int64_t kHugePage = 2 << 20;
constexpr int64_t kBlock = 128 << 20;  // of addresses: what stays unused costs nothing
constexpr int64_t kCacheLine = 64;

int64_t rounded_up(int64_t count, int64_t unit) { return (count + unit - 1) / unit * unit; }

/// A tensor from a huge page's start on.
at::Tensor huge_pages(int64_t count) {
  const at::Tensor all = lazy_memory({count + kHugePage}, at::kByte);
  const auto start = static_cast<int64_t>(reinterpret_cast<uintptr_t>(all.const_data_ptr()));
  at::Tensor aligned = all.narrow(0, rounded_up(start, kHugePage) - start, count);
  // advice: where it is not taken, pages stay small
  madvise(aligned.data_ptr(), static_cast<size_t>(count), MADV_HUGEPAGE);
  return aligned;
}

}  // namespace

at::Tensor PackedMemory::bytes(int64_t count) {
  const int64_t room = rounded_up(count, kCacheLine);
  if (!block_.defined() || used_ + room > block_.numel()) {
    block_ = huge_pages(std::max(kBlock, rounded_up(room, kHugePage)));
    used_ = 0;
  }
  const at::Tensor place = block_.narrow(0, used_, count);
  used_ += room;
  return place;
}

}  // namespace r1v
