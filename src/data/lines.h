// The lines of large text files, found once and read when wanted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/file.h"

namespace r1v {

/// Files mapped into memory and where their non-blank lines begin; 300,000 lines take 5 MB and milliseconds where the
/// files are in memory already.
class LineIndex final {
 public:
  /// throws InputError: no files, or a file that cannot be read.
  explicit LineIndex(const std::vector<std::filesystem::path>& files);

  int64_t size() const { return static_cast<int64_t>(lines_.size()); }
  std::string_view text(int64_t index) const;
  const std::filesystem::path& file(int64_t index) const;
  /// "train.jsonl line 7", for messages.
  std::string where(int64_t index) const;
  /// Sixteen digits that other lines or another order of lines change; what is on pictures does not.
  std::string digest() const { return digest_text(digest_); }

 private:
  struct Line {
    uint32_t file = 0;
    uint32_t number = 0;  // from 1
    uint64_t begin = 0;
  };
  const Line& line(int64_t index) const { return lines_[static_cast<size_t>(index)]; }
  std::vector<std::unique_ptr<MappedFile>> files_;
  std::vector<Line> lines_;
  uint64_t digest_ = 0;
};

}  // namespace r1v
