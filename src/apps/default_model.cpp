// The launcher's word on where the repository is.
#include "apps/default_model.h"

#include <cstdlib>

namespace r1v {

std::filesystem::path default_model() {
  const char* root = std::getenv("R1V_ROOT");
  return std::filesystem::path(root == nullptr ? "" : root) / "models" / "r1v-mini";
}

}  // namespace r1v
