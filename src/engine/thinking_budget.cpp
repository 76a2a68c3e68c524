// Thinking is told apart by the text, so that it does not matter how the tag is tokenised.
#include "engine/thinking_budget.h"

#include "base/error.h"
#include "engine/stop.h"

namespace r1v {

int64_t think_close_tokens(const Tokenizer& tokenizer) {
  return static_cast<int64_t>(tokenizer.encode("\n</think>\n\n", SpecialTokens::parse).size());
}

std::string ThinkingBudget::close_text() const {
  const size_t begun = partial_suffix(tail_, kThinkClose);
  const bool needs_line = begun == 0 && tail_.back() != '\n';
  return cat(needs_line ? "\n" : "", kThinkClose.substr(begun), "\n\n");
}

std::optional<std::string> ThinkingBudget::behind_close(std::string_view bytes) const {
  const std::string text = tail_ + std::string(bytes);
  const size_t close = is_thinking() ? text.find(kThinkClose) : std::string::npos;
  if (close == std::string::npos) return std::nullopt;
  return text.substr(close + kThinkClose.size());
}

void ThinkingBudget::push(std::string_view text, bool is_forced) {
  const bool was_thinking = is_thinking();
  splitter_.push(text);
  tail_ += text;
  tail_.erase(0, tail_.size() - std::min(tail_.size(), kThinkClose.size()));
  if (was_thinking && !is_thinking()) thinking_tokens_ -= tag_tokens_;
  tag_tokens_ = partial_suffix(tail_, kThinkClose) > 0 ? tag_tokens_ : 0;
  if (is_forced || !is_thinking()) return;
  ++thinking_tokens_;
  if (partial_suffix(tail_, kThinkClose) > 0) ++tag_tokens_;
}

}  // namespace r1v
