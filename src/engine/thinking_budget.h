// Watches one sample's thinking and says when and how it must be closed. Torch-free.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/reasoning.h"
#include "text/tokenizer.h"

namespace r1v {

inline constexpr std::string_view kThinkClose = "</think>";

/// Most tokens that closing the thinking by force may cost: "\n</think>\n\n" in this tokenizer.
int64_t think_close_tokens(const Tokenizer& tokenizer);

/// Counts thinking tokens: those generated before the text holds "</think>", the tokens of the tag not counted. The tag
/// may be one token or several.
class ThinkingBudget {
 public:
  /// budget -1: counts only, never closes.
  ThinkingBudget(int64_t budget, bool starts_thinking) : budget_(budget), splitter_(starts_thinking) {}

  bool is_thinking() const { return splitter_.is_thinking(); }
  int64_t thinking_tokens() const { return thinking_tokens_; }
  /// The next token would be one thinking token too many.
  bool must_close() const { return budget_ >= 0 && is_thinking() && thinking_tokens_ >= budget_; }

  /// Text that closes the thinking as templates write it: a line of its own, then an empty line. A tag that the sample
  /// has begun is completed rather than begun again.
  std::string close_text() const;
  bool ends_line() const { return tail_.ends_with('\n'); }
  /// What would stand behind the closing tag if these bytes came next; none where they do not complete it.
  std::optional<std::string> behind_close(std::string_view bytes) const;

  /// One drawn token and the text it completed (before any stop string was cut off). A forced token counts nothing.
  void push(std::string_view text, bool is_forced);

 private:
  int64_t budget_;
  ReasoningSplitter splitter_;
  int64_t thinking_tokens_ = 0;
  int64_t tag_tokens_ = 0;   // of these, at the end, the ones that may turn out to be the closing tag
  std::string tail_ = "\n";  // the last few bytes of the text; templates open the thinking with a line break
};

}  // namespace r1v
