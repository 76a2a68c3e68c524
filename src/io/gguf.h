// GGUF: a memory-mapped reader that trusts nothing in the header, and a writer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "io/ggml_blocks.h"

namespace r1v {

/// Types of metadata values, numbered as in the file.
enum class GgufType : uint32_t { u8, i8, u16, i16, u32, i32, f32, boolean, text, array, u64, i64, f64 };

/// A metadata value where it lies in the mapped file.
struct GgufValue {
  GgufType type = GgufType::u8;  // of the value, or of the elements
  bool is_array = false;
  uint64_t count = 1;                // elements
  std::span<const std::byte> bytes;  // elements one after another; a text is 8 bytes of length and its bytes
};

struct GgufTensor {
  GgmlType type = GgmlType::f32;
  std::vector<int64_t> shape;  // slowest dimension first, as everywhere but in the file
  std::span<const std::byte> bytes;
};

/// One *.gguf file of version 2 or 3, little endian. Opening reads the header only.
/// throws InputError on every header lie: counts, lengths and offsets beyond the file, sizes that overflow, unknown
/// types, rows that are no whole number of blocks, tensors that overlap, names that are there twice.
class GgufFile {
 public:
  explicit GgufFile(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return file_->path(); }
  const std::map<std::string, GgufValue, std::less<>>& metadata() const { return metadata_; }
  const std::map<std::string, GgufTensor, std::less<>>& tensors() const { return tensors_; }
  /// Keeps the bytes of metadata and tensors alive.
  const std::shared_ptr<MappedFile>& mapping() const { return file_; }

  // Metadata by key; throws InputError naming file, key, the type found and the type expected.
  bool has(const std::string& key) const { return metadata_.contains(key); }
  int64_t integer(const std::string& key) const;
  double number(const std::string& key) const;
  bool boolean(const std::string& key) const;
  std::string text(const std::string& key) const;
  std::string text_or(const std::string& key, const std::string& fallback) const;
  std::vector<std::string_view> texts(const std::string& key) const;  // views into the file
  std::vector<int64_t> integers(const std::string& key) const;

 private:
  const GgufValue& value(const std::string& key, bool is_array, const char* expected) const;

  std::shared_ptr<MappedFile> file_;
  std::map<std::string, GgufValue, std::less<>> metadata_;
  std::map<std::string, GgufTensor, std::less<>> tensors_;
};

/// Whether a path names a GGUF file rather than a checkpoint folder: a regular file that ends in ".gguf".
bool is_gguf(const std::filesystem::path& path);

/// Every id that ends an answer: end of sequence, of turn, of message.
std::vector<int64_t> gguf_eos_ids(const GgufFile& file);

/// The metadata of a file to be written, in the order of the calls.
class GgufMetadata {
 public:
  void add_u32(const std::string& key, uint32_t value);
  void add_f32(const std::string& key, float value);
  void add_bool(const std::string& key, bool value);
  void add_text(const std::string& key, std::string_view value);
  void add_texts(const std::string& key, const std::vector<std::string>& values);
  void add_i32s(const std::string& key, const std::vector<int32_t>& values);
  /// As it lies in another file.
  void add(const std::string& key, const GgufValue& value);

  const std::string& bytes() const { return bytes_; }
  uint64_t count() const { return count_; }

 private:
  void begin(const std::string& key, GgufType type);
  void begin_array(const std::string& key, GgufType type, uint64_t count);

  std::string bytes_;
  uint64_t count_ = 0;
};

/// A tensor to be written; `values` is called once, when its turn comes, and fills one float32 an element.
struct GgufTensorToWrite {
  std::string name;
  GgmlType type = GgmlType::f32;
  std::vector<int64_t> shape;  // slowest dimension first; rows are whole blocks
  std::function<void(std::span<float>)> values;
};

/// Version 3, tensors aligned to 32 bytes, atomically; memory holds one tensor at a time. throws InputError when the
/// file cannot be written or a quantised tensor has values that are not finite.
void write_gguf(const std::filesystem::path& path, const GgufMetadata& metadata,
                const std::vector<GgufTensorToWrite>& tensors);

}  // namespace r1v
