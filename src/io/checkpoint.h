// The tensors of a checkpoint folder: one model.safetensors or the shards that model.safetensors.index.json lists.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/safetensors.h"
#include "io/tensor_source.h"

namespace r1v {

/// Lazy union of a folder's shards. throws InputError: no weights, a shard name that is not a plain file name, a tensor
/// that the index places in a shard that lacks it, one name in two shards.
class Checkpoint final : public TensorSource {
 public:
  explicit Checkpoint(const std::filesystem::path& folder);

  const std::filesystem::path& folder() const { return folder_; }
  bool has(const std::string& name) const override { return where_.contains(name); }
  std::vector<std::string> names() const override;
  const TensorInfo& info(const std::string& name) const;
  StoredTensor stored(const std::string& name) const override;
  at::Tensor tensor(const std::string& name) const override;  // a mapped view, see SafetensorsFile::tensor
  int64_t num_files() const override { return static_cast<int64_t>(shards_.size()); }
  int64_t total_bytes() const;
  const std::vector<std::unique_ptr<SafetensorsFile>>& shards() const { return shards_; }

 private:
  std::filesystem::path folder_;
  std::vector<std::unique_ptr<SafetensorsFile>> shards_;
  std::map<std::string, const SafetensorsFile*> where_;
};

}  // namespace r1v
