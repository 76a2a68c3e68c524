// Events for programs to read: one JSON object a line on stderr, nothing around it.
#pragma once

#include "base/json.h"

namespace r1v {

/// Thread-safe, one write a line.
void log_json(const Json& event);

}  // namespace r1v
