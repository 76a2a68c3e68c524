// The launcher's word on where the repository is.
#include "apps/default_model.h"

#include <cstdlib>

namespace r1v {

namespace {

std::filesystem::path shipped(const char* name) {
  const char* root = std::getenv("R1V_ROOT");
  return std::filesystem::path(root == nullptr ? "" : root) / "models" / name;
}

}  // namespace

std::filesystem::path default_model() { return shipped("r1v-mini"); }

std::filesystem::path default_reward_model() { return shipped("r1v-mini-reward"); }

}  // namespace r1v
