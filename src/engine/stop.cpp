// Search in the held-back text and the new piece; both are short.
#include "engine/stop.h"

#include <algorithm>
#include <utility>

namespace r1v {

size_t partial_suffix(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) return 0;
  for (size_t length = std::min(text.size(), pattern.size() - 1); length > 0; --length) {
    if (text.substr(text.size() - length) == pattern.substr(0, length)) return length;
  }
  return 0;
}

std::string StopMatcher::push(std::string_view text) {
  if (found_) return "";
  held_ += text;
  size_t first = std::string::npos;
  size_t hold = 0;
  for (const std::string& stop : stops_) {
    first = std::min(first, held_.find(stop));
    hold = std::max(hold, partial_suffix(held_, stop));
  }
  found_ = first != std::string::npos;
  const size_t safe = found_ ? first : held_.size() - hold;
  std::string shown = held_.substr(0, safe);
  held_.erase(0, found_ ? held_.size() : safe);
  return shown;
}

std::string StopMatcher::finish() { return std::exchange(held_, ""); }

}  // namespace r1v
