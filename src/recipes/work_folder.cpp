// Made at once, removed at the end, renamed in between.
#include "recipes/work_folder.h"

#include <unistd.h>

#include "base/error.h"

namespace r1v {

WorkFolder::WorkFolder(const std::filesystem::path& out, StopAsked stop)
    : out_(out.has_filename() ? out : out.parent_path()),  // "folder/" is "folder"
      path_(cat(out_.string(), ".", ::getpid(), ".tmp")),
      stop_(std::move(stop)) {
  check();
  std::error_code error;
  std::filesystem::create_directories(path_, error);
  if (error) throw InputError(cat(path_.string(), ": cannot create the folder: ", error.message()));
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void WorkFolder::publish() const {
  check();
  std::filesystem::rename(path_, out_);
}

void WorkFolder::publish_file(const std::filesystem::path& file) const {
  check();
  std::filesystem::rename(file, out_);
}

}  // namespace r1v
