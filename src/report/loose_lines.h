// JSON lines of a run that may still be going on, or ended badly: what can be read is read, the rest is counted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace r1v {

struct LooseLines {
  std::vector<Json> objects;
  int64_t num_unreadable = 0;  // whole lines that are no JSON object
  std::string first_problem;   // of those: line and reason
  bool ends_in_a_part =
      false;  // the last line has no end and cannot be read: it is being written, or the run was killed
};

/// NaN and Infinity, which some writers put where JSON has no word, are read as null. Blank lines are skipped.
LooseLines read_loose_lines(std::string_view text);

}  // namespace r1v
