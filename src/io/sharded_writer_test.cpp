// One file or several, read back by Checkpoint.
#include "io/sharded_writer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "io/checkpoint.h"

namespace r1v {
namespace {

class Sharded : public testing::Test {
 protected:
  Sharded() { std::filesystem::create_directories(folder_); }
  ~Sharded() override { std::filesystem::remove_all(folder_); }

  void write(int64_t shard_bytes) const {
    ShardedWriter writer(folder_, shard_bytes);
    for (int64_t i = 0; i < 5; ++i) writer.add("t" + std::to_string(i), at::full({4}, static_cast<double>(i)));
    writer.finish();
  }

  int64_t num_entries() const {
    return std::distance(std::filesystem::directory_iterator(folder_), std::filesystem::directory_iterator());
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("r1v-sharded-" + std::to_string(::getpid()));
};

TEST_F(Sharded, WritesOneFileWhenAllFits) {
  write(5 * 16);
  EXPECT_EQ(num_entries(), 1);
  EXPECT_EQ(Checkpoint(folder_).num_files(), 1);
}

TEST_F(Sharded, StartsAFileBeforeTheLimitIsPassed) {
  write(2 * 16 + 15);  // two tensors of 4 floats fit, three do not: 2 + 2 + 1 tensors, and the index
  EXPECT_EQ(num_entries(), 4);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "model-00003-of-00003.safetensors"));
  const Checkpoint checkpoint(folder_);
  EXPECT_EQ(checkpoint.num_files(), 3);
  for (int64_t i = 0; i < 5; ++i) {
    EXPECT_EQ(checkpoint.tensor("t" + std::to_string(i)).sum().item<double>(), 4.0 * static_cast<double>(i));
  }
}

TEST_F(Sharded, ATensorAboveTheLimitGetsAFileOfItsOwn) {
  write(1);
  EXPECT_EQ(Checkpoint(folder_).num_files(), 5);
}

}  // namespace
}  // namespace r1v
