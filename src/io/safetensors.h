// safetensors: a memory-mapped lazy reader that trusts nothing in the header, and a writer.
#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"

namespace r1v {

struct TensorInfo {
  at::ScalarType dtype = at::kFloat;
  std::vector<int64_t> shape;
  size_t begin = 0;  // bytes from the start of the data section
  size_t end = 0;
};

/// One *.safetensors file. Opening reads the header only.
/// throws InputError on every header lie: length beyond the file, not JSON, unknown dtype, negative or overflowing
/// shapes, offsets that overlap, leave gaps, run backwards or past the end, duplicate names.
class SafetensorsFile {
 public:
  explicit SafetensorsFile(const std::filesystem::path& path);

  const std::map<std::string, TensorInfo>& tensors() const { return tensors_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  /// A view of the mapped bytes (no copy; keeps the mapping alive). Never write to it. Only where the file places a
  /// tensor at an address that its dtype does not allow, a copy.
  /// throws InputError when the name is missing or a BOOL tensor holds other bytes than 0 and 1.
  at::Tensor tensor(const std::string& name) const;
  const std::filesystem::path& path() const { return file_->path(); }

 private:
  std::shared_ptr<MappedFile> file_;
  size_t data_begin_ = 0;
  std::map<std::string, TensorInfo> tensors_;
  std::map<std::string, std::string> metadata_;
};

/// Writes all tensors, one after another and atomically; memory holds one tensor's copy at most. The file keeps the
/// given order but for wide elements going before narrow ones, so that every tensor is aligned. throws InputError when
/// the file cannot be written.
void write_safetensors(const std::filesystem::path& path,
                       const std::vector<std::pair<std::string, at::Tensor>>& tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace r1v
