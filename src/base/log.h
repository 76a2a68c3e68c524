// One line at a time to stderr; results never go through here.
#pragma once

#include <string>

namespace r1v {

/// Prints "r1v: message" on stderr; thread-safe, one write a line.
void log_info(const std::string& message);
void log_warning(const std::string& message);

/// Whether stderr is a terminal (progress bars) and stdout is one (dimmed thinking).
bool stderr_is_terminal();
bool stdout_is_terminal();

}  // namespace r1v
