// Lines to stderr.
#include "base/log.h"

#include <unistd.h>

#include <cstdio>

namespace r1v {

void log_info(const std::string& message) {
  const std::string line = "r1v: " + message + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void log_warning(const std::string& message) { log_info("warning: " + message); }

bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

bool stdout_is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

}  // namespace r1v
