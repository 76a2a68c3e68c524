// Ctrl-C as a flag that loops look at, so that a command can stop cleanly.
#pragma once

#include <atomic>

namespace r1v {

inline constexpr int kInterruptedStatus = 130;

/// From the first call on, Ctrl-C sets the flag instead of ending the program; a second Ctrl-C while the flag is still
/// set ends it at once. Whoever has dealt with it clears it.
std::atomic<bool>& interrupt_flag();

}  // namespace r1v
