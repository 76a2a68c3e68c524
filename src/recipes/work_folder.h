// A folder beside its final place: everything or nothing is left when the work ends.
#pragma once

#include <filesystem>

namespace r1v {

class WorkFolder final {
 public:
  /// Makes "out.PID.tmp". throws InputError when it cannot.
  explicit WorkFolder(const std::filesystem::path& out);
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  ~WorkFolder();  // removes it with all that was not published

  const std::filesystem::path& path() const { return path_; }
  /// Gives the folder, or one file in it, the name `out`.
  void publish() const;
  void publish_file(const std::filesystem::path& file) const;

 private:
  std::filesystem::path out_;
  std::filesystem::path path_;
};

}  // namespace r1v
