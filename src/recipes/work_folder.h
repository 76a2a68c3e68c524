// A folder beside its final place: everything or nothing is left when the work ends.
#pragma once

#include <exception>
#include <filesystem>
#include <functional>

namespace r1v {

/// The user wants the work to end here.
class Stopped final : public std::exception {
 public:
  const char* what() const noexcept override { return "stopped"; }
};

/// Asked now and then; true: stop. Empty: never.
using StopAsked = std::function<bool()>;

class WorkFolder final {
 public:
  /// Makes "out.PID.tmp". From here on `stop` is asked: until then there is nothing that would be left behind.
  /// throws InputError when it cannot.
  explicit WorkFolder(const std::filesystem::path& out, StopAsked stop = {});
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  ~WorkFolder();  // removes it with all that was not published

  const std::filesystem::path& path() const { return path_; }
  /// throws Stopped where that is wanted.
  void check() const {
    if (stop_ && stop_()) throw Stopped();
  }
  /// Gives the folder, or one file in it, the name `out`. throws Stopped.
  void publish() const;
  void publish_file(const std::filesystem::path& file) const;

 private:
  std::filesystem::path out_;
  std::filesystem::path path_;
  StopAsked stop_;
};

}  // namespace r1v
