// Options that are on or off in words, as the papers' tables write them.
#pragma once

#include <string>

#include "base/error.h"

namespace r1v {

/// throws InputError, naming the option, for other words.
inline bool is_on(const std::string& option, const std::string& value) {
  if (value == "on" || value == "off") return value == "on";
  throw InputError(cat("--", option, ": found \"", printable(value), "\", expected on or off"));
}

}  // namespace r1v
