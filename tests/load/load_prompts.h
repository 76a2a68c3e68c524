// What the load tests ask.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>

namespace r1v {

/// Prompts of equal length that differ in every word that matters, so that a mixed-up stream shows.
inline std::string load_prompt(int64_t index) {
  return fmt::format("What is {} + {}? Explain every step in your own words.", 17 + 31 * index, 25 + 17 * index);
}

}  // namespace r1v
