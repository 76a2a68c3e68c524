// A line is one write, so that threads never mix theirs.
#include "base/log_json.h"

#include <cstdio>

namespace r1v {

void log_json(const Json& event) {
  const std::string line = dump_json(event) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace r1v
