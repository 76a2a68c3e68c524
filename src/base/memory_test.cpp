#include "base/memory.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

namespace r1v {
namespace {

class MemoryTest : public testing::Test {
 protected:
  MemoryTest() : root_(std::filesystem::temp_directory_path() / cat("r1v_memory_test_", ::getpid())) {}
  ~MemoryTest() override { std::filesystem::remove_all(root_); }

  void write(const std::filesystem::path& name, const std::string& text) const {
    std::filesystem::create_directories((root_ / name).parent_path());
    write_file_atomic(root_ / name, text);
  }
  void write_machine() const {
    write("proc/meminfo", "MemTotal:       4000 kB\nMemFree:  10 kB\nMemAvailable:   3000 kB\n");
  }

  std::filesystem::path root_;
};

TEST_F(MemoryTest, WithoutLimitsItIsTheMachines) {
  write_machine();
  write("sys/fs/cgroup/memory.max", "max\n");
  const MachineMemory memory = machine_memory(root_);
  EXPECT_EQ(memory.total_bytes, 4000 * 1024);
  EXPECT_EQ(memory.available_bytes, 3000 * 1024);
}

TEST_F(MemoryTest, AGroupsLimitHoldsAndItsFileCacheIsGivenBack) {
  write_machine();
  write("proc/self/cgroup", "0::/outer/own\n");
  write("sys/fs/cgroup/outer/memory.max", "1000000\n");
  write("sys/fs/cgroup/outer/own/memory.max", "1500000\n");
  write("sys/fs/cgroup/outer/memory.current", "600000\n");
  write("sys/fs/cgroup/outer/own/memory.current", "600000\n");
  write("sys/fs/cgroup/outer/memory.stat", "anon 500000\ninactive_file 50000\n");
  const MachineMemory memory = machine_memory(root_);
  EXPECT_EQ(memory.total_bytes, 1000000);  // the parent's is the narrower one
  EXPECT_EQ(memory.available_bytes, 1000000 - 600000 + 50000);
}

TEST_F(MemoryTest, TheOldFormOfGroupsIsReadToo) {
  write_machine();
  write("proc/self/cgroup", "5:memory:/docker/abc\n1:cpu:/\n");  // the host's path; the files lie at the mount
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", "2000000\n");
  write("sys/fs/cgroup/memory/memory.usage_in_bytes", "500000\n");
  write("sys/fs/cgroup/memory/memory.stat", "total_inactive_file 100000\n");
  EXPECT_EQ(machine_memory(root_).available_bytes, 1600000);
}

TEST_F(MemoryTest, AnUnknownMachineIsAnError) { EXPECT_THROW(machine_memory(root_), InputError); }

TEST_F(MemoryTest, ThisMachineHasSome) {
  const MachineMemory memory = machine_memory();
  EXPECT_GT(memory.available_bytes, 0);
  EXPECT_LE(memory.available_bytes, memory.total_bytes);
}

}  // namespace
}  // namespace r1v
