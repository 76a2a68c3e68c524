// Reads /proc.
#include "apps/process_memory.h"

#include <fstream>
#include <string>

namespace r1v {
namespace {

/// "Key:   1234 kB"
std::optional<int64_t> kilobytes_of(const char* file, const std::string& key) {
  std::ifstream in(file);
  for (std::string word; in >> word;) {
    int64_t value = 0;
    if (word == key && in >> value) return value;
  }
  return std::nullopt;
}

}  // namespace

std::optional<int64_t> peak_memory_bytes() {
  const auto kilobytes = kilobytes_of("/proc/self/status", "VmHWM:");
  if (!kilobytes) return std::nullopt;
  return *kilobytes * 1024;
}

bool forget_peak_memory() {
  std::ofstream out("/proc/self/clear_refs");
  out << "5\n" << std::flush;
  return out.good();
}

}  // namespace r1v
