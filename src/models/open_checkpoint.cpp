// The form is told by the path and by config.json.
#include "models/open_checkpoint.h"

#include "io/checkpoint.h"

namespace r1v {

std::unique_ptr<TensorSource> open_checkpoint(const std::filesystem::path& path) {
  return std::make_unique<Checkpoint>(path);
}

}  // namespace r1v
