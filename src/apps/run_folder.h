// A folder to work in: one that was named and stays, or a temporary one that goes.
#pragma once

#include <filesystem>

namespace r1v {

class RunFolder {
 public:
  /// Empty: a new folder below the system's temporary one, removed at the end.
  /// throws InputError when the folder cannot be made.
  explicit RunFolder(const std::filesystem::path& keep = {});
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;
  ~RunFolder();

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  bool is_temporary_ = false;
};

}  // namespace r1v
