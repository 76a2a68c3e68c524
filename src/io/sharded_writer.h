// Writes a checkpoint's tensors into as many safetensors files as they need, holding one file's worth at a time.
#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace r1v {

/// model.safetensors, or model-00001-of-0000N.safetensors with model.safetensors.index.json, as Checkpoint reads them.
class ShardedWriter final {
 public:
  /// `folder` exists; a file is closed before it would hold more than `shard_bytes`.
  explicit ShardedWriter(std::filesystem::path folder, int64_t shard_bytes = int64_t{4} << 30);

  /// throws InputError when a file cannot be written. Names must differ.
  void add(const std::string& name, const at::Tensor& tensor);
  /// Writes what is left and gives the files their names; nothing may be added afterwards.
  void finish();

 private:
  std::filesystem::path part(size_t index) const;
  void flush();

  std::filesystem::path folder_;
  int64_t shard_bytes_;
  int64_t held_bytes_ = 0;
  int64_t total_bytes_ = 0;
  std::vector<std::pair<std::string, at::Tensor>> held_;
  std::vector<std::vector<std::string>> written_;  // names in every file
};

}  // namespace r1v
