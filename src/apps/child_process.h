// Runs a program to its end and says what it took.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace r1v {

struct ChildUsage {
  double wall_s = 0.0;
  int64_t peak_bytes = 0;  // resident
  int status = 0;          // exit status; 128 + N after signal N
};

/// Standard output is thrown away; standard error is shared. throws InputError when it cannot be started.
ChildUsage run_child(const std::string& program, const std::vector<std::string>& words);

}  // namespace r1v
