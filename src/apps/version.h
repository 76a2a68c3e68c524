// What this program is and what it runs on.
#pragma once

#include <string>

namespace r1v {

/// Lines for --version: version, commit, LibTorch, device, instruction set, the dtype that "auto" means here, and
/// the kernels of products.
std::string version_text();

}  // namespace r1v
