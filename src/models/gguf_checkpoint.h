// A GGUF file's tensors under the names of Hugging Face checkpoints, dequantised when they are read.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "io/gguf.h"
#include "io/tensor_source.h"

namespace r1v {

/// Architectures qwen2 and llama. A Llama's q and k rows are put back from the order of interleaved rotary positions,
/// and biases of zeros stand for those that its q, k and v do not have.
class GgufCheckpoint final : public TensorSource {
 public:
  explicit GgufCheckpoint(const std::filesystem::path& path);

  std::vector<std::string> names() const override;
  bool has(const std::string& name) const override { return tensors_.contains(name); }
  StoredTensor stored(const std::string& name) const override;
  at::Tensor tensor(const std::string& name) const override;
  at::Tensor rows(const std::string& name, const at::Tensor& rows_R) const override;
  FloatRows float_rows(const std::string& name) const override;
  std::optional<IntegerRows> integer_rows(const std::string& name) const override;  // of Q8_0 and Q4_0
  int64_t num_files() const override { return 1; }

 private:
  struct Entry {
    GgufTensor stored;              // without bytes: zeros that the file does not hold
    int64_t interleaved_heads = 0;  // 0: rows lie as they should
  };
  const Entry& entry(const std::string& name) const;
  /// A row's blocks as they lie, whatever order the file has them in.
  static std::span<const std::byte> row_blocks(const Entry& entry, int64_t row);
  void add_zero_biases();

  GgufFile file_;
  std::map<std::string, Entry> tensors_;
};

}  // namespace r1v
