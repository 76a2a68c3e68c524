// For tests: the tiny networks of tests/golden/make_network.py, with weights from the same formula.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "io/safetensors.h"
#include "models/r1v.h"

namespace r1v {

constexpr int64_t kGoldenImageToken = 95;

/// float32 in [-1, 1): splitmix64 of FNV-1a(name) + index; numbers() of make_network.py.
inline at::Tensor golden_numbers(const std::string& name, at::IntArrayRef shape) {
  uint64_t seed = 0xCBF29CE484222325;
  for (const unsigned char byte : name) seed = (seed ^ byte) * 0x100000001B3;
  at::Tensor values = at::empty(shape, at::kFloat);
  for (int64_t i = 0; i < values.numel(); ++i) {
    uint64_t x = seed + static_cast<uint64_t>(i + 1) * 0x9E3779B97F4A7C15;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
    x = x ^ (x >> 31);
    values.data_ptr<float>()[i] = static_cast<float>(x >> 40) * 0x1p-23f - 1.0f;
  }
  return values;
}

/// weight() of make_network.py.
inline at::Tensor golden_weight(const std::string& name, at::IntArrayRef shape) {
  const bool is_scale = shape.size() == 1 && !name.ends_with(".bias");
  return golden_numbers(name, shape) * 0.5 + (is_scale ? 1 : 0);
}

/// A folder that goes away with the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "r1v-test-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Gives a folder with a config.json weights from the formula; `seed` makes those of one folder differ from another's.
inline void write_golden_weights(const std::filesystem::path& folder, const std::string& seed = "") {
  R1vModel model(read_model_config(folder));
  std::vector<std::pair<std::string, at::Tensor>> weights;
  model.walk([&](const std::string& name, at::Tensor& slot) {
    weights.emplace_back(name, golden_weight(seed + name, slot.sizes()));
  });
  write_safetensors(folder / "model.safetensors", weights);
}

/// tests/golden/sft, whole with tokenizer, pictures and weights, in a new folder.
inline void copy_golden_model(const std::filesystem::path& to, const std::string& seed = "") {
  std::filesystem::copy(std::filesystem::path(R1V_SOURCE_DIR) / "tests/golden/sft", to);
  write_golden_weights(to, seed);
}

/// Within 1e-4; reports the largest difference, so that a log shows how much of the tolerance is used.
inline void expect_close(const at::Tensor& actual, const at::Tensor& expected, const std::string& name) {
  ASSERT_EQ(actual.sizes(), expected.sizes()) << name;
  const double worst = (actual.detach().to(at::kDouble) - expected.to(at::kDouble)).abs().max().item<double>();
  std::printf("    %-18s max |difference| %.1e\n", name.c_str(), worst);
  EXPECT_LE(worst, 1e-4) << name;
}

/// One case: expected outputs, and a checkpoint folder made from the formula.
struct GoldenNetwork {
  enum class File { network, whole_name };
  explicit GoldenNetwork(const std::string& name, File named = File::network)
      : file(std::filesystem::path(R1V_SOURCE_DIR) / "tests/golden" /
             ((named == File::network ? "network_" : "") + name + ".safetensors")) {
    write_file_atomic(folder.path() / "config.json", file.metadata().at("config"));
    write_golden_weights(folder.path());
  }

  at::Tensor expected(const std::string& name) const { return file.tensor(name); }
  bool has(const std::string& name) const { return file.tensors().contains(name); }
  at::Tensor pixels(const ModelConfig& config) const {
    const int64_t tiles = expected("vision.features").size(0);
    return golden_numbers("pixels", {tiles, 3, config.force_image_size, config.force_image_size}) * 2;
  }
  std::vector<int64_t> documents() const {
    const at::Tensor lengths = expected("documents");
    return {lengths.const_data_ptr<int64_t>(), lengths.const_data_ptr<int64_t>() + lengths.numel()};
  }

  SafetensorsFile file;
  TemporaryFolder folder;
};

}  // namespace r1v
