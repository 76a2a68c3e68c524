// The parts of a pattern that stand for one character or a class of them.
#pragma once

#include <string>
#include <string_view>

#include "constrain/budget.h"
#include "constrain/code_points.h"

namespace r1v {

/// Steps through a pattern, character by character; knows how to complain about a place in it.
class PatternCursor {
 public:
  PatternCursor(std::string_view pattern, const Budget& budget);
  bool at_end() const { return at_ >= text_.size(); }
  /// 0 at the end; a NUL inside a pattern is written \0.
  char32_t peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : 0; }
  char32_t take();
  bool take_if(char32_t wanted);
  bool looking_at(std::u32string_view wanted) const { return text_.compare(at_, wanted.size(), wanted) == 0; }
  void skip(size_t count) { at_ += count; }
  /// `what` says what is wrong at the cursor and what to write in its place.
  [[noreturn]] void fail(const std::string& what) const;

 private:
  std::u32string text_;
  size_t at_ = 0;
  std::string_view pattern_;
  const Budget& budget_;
};

/// After "\": one character or a class such as \d.
CodePoints pattern_escape(PatternCursor& cursor, bool in_class);
/// After "[".
CodePoints pattern_class(PatternCursor& cursor, Budget& budget);

}  // namespace r1v
