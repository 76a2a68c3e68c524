// Which checkpoint answers when none is named.
#pragma once

#include <filesystem>

namespace r1v {

/// The shipped r1v-mini: below the folder that the launcher names in R1V_ROOT, else below the working directory.
std::filesystem::path default_model();
/// The shipped r1v-mini-reward, beside it.
std::filesystem::path default_reward_model();

}  // namespace r1v
