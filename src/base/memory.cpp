// Small text files of the Linux kernel: a name and a number a line, or one number alone.
#include "base/memory.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include "base/error.h"

namespace r1v {
namespace {

using std::filesystem::path;

/// The number behind `name` in a file of lines "name number ...".
std::optional<int64_t> number_in(const path& file, const std::string& name) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string word;
    int64_t number = 0;
    if (words >> word && word == name && words >> number) return number;
  }
  return std::nullopt;
}

/// A file that is one number; "max", or no such file, is none.
std::optional<int64_t> lone_number(const path& file) {
  std::ifstream in(file);
  int64_t number = 0;
  if (in >> number) return number;
  return std::nullopt;
}

/// Where the files of the process's own group lie below `mount`: told by the line of /proc/self/cgroup that begins so.
path own_group(const path& root, const path& mount, const std::string& begins_with) {
  std::ifstream in(root / "proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    const size_t found = line.find(begins_with);
    if (found == std::string::npos) continue;
    const path inside = line.substr(line.find('/', found) + 1);
    // In a container the group's path may be told as the host sees it, while its files lie at the mount itself.
    const path folder = mount / inside;
    return std::filesystem::exists(folder) ? folder : mount;
  }
  return mount;
}

struct Group {
  const char* mount;
  const char* line;  // in /proc/self/cgroup
  const char* limit;
  const char* usage;
  const char* file_cache;  // in memory.stat: given back when needed
};
constexpr Group kGroups[] = {
    {"sys/fs/cgroup", "0::/", "memory.max", "memory.current", "inactive_file"},
    {"sys/fs/cgroup/memory", ":memory:/", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"}};

void narrow(MachineMemory& memory, const Group& group, const path& folder) {
  const auto limit = lone_number(folder / group.limit);
  if (!limit) return;
  const int64_t used = lone_number(folder / group.usage).value_or(0);
  const int64_t given_back = number_in(folder / "memory.stat", group.file_cache).value_or(0);
  memory.total_bytes = std::min(memory.total_bytes, *limit);
  memory.available_bytes = std::min(memory.available_bytes, std::max<int64_t>(0, *limit - used + given_back));
}

}  // namespace

MachineMemory machine_memory(const path& root) {
  const path file = root / "proc/meminfo";
  const auto total = number_in(file, "MemTotal:"), available = number_in(file, "MemAvailable:");
  if (!total || !available) {
    throw InputError(cat(file.string(), " does not tell MemTotal and MemAvailable, so the memory of this machine is ",
                         "unknown; say how much to use (--kv-memory)"));
  }
  MachineMemory memory{.total_bytes = *total * 1024, .available_bytes = *available * 1024};  // told in kB
  for (const Group& group : kGroups) {
    const path mount = root / group.mount;
    // A group's parents limit it too.
    path folder = own_group(root, mount, group.line);
    narrow(memory, group, folder);
    while (folder != mount && folder.has_relative_path()) narrow(memory, group, folder = folder.parent_path());
  }
  return memory;
}

}  // namespace r1v
