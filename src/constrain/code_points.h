// Sets of characters: sorted ranges of Unicode code points (surrogates are no characters).
#pragma once

#include <cstdint>
#include <vector>

namespace r1v {

struct CodePointRange {
  char32_t first = 0;
  char32_t last = 0;  // included
  bool operator==(const CodePointRange&) const = default;
  auto operator<=>(const CodePointRange&) const = default;
};

/// A value; ranges() are sorted, apart from each other, and without surrogates.
class CodePoints {
 public:
  static constexpr char32_t kLast = 0x10FFFF;

  CodePoints() = default;
  CodePoints(char32_t first, char32_t last) : CodePoints(std::vector<CodePointRange>{{first, last}}) {}
  /// In any order; one that is empty or holds surrogates loses them.
  explicit CodePoints(const std::vector<CodePointRange>& ranges);
  static CodePoints all() { return {0, kLast}; }
  void add(const CodePoints& other);
  CodePoints complement() const;
  bool contains(char32_t code) const;
  const std::vector<CodePointRange>& ranges() const { return ranges_; }
  bool operator==(const CodePoints&) const = default;
  auto operator<=>(const CodePoints&) const = default;

 private:
  std::vector<CodePointRange> ranges_;
};

}  // namespace r1v
