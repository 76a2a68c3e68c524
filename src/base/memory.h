// How much memory this process may use: the machine's, or less where its control group says so.
#pragma once

#include <cstdint>
#include <filesystem>

namespace r1v {

struct MachineMemory {
  int64_t total_bytes = 0;
  int64_t available_bytes = 0;  // without pushing out what others use
};

/// Reads /proc/meminfo and the limits of the control group (version 2, and 1) below `root`.
/// throws InputError where /proc/meminfo does not tell (MemTotal, MemAvailable).
MachineMemory machine_memory(const std::filesystem::path& root = "/");

}  // namespace r1v
