// mkdtemp, and everything below it removed again.
#include "apps/run_folder.h"

#include <cstdlib>
#include <string>
#include <system_error>

#include "base/error.h"

namespace r1v {

namespace fs = std::filesystem;

RunFolder::RunFolder(const fs::path& keep) : path_(keep), is_temporary_(keep.empty()) {
  std::error_code error;
  if (!is_temporary_) {
    fs::create_directories(keep, error);
    if (error) throw InputError(cat(printable(keep.string(), 300), ": cannot make the folder: ", error.message()));
    return;
  }
  std::string name = (fs::temp_directory_path() / "r1v-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw InputError(cat("no folder can be made in ", fs::temp_directory_path().string(), "; is its disk full?"));
  }
  path_ = name;
}

RunFolder::~RunFolder() {
  std::error_code ignored;  // what cannot be removed stays
  if (is_temporary_) fs::remove_all(path_, ignored);
}

}  // namespace r1v
