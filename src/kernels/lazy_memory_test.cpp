#include "kernels/lazy_memory.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace r1v {
namespace {

int64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  int64_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * 4096;
}

constexpr int64_t kMiB = int64_t{1} << 20;

TEST(LazyMemory, CostsWhatIsTouchedAndGoesBackAtOnce) {
  const int64_t before = resident_bytes();
  at::Tensor memory = lazy_memory({4, 256 * kMiB}, at::kFloat);  // 4 GiB
  EXPECT_LT(resident_bytes() - before, 16 * kMiB);
  memory[2].narrow(0, 0, 16 * kMiB).fill_(1.0F);  // 64 MiB
  EXPECT_GT(resident_bytes() - before, 60 * kMiB);
  EXPECT_LT(resident_bytes() - before, 100 * kMiB);
  EXPECT_EQ(memory[2][5].item<float>(), 1.0F);
  memory = at::Tensor();
  EXPECT_LT(resident_bytes() - before, 16 * kMiB);
}

TEST(LazyMemory, NothingIsFine) { EXPECT_EQ(lazy_memory({0, 5}, at::kByte).numel(), 0); }

}  // namespace
}  // namespace r1v
