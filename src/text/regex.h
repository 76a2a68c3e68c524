// Regular expressions over UTF-8, for split patterns that tokenizer.json brings along.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace r1v {

/// A Unicode regular expression over valid UTF-8 (PCRE2, compiled once, thread-safe).
class Regex {
 public:
  /// throws InputError: the pattern cannot be compiled; `where` names its source.
  Regex(std::string_view pattern, const std::string& where);
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();
  /// Ends of the pieces that `text` falls into: matches and what lies between them ("Isolated"); appended to `ends` as
  /// pointers into `text`. throws InputError when the pattern needs too much work.
  void split(std::string_view text, std::vector<const char*>& ends) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace r1v
