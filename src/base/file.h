// Files: reading whole, mapping into memory, and writing so that a crash never leaves half a file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace r1v {

/// The whole file as bytes. throws InputError: missing, a folder, unreadable, larger than `limit_bytes`.
std::string read_file(const std::filesystem::path& path, size_t limit_bytes = size_t{1} << 32);

/// Everything on standard input.
std::string read_stdin();

/// Writes beside the target and renames. throws InputError when the folder is missing or not writable, or the
/// target is a folder; nothing is left beside it then.
void write_file_atomic(const std::filesystem::path& path, std::string_view bytes);

/// A file mapped read-only and private; the pages are read when touched.
class MappedFile {
 public:
  /// throws InputError: missing, a folder, not a regular file.
  explicit MappedFile(const std::filesystem::path& path);
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
};

/// Tells the kernel that mapped pages wholly inside these bytes are not needed soon; they are read again when touched.
void release_mapped_pages(std::span<const std::byte> bytes);

/// `path` below `root` after links and dots are resolved; relative paths start at `root`.
/// throws InputError when the path is missing or leads outside the root.
std::filesystem::path resolve_below(const std::filesystem::path& root, const std::filesystem::path& path);

}  // namespace r1v
