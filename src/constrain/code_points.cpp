// Union and complement of ranges.
#include "constrain/code_points.h"

#include <algorithm>

namespace r1v {
namespace {
constexpr char32_t kBeforeSurrogates = 0xD7FF;
constexpr char32_t kAfterSurrogates = 0xE000;
}  // namespace

CodePoints::CodePoints(const std::vector<CodePointRange>& ranges) {
  std::vector<CodePointRange> parts;
  for (const CodePointRange& range : ranges) {
    parts.push_back({range.first, std::min(range.last, kBeforeSurrogates)});
    parts.push_back({std::max(range.first, kAfterSurrogates), range.last});
  }
  std::erase_if(parts, [](const CodePointRange& part) { return part.first > part.last; });
  std::sort(parts.begin(), parts.end());
  for (const CodePointRange& part : parts) {
    if (!ranges_.empty() && part.first <= ranges_.back().last + 1) {
      ranges_.back().last = std::max(ranges_.back().last, part.last);
    } else {
      ranges_.push_back(part);
    }
  }
}

void CodePoints::add(const CodePoints& other) {
  std::vector<CodePointRange> both = ranges_;
  both.insert(both.end(), other.ranges_.begin(), other.ranges_.end());
  *this = CodePoints(both);
}

CodePoints CodePoints::complement() const {
  std::vector<CodePointRange> rest;
  char32_t next = 0;
  for (const CodePointRange& range : ranges_) {
    if (range.first > next) rest.push_back({next, range.first - 1});
    next = range.last + 1;
  }
  if (next <= kLast) rest.push_back({next, kLast});
  return CodePoints(rest);
}

bool CodePoints::contains(char32_t code) const {
  const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), code,
                                      [](char32_t value, const CodePointRange& range) { return value < range.first; });
  return after != ranges_.begin() && code <= std::prev(after)->last;
}

}  // namespace r1v
