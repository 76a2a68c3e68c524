// Stop strings over a stream of text: a stop string may arrive in parts, so what could become one is held back.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace r1v {

/// Length of the longest end of `text` that is a beginning of `pattern`, but not all of it.
size_t partial_suffix(std::string_view text, std::string_view pattern);

/// Text in, text that is safe to show out; ends before the stop string that begins first.
class StopMatcher {
 public:
  explicit StopMatcher(std::vector<std::string> stops) : stops_(std::move(stops)) {}

  /// The text that can no longer become part of a stop string. Nothing more comes once one is found.
  std::string push(std::string_view text);
  /// What is still held back, when the text ends for another reason.
  std::string finish();
  bool is_found() const { return found_; }

 private:
  std::vector<std::string> stops_;
  std::string held_;
  bool found_ = false;
};

}  // namespace r1v
