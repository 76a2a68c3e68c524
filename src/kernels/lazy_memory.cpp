// Pages of the system's own, mapped privately; MAP_NORESERVE since most of them are never touched.
#include "kernels/lazy_memory.h"

#include <sys/mman.h>

#include "base/error.h"

namespace r1v {

at::Tensor lazy_memory(at::IntArrayRef sizes, at::ScalarType dtype) {
  size_t bytes = c10::elementSize(dtype);
  for (const int64_t size : sizes) bytes *= static_cast<size_t>(size);
  if (bytes == 0) return at::empty(sizes, dtype);
  void* pages = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (pages == MAP_FAILED) {
    throw InputError(cat("the system has no room for ", bytes, " bytes; ask for less memory (--kv-memory)"));
  }
  return at::from_blob(pages, sizes, [bytes](void* mapped) { ::munmap(mapped, bytes); }, at::dtype(dtype));
}

}  // namespace r1v
