// The tensors of a checkpoint folder: one model.safetensors or the shards that model.safetensors.index.json lists.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/safetensors.h"

namespace r1v {

/// Lazy union of a folder's shards. throws InputError: no weights, a shard name that is not a plain file name, a tensor
/// that the index places in a shard that lacks it, one name in two shards.
class Checkpoint {
 public:
  explicit Checkpoint(const std::filesystem::path& folder);

  const std::filesystem::path& folder() const { return folder_; }
  bool has(const std::string& name) const { return where_.contains(name); }
  std::vector<std::string> names() const;  // sorted
  const TensorInfo& info(const std::string& name) const;
  at::Tensor tensor(const std::string& name) const;  // a mapped view, see SafetensorsFile::tensor
  int64_t total_bytes() const;
  const std::vector<std::unique_ptr<SafetensorsFile>>& shards() const { return shards_; }

 private:
  std::filesystem::path folder_;
  std::vector<std::unique_ptr<SafetensorsFile>> shards_;
  std::map<std::string, const SafetensorsFile*> where_;
};

}  // namespace r1v
