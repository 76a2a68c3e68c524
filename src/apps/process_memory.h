// The memory of this process, as the system tells it.
#pragma once

#include <cstdint>
#include <optional>

namespace r1v {

/// The most that was resident since the start, or since `forget_peak_memory` last returned true; none where /proc does
/// not say it.
std::optional<int64_t> peak_memory_bytes();
/// Whether the system lets the mark be set anew.
bool forget_peak_memory();

}  // namespace r1v
