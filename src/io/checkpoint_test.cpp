#include "io/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

struct CheckpointTest : testing::Test {
  fs::path folder = fs::temp_directory_path() / cat("r1v_checkpoint_test.", ::getpid());
  void SetUp() override { fs::create_directories(folder); }
  void TearDown() override { fs::remove_all(folder); }

  void write(const std::string& file, std::vector<std::pair<std::string, at::Tensor>> tensors) const {
    write_safetensors(folder / file, tensors);
  }
  void write_index(const std::string& weight_map) const {
    write_file_atomic(folder / "model.safetensors.index.json",
                      R"({"metadata":{"total_size":1,"more":[{"x":null}]},"weight_map":)" + weight_map + "}");
  }
  std::string error() const {
    try {
      Checkpoint checkpoint(folder);
    } catch (const InputError& refusal) {
      return refusal.what();
    }
    return "no error";
  }
};

TEST_F(CheckpointTest, OneFile) {
  write("model.safetensors", {{"b", at::ones({2, 3})}, {"a", at::zeros(1, at::kByte)}});
  const Checkpoint checkpoint(folder);
  EXPECT_THAT(checkpoint.names(), ElementsAre("a", "b"));
  EXPECT_EQ(checkpoint.total_bytes(), 2 * 3 * 4 + 1);
  EXPECT_TRUE(at::equal(checkpoint.tensor("b"), at::ones({2, 3})));
  EXPECT_EQ(checkpoint.info("a").dtype, at::kByte);
  EXPECT_FALSE(checkpoint.has("c"));
  EXPECT_THROW(checkpoint.tensor("c"), InputError);
  EXPECT_THROW(checkpoint.info("c"), InputError);
}

TEST_F(CheckpointTest, ShardsAreOneSetOfNames) {
  write("model-1.safetensors", {{"a", at::full(2, 1.0F)}});
  write("model-2.safetensors", {{"b", at::full(2, 2.0F)}});
  write_index(R"({"a":"model-1.safetensors","b":"model-2.safetensors"})");
  const Checkpoint checkpoint(folder);
  EXPECT_EQ(checkpoint.shards().size(), 2u);
  EXPECT_EQ(checkpoint.tensor("b")[0].item<float>(), 2.0F);
}

TEST_F(CheckpointTest, NamesWhatIsMissing) {
  EXPECT_THAT(error(), HasSubstr("found neither model.safetensors nor"));
  write_index(R"({"a":"gone.safetensors"})");
  EXPECT_THAT(error(), HasSubstr("shard gone.safetensors is missing"));
  write("gone.safetensors", {{"b", at::zeros(1)}});
  EXPECT_THAT(error(), HasSubstr("places tensor \"a\" in gone.safetensors, which lacks it"));
  EXPECT_THROW(Checkpoint(folder / "none"), InputError);
}

TEST_F(CheckpointTest, OneNameInTwoShardsIsRefused) {
  write("1.safetensors", {{"a", at::zeros(1)}, {"b", at::zeros(1)}});
  write("2.safetensors", {{"b", at::zeros(1)}});
  write_index(R"({"a":"1.safetensors","b":"2.safetensors"})");
  EXPECT_THAT(error(), HasSubstr("\"b\" is in two shards, 1.safetensors and 2.safetensors"));
}

TEST_F(CheckpointTest, ShardNamesMustBePlainFileNames) {
  write("inside.safetensors", {{"a", at::zeros(1)}});
  for (const std::string name : {"../x.safetensors", "/etc/x.safetensors", "sub/x.safetensors", "..", "",
                                 "a\\\\b.safetensors", "x.bin", "inside.safetensors\\u0000.safetensors"}) {
    write_index(R"({"a":")" + name + R"("})");
    EXPECT_THAT(error(), HasSubstr("plain name")) << name;
  }
  write_index(R"({"a":")" + std::string(5000, 'x') + R"(.safetensors"})");
  EXPECT_THAT(error(), HasSubstr("is missing"));
}

TEST_F(CheckpointTest, BrokenIndexFilesAreRefused) {
  for (const std::string map :
       {"[]", "{}", "null", "7", R"({"a":7})", R"({"a":null})", R"({"a":["x.safetensors"]})",
        R"({"a":"x.safetensors","a":"x.safetensors"})", R"({"a":"x.safetensors",})", "NaN", ""}) {
    write_index(map);
    EXPECT_THAT(error(), HasSubstr("model.safetensors.index.json")) << map;
  }
}

}  // namespace
}  // namespace r1v
